use super::*;

fn statement(predicate_type: &str, predicate: &str) -> String {
    let hex = Digest::sha256(b"image").encoded().to_owned();
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"app","digest":{{"sha256":"{hex}"}}}}],"predicateType":"{predicate_type}","predicate":{predicate}}}"#
    )
}

fn of(predicate_type: &str, predicate: &str) -> Document {
    read(
        statement(predicate_type, predicate).as_bytes(),
        "application/vnd.in-toto+json",
    )
}

fn dsse(payload: &str, signatures: usize) -> String {
    let signature = r#"{"keyid":"k","sig":"AA=="}"#;
    format!(
        r#"{{"payloadType":"application/vnd.in-toto+json","payload":"{}","signatures":[{}]}}"#,
        crate::base64::encode(payload.as_bytes()),
        vec![signature; signatures].join(",")
    )
}

/// The value of a fact, wherever it stands.
fn fact<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    let facts = document.sections.iter().flat_map(|section| &section.facts);
    facts
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn a_bare_statement_is_said_to_be_unsigned_and_is_held_against_its_image() {
    let document = of("https://slsa.dev/provenance/v1", "{}");
    assert_eq!(document.signed, Signed::Not);
    assert_eq!(
        document.predicate.as_deref(),
        Some("https://slsa.dev/provenance/v1")
    );
    let claim = document.claim.expect("a claim");
    assert_eq!(claim.compare(&Digest::sha256(b"image")), Compared::Same);
    assert_eq!(claim.compare(&Digest::sha256(b"another")), Compared::Other);
    let sha512 = Digest::compute(crate::digest::Algorithm::Sha512, b"image");
    assert_eq!(claim.compare(&sha512), Compared::Unnamed);
}

#[test]
fn the_old_statement_is_read_too() {
    let old = statement("https://slsa.dev/provenance/v0.2", "{}")
        .replace("Statement/v1", "Statement/v0.1");
    let document = read(old.as_bytes(), "");
    assert_eq!(document.wrapped_in, ["in-toto statement v0.1"]);
    assert_eq!(document.title, "SLSA provenance 0.2");
}

#[test]
fn provenance_1_of_buildkit_tells_source_arguments_and_dockerfile() {
    let dockerfile = crate::base64::encode(b"FROM scratch\n");
    let predicate = format!(
        r#"{{"buildDefinition":{{"buildType":"https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
        "externalParameters":{{"configSource":{{"uri":"https://example.com/app.git#main","digest":{{"sha1":"abc"}},"path":"Dockerfile"}},
        "request":{{"frontend":"dockerfile.v0","args":{{"build-arg:VERSION":"1.2","target":"release"}}}}}},
        "resolvedDependencies":[{{"uri":"pkg:docker/alpine@3.20","digest":{{"sha256":"00"}}}}]}},
        "runDetails":{{"builder":{{"id":"https://builder.example"}},"metadata":{{"invocationId":"i1","startedOn":"2026-01-02T03:04:05Z",
        "buildkit_metadata":{{"vcs":{{"source":"https://example.com/app.git","revision":"c0ffee"}},
        "source":{{"infos":[{{"filename":"Dockerfile","data":"{dockerfile}"}}]}}}}}}}}}}"#
    );
    let document = of("https://slsa.dev/provenance/v1", &predicate);
    assert_eq!(document.title, "SLSA provenance 1");
    assert_eq!(fact(&document, "builder"), Some("https://builder.example"));
    assert_eq!(
        fact(&document, "source"),
        Some("https://example.com/app.git#main")
    );
    assert_eq!(
        fact(&document, "commit, as the client told"),
        Some("c0ffee")
    );
    assert_eq!(fact(&document, "VERSION"), Some("1.2"));
    assert_eq!(fact(&document, "request.args.target"), Some("release"));
    assert_eq!(
        document.texts,
        [("Dockerfile".to_owned(), "FROM scratch\n".to_owned())]
    );
    assert_eq!(
        document.tables[0].rows,
        [["pkg:docker/alpine@3.20", "sha256:00"]]
    );
}

#[test]
fn provenance_of_github_tells_its_workflow_and_commit() {
    let predicate = r#"{"buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters":{"workflow":{"ref":"refs/heads/main","repository":"https://github.com/o/r","path":".github/workflows/a.yml"}},
        "resolvedDependencies":[{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{"gitCommit":"c0ffee"}}]},
        "runDetails":{"builder":{"id":"https://github.com/actions/runner/github-hosted"}}}"#;
    let document = of("https://slsa.dev/provenance/v1", predicate);
    assert_eq!(
        fact(&document, "repository"),
        Some("https://github.com/o/r")
    );
    assert_eq!(fact(&document, "commit"), Some("c0ffee"));
}

#[test]
fn provenance_02_tells_the_same_by_its_own_names() {
    let predicate = r#"{"builder":{"id":"b"},"buildType":"t","invocation":{"configSource":{"uri":"u","digest":{"sha1":"d"},"entryPoint":"Dockerfile"},
        "parameters":{"args":{"build-arg:A":"1"}},"environment":{"platform":"linux/amd64"}},
        "materials":[{"uri":"pkg:docker/alpine@3","digest":{"sha256":"00"}}],
        "metadata":{"buildStartedOn":"2026-01-02T03:04:05Z","https://mobyproject.org/buildkit@v1#metadata":{"vcs":{"revision":"c0ffee"}}}}"#;
    let document = of("https://slsa.dev/provenance/v0.2", predicate);
    let facts = [
        "builder",
        "source",
        "digest",
        "A",
        "platform",
        "commit, as the client told",
    ];
    let told = facts.map(|name| fact(&document, name).unwrap_or_default());
    assert_eq!(told, ["b", "u", "sha1:d", "1", "linux/amd64", "c0ffee"]);
    assert_eq!(document.tables[0].of, Listing::Material);
}

#[test]
fn packages_of_all_three_lists_are_one_table() {
    let spdx2 = r#"{"spdxVersion":"SPDX-2.3","name":"app","creationInfo":{"created":"2026-01-02T03:04:05Z","creators":["Tool: syft-1"]},
        "packages":[{"name":"zlib","versionInfo":"1.3","licenseConcluded":"NOASSERTION","licenseDeclared":"Zlib",
        "externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/zlib@1.3"}]}]}"#;
    let spdx3 = r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
        {"type":"CreationInfo","specVersion":"3.0.1","created":"2026-01-02T03:04:05Z"},
        {"type":"software_Package","spdxId":"p","name":"zlib","software_packageVersion":"1.3","software_packageUrl":"pkg:deb/zlib@1.3"},
        {"type":"simplelicensing_LicenseExpression","spdxId":"l","simplelicensing_licenseExpression":"Zlib"},
        {"type":"Relationship","relationshipType":"hasDeclaredLicense","from":"p","to":["l"]}]}"#;
    let cyclonedx = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"tools":{"components":[{"name":"trivy","version":"1"}]}},
        "components":[{"type":"os","name":"debian","components":[{"name":"zlib","version":"1.3","purl":"pkg:deb/zlib@1.3","licenses":[{"license":{"id":"Zlib"}}]}]}]}"#;
    let row = ["zlib", "1.3", "Zlib", "pkg:deb/zlib@1.3"];
    for (text, title, rows) in [
        (spdx2, "SPDX 2.3", 1),
        (spdx3, "SPDX 3.0.1", 1),
        (cyclonedx, "CycloneDX 1.5", 2),
    ] {
        let document = read(text.as_bytes(), "");
        assert_eq!(document.title, title);
        let table = &document.tables[0];
        assert_eq!((table.of, table.rows.len()), (Listing::Package, rows));
        assert!(
            table.rows.iter().any(|it| *it == row),
            "{title}: {:?}",
            table.rows
        );
        let counts = table.counts.as_ref().expect("counts");
        assert_eq!((counts.column, counts.beyond), (2, 0));
        assert!(counts.values.contains(&("Zlib".to_owned(), 1)));
        assert_eq!(table.search("ZLIB 1.3", 0..rows), [rows - 1]);
        assert_eq!(table.search("nothing", 0..rows), [0; 0]);
    }
    // The same inside of a statement.
    let inside = of("https://spdx.dev/Document", spdx2);
    assert_eq!(
        (inside.title.as_str(), inside.tables[0].rows.len()),
        ("SPDX 2.3", 1)
    );
    // As Go's programs of old wrote it.
    let old = of(
        "https://cyclonedx.org/bom",
        &format!(r#"{{"Data":{cyclonedx}}}"#),
    );
    assert_eq!(old.title, "CycloneDX 1.5");
}

#[test]
fn reports_tell_their_result_and_are_never_only_a_signature() {
    let document = of(
        "https://in-toto.io/attestation/test-result/v0.1",
        r#"{"result":"FAILED","failedTests":["a","b"]}"#,
    );
    assert_eq!(document.title, "test result FAILED");
    assert_eq!(fact(&document, "failed"), Some("a, b"));
    let document = of(
        "https://slsa.dev/verification_summary/v1",
        r#"{"verifier":{"id":"v"},"verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"]}"#,
    );
    assert_eq!(document.title, "verification summary PASSED");
    let document = of(
        "https://cosign.sigstore.dev/attestation/vuln/v1",
        r#"{"scanner":{"uri":"trivy","result":{"Results":[{"Vulnerabilities":[{"Severity":"HIGH"},{"Severity":"HIGH"},{"Severity":"LOW"}]}]}},"metadata":{"scanFinishedOn":"2026-01-02T03:04:05Z"}}"#,
    );
    assert_eq!(
        (fact(&document, "HIGH"), fact(&document, "LOW")),
        (Some("2"), Some("1"))
    );
    let document = of(
        "https://in-toto.io/attestation/vulns/v0.2",
        r#"{"scanner":{"uri":"s","result":[{"id":"CVE-1","severity":[{"method":"nvd","score":"9.8"}]}]}}"#,
    );
    assert_eq!(fact(&document, "9.8"), Some("1"));
    let document = of(
        "https://openvex.dev/ns/v0.2.0",
        r#"{"author":"a","statements":[{"vulnerability":{"name":"CVE-1"},"products":[{"@id":"pkg:x"}],"status":"not_affected"},
        {"vulnerability":"CVE-2","status":"fixed"}]}"#,
    );
    assert_eq!(
        document.tables[0].rows[0][..4],
        ["CVE-1", "not_affected", "", "pkg:x"]
    );
    assert_eq!(document.tables[0].rows[1][0], "CVE-2");
    assert_eq!(
        document.findings,
        ["1 with the status not_affected and no justification"]
    );
}

#[test]
fn an_envelope_is_opened_in_either_alphabet_of_base64() {
    let payload = statement("https://sigstore.dev/cosign/sign/v1", r#"{"a":"???>>>"}"#);
    let standard = dsse(&payload, 1);
    let urlsafe = standard.replace(
        &crate::base64::encode(payload.as_bytes()),
        &crate::base64::encode_for_url(payload.as_bytes()),
    );
    assert_ne!(standard, urlsafe);
    for text in [standard, urlsafe] {
        let document = read(text.as_bytes(), "application/vnd.dsse.envelope.v1+json");
        assert_eq!(
            document.wrapped_in,
            ["DSSE envelope", "in-toto statement v1"]
        );
        assert_eq!(document.title, "cosign signature of an image");
        assert_eq!(document.signed, Signed::By(1));
        assert_eq!(document.inner.as_deref(), Some(payload.as_bytes()));
        assert_eq!(document.findings, [""; 0]);
    }
    let broken = r#"{"payloadType":"x","payload":"+-","signatures":[]}"#;
    let document = read(broken.as_bytes(), "");
    assert_eq!(
        document.findings,
        ["the envelope has no signature", "the payload is no base64"]
    );
}

#[test]
fn a_bundle_is_decoded_and_what_is_odd_in_it_is_said() {
    let payload = statement("https://slsa.dev/provenance/v1", "{}");
    let bundle = |version: &str, material: &str, signatures| {
        let envelope = dsse(&payload, signatures);
        let text = format!(
            r#"{{"mediaType":"application/vnd.dev.sigstore.bundle{version}","verificationMaterial":{{{material},"tlogEntries":[{{"logIndex":"7","kindVersion":{{"kind":"dsse"}},"integratedTime":"1700000000"}}]}},"dsseEnvelope":{envelope}}}"#
        );
        read(
            text.as_bytes(),
            "application/vnd.dev.sigstore.bundle.v0.3+json",
        )
    };
    let certificate = r#""certificate":{"rawBytes":"AA=="}"#;
    let good = bundle(".v0.3+json", certificate, 1);
    assert_eq!(
        good.wrapped_in,
        ["sigstore bundle", "DSSE envelope", "in-toto statement v1"]
    );
    assert_eq!(
        (good.title.as_str(), good.signed),
        ("SLSA provenance 1", Signed::By(1))
    );
    assert_eq!(good.findings, [""; 0]);
    assert_eq!(fact(&good, "log entry"), Some("7"));
    assert_eq!(
        bundle(".v0.4+json", certificate, 1).findings,
        [
            r#"a bundle of the version "application/vnd.dev.sigstore.bundle.v0.4+json", which is not known here"#
        ]
    );
    let chain = r#""x509CertificateChain":{"certificates":[{},{}]}"#;
    assert_eq!(
        bundle(".v0.3+json", chain, 1).findings,
        ["version 0.3 has one certificate, this one has a chain of them"]
    );
    assert_eq!(
        bundle(".v0.3+json", certificate, 2).findings,
        ["a bundle has one signature in its envelope, this one 2"]
    );
}

#[test]
fn a_payload_of_cosign_says_for_what_it_was_signed_and_what_is_ambiguous() {
    let digest = Digest::sha256(b"image");
    let payload = |more: &str| {
        format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"r.example/app"}},"image":{{{more}"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#
        )
    };
    let document = read(
        payload("").as_bytes(),
        "application/vnd.dev.cosign.simplesigning.v1+json",
    );
    assert_eq!(document.signed, Signed::Payload);
    assert_eq!(fact(&document, "reference"), Some("r.example/app"));
    assert_eq!(document.findings, [""; 0]);
    assert_eq!(
        document.claim.expect("a claim").compare(&digest),
        Compared::Same
    );
    let other = Digest::sha256(b"another");
    let twice = payload(&format!(r#""Docker-Manifest-Digest":"{other}","#));
    let document = read(twice.as_bytes(), "");
    assert_eq!(
        document.claim.expect("a claim").compare(&digest),
        Compared::Ambiguous
    );
    assert_eq!(document.findings.len(), 2, "{:?}", document.findings);
    let wrong = read(br#"{"critical":{"type":"x"}}"#, "");
    assert_eq!(wrong.findings.len(), 2);
    assert_eq!(
        wrong.claim.expect("a claim").compare(&digest),
        Compared::Unnamed
    );
}

#[test]
fn notation_and_openpgp_are_named() {
    let digest = Digest::sha256(b"image");
    let url = |text: &str| crate::base64::encode_for_url(text.as_bytes());
    let jws = format!(
        r#"{{"payload":"{}","protected":"{}","header":{{"x5c":["AA=="]}},"signature":"AA"}}"#,
        url(&format!(
            r#"{{"targetArtifact":{{"mediaType":"m","digest":"{digest}","size":1}}}}"#
        )),
        url(
            r#"{"alg":"PS256","crit":["io.cncf.notary.signingScheme"],"io.cncf.notary.signingScheme":"notary.x509"}"#
        ),
    );
    let document = read(jws.as_bytes(), "application/jose+json");
    assert_eq!(
        (document.title.as_str(), document.signed),
        ("notation signature", Signed::By(1))
    );
    assert_eq!(fact(&document, "scheme"), Some("notary.x509"));
    assert_eq!(
        document.claim.expect("a claim").compare(&digest),
        Compared::Same
    );
    let cose = read(&[0xd2, 0x84, 0xff], "application/cose");
    assert_eq!(
        (cose.title.as_str(), cose.form),
        ("notation signature (COSE)", Form::Binary)
    );
    let message = read(b"-----BEGIN PGP MESSAGE-----\n", "");
    assert_eq!(message.title, "OpenPGP message, as simple signing has it");
}

#[test]
fn a_chart_and_what_nobody_knows_are_shown_as_what_they_are() {
    let chart = read(
        br#"{"name":"app","version":"1.0.0","appVersion":"2","dependencies":[{"name":"db","version":"1","repository":"oci://r"}]}"#,
        "application/vnd.cncf.helm.config.v1+json",
    );
    assert_eq!(
        (chart.title.as_str(), fact(&chart, "name")),
        ("Helm chart", Some("app"))
    );
    assert_eq!(chart.tables[0].rows, [["db", "1", "oci://r"]]);
    for (bytes, title, form) in [
        (&b"{\"a\":1}"[..], "JSON", Form::Json),
        (b"plain", "text", Form::Text),
        (b"[1]", "text", Form::Text),
        (b"\0\xff\xfe", "bytes that are no text", Form::Binary),
        (b"", "nothing", Form::Text),
        (b"<!doctype html><p>", "HTML page", Form::Text),
    ] {
        let document = read(bytes, "");
        assert_eq!(
            (document.title.as_str(), document.form),
            (title, form),
            "{bytes:?}"
        );
    }
    let unknown = of("https://example.com/mine", r#"{"a":{"b":[1,true]}}"#);
    assert_eq!(unknown.title, "statement of a type that is not known here");
    assert_eq!(fact(&unknown, "a.b.1"), Some("true"));
}

#[test]
fn what_is_hostile_is_cut_and_counted() {
    let long = "x".repeat(5_000_000);
    let document = of(&long, &format!(r#"{{"{long}":"{long}"}}"#));
    assert!(document.predicate.expect("a predicate").chars().count() <= 1_001);
    let (name, value) = &document.sections[0].facts[0];
    assert!(name.chars().count() <= 1_001 && value.chars().count() <= 1_001);
    // A million signatures, and envelopes in envelopes.
    let many = dsse("{}", 200_000);
    let document = read(many.as_bytes(), "");
    assert_eq!(document.signed, Signed::By(200_000));
    assert!(document.sections[0].facts.len() <= 20);
    let mut nested = "{}".to_owned();
    for _ in 0..10 {
        nested = dsse(&nested, 1);
    }
    let document = read(nested.as_bytes(), "");
    assert_eq!(
        (document.title.as_str(), document.wrapped_in.len()),
        ("JSON", WRAPPED)
    );
    let packages = vec![r#"{"name":"p"}"#; limits::DOCUMENT_ROWS + 5].join(",");
    let document = read(
        format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}"#).as_bytes(),
        "",
    );
    assert_eq!(document.tables[0].beyond, 5);
}

/// Whatever is cut off, or stands where it does not belong: nothing panics, and every text stays short.
#[test]
fn any_bytes_are_a_document() {
    let bundle = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{{"certificate":{{"rawBytes":"AA=="}},"tlogEntries":[{{"logIndex":1}}]}},"dsseEnvelope":{}}}"#,
        dsse(
            &statement(
                "https://slsa.dev/provenance/v1",
                r#"{"buildDefinition":{"externalParameters":{"a":[1,{"b":null}]},"resolvedDependencies":[{"uri":"u"}]},"runDetails":{}}"#
            ),
            2
        )
    );
    let samples = [
        bundle,
        dsse(r#"{"critical":{"image":{"docker-manifest-digest":"sha256:0"}},"optional":{"a":"b"}}"#, 1),
        r#"{"bomFormat":"CycloneDX","components":[{"components":[{"licenses":[{"expression":"MIT"}]}]}]}"#.to_owned(),
        r#"{"@context":"https://spdx.org/rdf/3.0.1/x","@graph":[{"type":"software_Package"}]}"#.to_owned(),
        r#"{"payload":"e30","protected":"e30","signature":"","header":{}}"#.to_owned(),
        statement("https://openvex.dev/ns", r#"{"statements":[{"products":["a",{"@id":"b"}]}]}"#),
    ];
    let types = [
        "",
        "application/cose",
        "application/pgp",
        "application/vnd.cncf.helm.config.v1+json",
    ];
    let looks = |bytes: &[u8]| {
        for media_type in types {
            let document = read(bytes, media_type);
            assert!(!document.title.is_empty() && document.title.len() < 5_000);
            let facts = document.sections.iter().flat_map(|section| &section.facts);
            let cells = document
                .tables
                .iter()
                .flat_map(|table| &table.rows)
                .flatten();
            let texts = facts.flat_map(|(name, value)| [name, value]).chain(cells);
            assert!(texts.into_iter().all(|text| text.chars().count() <= 5_000));
        }
    };
    for sample in samples {
        for end in 0..=sample.len() {
            looks(&sample.as_bytes()[..end]);
        }
        for (from, to) in [
            ("[", "{"),
            ("{", "["),
            ("\"", "7"),
            (":", ","),
            ("a", "\u{202e}"),
        ] {
            looks(sample.replace(from, to).as_bytes());
        }
        for wrong in ["null", "7", "\"\"", "[]", "{}", "[null]", "[[]]"] {
            for place in sample.match_indices(':').map(|(place, _)| place) {
                let (before, behind) = sample.split_at(place + 1);
                let rest = behind.find([',', '}']).unwrap_or_default();
                looks([before, wrong, behind.split_at(rest).1].concat().as_bytes());
            }
        }
    }
}
