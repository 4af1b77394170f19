//! Bad input of every kind: each fault is told, none hides another, and nothing panics.

use super::*;
use crate::finding::Severity;
use crate::manifest::schema1::jws::Checked;
use crate::workflow::fetch::Received;

/// Validates an image of that config and these layers; each blob is what `find` says.
fn validated(config: &str, layers: &[String], find: impl Fn(&Digest) -> Option<Found>) -> Report {
    let image = image(config, layers);
    report(&inspect(&[&image, config]), find)
}

fn one_layer() -> [String; 1] {
    [descriptor(OCI_LAYER, &digest("layer"), 1_000)]
}

/// What failed or was warned of: the check's name and the finding's code.
fn against(report: &Report) -> Vec<(&'static str, &str)> {
    let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
    rows.filter(|row| row.outcome <= Outcome::Warning)
        .map(|row| (row.check.name(), row.code.as_deref().unwrap_or_default()))
        .collect()
}

#[test]
fn a_config_that_is_no_config_fails_and_its_layers_are_read_all_the_same() {
    for (bytes, code) in [
        ("no json at all", ""),
        ("[]", ""),
        (r#"{"os":1,"rootfs":"x"}"#, "config-type"),
        ("{}", "config-missing"),
        (
            r#"{"os":"linux","architecture":"amd64","rootfs":{"type":"Layers","diff_ids":[]}}"#,
            "rootfs-type",
        ),
    ] {
        let report = validated(bytes, &one_layer(), |_| Some(gzip("layer")));
        assert_eq!(report.verdict(), Verdict::Invalid, "{}", report.to_text());
        let against = against(&report);
        assert!(
            against.iter().any(|(check, found)| {
                ["config", "config-media-type", "rootfs-type"].contains(check)
                    && (code.is_empty() || *found == code)
            }),
            "{bytes}: {against:?}"
        );
        // Its bytes are those that are named, and so are the layer's.
        let passed = names(&report, Outcome::Passed);
        assert!(passed.contains(&"config-digest") && passed.contains(&"layer-digest"));
        assert!(!passed.contains(&"diff-id"), "{}", report.to_text());
    }
}

#[test]
fn a_config_of_other_bytes_says_nothing_of_the_image() {
    let (image, right) = ordinary();
    let other = right.replace("amd64", "arm64-and-longer");
    let mut inspection = inspect(&[&image]);
    at::update(&mut inspection, at::Msg::Retry);
    let msg = at::Msg::Received {
        generation: Generation(1),
        key: at::ContentKey::Config(Digest::sha256(right.as_bytes())),
        result: Ok(Received::local(other.as_bytes().into())),
    };
    at::update(&mut inspection, msg);
    let report = report(&inspection, |_| Some(gzip("layer")));
    // Both, and not only the first.
    let failed = names(&report, Outcome::Failed);
    assert_eq!(failed, ["config-digest", "config-size"]);
    let unchecked = names(&report, Outcome::NotChecked);
    assert!(unchecked.contains(&"diff-id") && unchecked.contains(&"layer-count"));
}

#[test]
fn a_size_that_is_too_small_or_too_large_fails_wherever_it_stands() {
    let (right, config) = ordinary();
    let of_layer = right.replace(":1000}", ":999}");
    let of_config =
        |size: usize| right.replace(&format!(":{}}}", config.len()), &format!(":{size}}}"));
    let (small, large) = (of_config(1), of_config(config.len() + 1));
    for (image, check) in [
        (&of_layer, "layer-size"),
        (&small, "config-size"),
        (&large, "config-size"),
    ] {
        assert_ne!(*image, right);
        let report = report(&inspect(&[image, &config]), |_| Some(gzip("layer")));
        assert_eq!(
            names(&report, Outcome::Failed),
            [check],
            "{}",
            report.to_text()
        );
    }
}

#[test]
fn a_child_of_another_type_than_is_stated_fails_at_its_type() {
    let (image, config) = ordinary();
    let oci = MediaType::OCI_MANIFEST;
    let stated = "application/vnd.docker.distribution.manifest.v2+json";
    let plain = index(&[&image]);
    let root = plain.replace(oci.as_str(), stated);
    let report = report(&inspect(&[&root, &image, &config]), |_| Some(gzip("layer")));
    let failed = names(&report, Outcome::Failed);
    assert_eq!(failed, ["manifest-media-type"], "{}", report.to_text());
    // The digest holds all the same.
    assert!(names(&report, Outcome::Passed).contains(&"manifest-digest"));
}

#[test]
fn a_child_that_is_an_artifact_is_judged_as_one() {
    let of_chart = r#"{"name":"chart"}"#;
    let helm = "application/vnd.cncf.helm.config.v1+json";
    let content = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    let chart = image(of_chart, &[descriptor(content, &digest("chart"), 5)])
        .replace(MediaType::OCI_CONFIG.as_str(), helm);
    let root = index(&[&chart]);
    let (inspection, _) = inspect_below(&[&root, &chart, of_chart]);
    let report = report(&inspection, |_| Some(found("chart")));
    assert_eq!(report.count(Outcome::Failed), 0, "{}", report.to_text());
    assert_eq!(report.count(Outcome::NotChecked), 0, "{}", report.to_text());
    let passed = names(&report, Outcome::Passed);
    assert!(passed.contains(&"config-digest") && passed.contains(&"layer-digest"));
    assert!(!passed.contains(&"layer-count") && !passed.contains(&"archive"));
}

#[test]
fn an_image_without_layers_and_a_layer_of_no_bytes_are_told() {
    let none = validated(&config(&[]), &[], |_| None);
    assert_eq!(none.verdict(), Verdict::Valid, "{}", none.to_text());
    let notes = names(&none, Outcome::Note);
    assert!(notes.contains(&"image-parts") && notes.contains(&"chain-ids"));

    let nothing = digest("");
    let layers = [descriptor(OCI_LAYER, &nothing, 0)];
    let empty = validated(&config(std::slice::from_ref(&nothing)), &layers, |_| {
        Some(Found {
            archive: Err("it is empty".into()),
            ..found("")
        })
    });
    assert_eq!(
        against(&empty),
        [
            ("archive", ""),
            ("descriptors", "empty-content"),
            ("layer-media-type", "")
        ],
        "{}",
        empty.to_text()
    );
}

#[test]
fn history_and_empty_layers_are_counted_by_what_made_a_layer() {
    let step = r#"{"created_by":"a"}"#;
    let empty = r#"{"created_by":"b","empty_layer":true}"#;
    for (steps, is_right) in [
        ([step, empty, empty].join(","), true),
        ([empty, step].join(","), true),
        (empty.to_owned(), false),
        ([step, step].join(","), false),
    ] {
        let of_steps = config(&[diff_id("layer")])
            .replace(r#""rootfs""#, &format!(r#""history":[{steps}],"rootfs""#));
        let report = validated(&of_steps, &one_layer(), |_| Some(gzip("layer")));
        let outcome = of_check(&report, Check::HistoryCount);
        let expected = if is_right {
            Outcome::Passed
        } else {
            Outcome::Warning
        };
        assert_eq!(outcome[0].0, expected, "{steps}: {outcome:?}");
    }
}

#[test]
fn embedded_data_passes_where_it_is_the_content_and_fails_where_it_is_not() {
    let (plain, config) = ordinary();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &config);
    let with = |data: &str| {
        plain.replacen(
            r#""config":{"#,
            &format!(r#""config":{{"data":"{data}","#),
            1,
        )
    };
    // The config is not served: it is here by its data.
    let right = report(&inspect(&[&with(&data)]), |_| Some(gzip("layer")));
    assert_eq!(right.verdict(), Verdict::Valid, "{}", right.to_text());
    assert!(names(&right, Outcome::Passed).contains(&"data"));
    for wrong in ["e30=", "not base64", ""] {
        let report = report(&inspect(&[&with(wrong), &config]), |_| Some(gzip("layer")));
        assert_eq!(
            names(&report, Outcome::Failed),
            ["data"],
            "{wrong}: {}",
            report.to_text()
        );
        assert!(names(&report, Outcome::Passed).contains(&"config-digest"));
    }
}

#[test]
fn annotations_of_a_wrong_form_are_told_each() {
    let (plain, config) = ordinary();
    let annotations = r#""annotations":{"":"x","org.opencontainers.image.created":"yesterday","org.opencontainers.mine":"x"},"config""#;
    let image = plain.replacen(r#""config""#, annotations, 1);
    let report = report(&inspect(&[&image, &config]), |_| Some(gzip("layer")));
    let told = of_check(&report, Check::Annotations);
    assert_eq!(told.len(), 3, "{}", report.to_text());
    assert!(told.iter().all(|(outcome, _)| *outcome < Outcome::Passed));
}

#[test]
fn tables_of_contents_of_two_kinds_and_of_no_digest_are_told() {
    let (plain, config) = ordinary();
    let toc = digest("toc");
    let with = |annotations: &str| {
        plain.replace(
            r#""size":1000"#,
            &format!(r#""size":1000,"annotations":{{{annotations}}}"#),
        )
    };
    let stargz = format!(r#""containerd.io/snapshot/stargz/toc.digest":"{toc}""#);
    let chunked = format!(r#""io.github.containers.zstd-chunked.manifest-checksum":"{toc}""#);
    let both = with(&[&*stargz, &chunked].join(","));
    let of_both = report(&inspect(&[&both, &config]), |_| Some(gzip("layer")));
    assert_eq!(names(&of_both, Outcome::Failed), ["table-of-contents"]);
    let no_digest = with(r#""containerd.io/snapshot/stargz/toc.digest":"none""#);
    let of_none = report(&inspect(&[&no_digest, &config]), |_| Some(gzip("layer")));
    assert_eq!(names(&of_none, Outcome::Warning), ["table-of-contents"]);
}

/// What came of a table decides, and what differs is told at its path.
#[test]
fn a_table_of_contents_is_judged_by_what_came_of_it() {
    let (plain, config) = ordinary();
    let toc = digest("toc");
    let announced = format!(
        r#""size":1000,"annotations":{{"containerd.io/snapshot/stargz/toc.digest":"{toc}"}}"#
    );
    let image = plain.replace(r#""size":1000"#, &announced);
    let inspection = inspect(&[&image, &config]);
    let [plan] = &Plan::of(&inspection).images[..] else {
        panic!("one image");
    };
    assert!(Total::of([plan]).blobs[0].contents, "contents are hashed");
    let compared = || TableFound::Compared {
        digest: toc.clone(),
        entries: 12,
    };
    let finding = |code: &str, severity| ContentFinding {
        code: code.into(),
        severity,
        path: "bin/su".into(),
        message: "its mode is 4755 in the table, 0755 in the archive".into(),
    };
    for (found, finding, outcomes) in [
        (Some(compared()), None, vec![Outcome::Passed]),
        (
            Some(compared()),
            Some(finding("toc-differs", Severity::Error)),
            vec![Outcome::Failed],
        ),
        (
            Some(compared()),
            Some(finding("toc-not-compared", Severity::Note)),
            vec![Outcome::NotChecked],
        ),
        (
            Some(TableFound::Wrong("another digest".into())),
            None,
            vec![Outcome::Failed],
        ),
        (
            Some(TableFound::NotHere("no answer".into())),
            None,
            vec![Outcome::NotChecked],
        ),
        (None, None, vec![Outcome::NotChecked]),
    ] {
        let mut contents = nothing_found(&inspection);
        let manifest = plan.manifest.clone().expect("a digest");
        let findings = finding.iter().cloned().collect();
        contents.of_images.insert(manifest.clone(), vec![findings]);
        contents.of_tables.insert(manifest, vec![found.clone()]);
        let layers = read(&inspection, |_| Some(gzip("layer")));
        let report = Report::of(&inspection, &layers, &contents, &|_| true);
        let told = of_check(&report, Check::Table);
        let told: Vec<_> = told.iter().map(|(outcome, _)| *outcome).collect();
        assert_eq!(told, outcomes, "{found:?} {finding:?}");
        let is_at_path =
            |row: &&Row| matches!(&row.place, Place::Layer { path, .. } if path == "bin/su");
        let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
        assert_eq!(
            rows.filter(is_at_path).count(),
            usize::from(finding.is_some())
        );
    }
}

/// Edge case 13: the table of eStargz stands behind the archive's end.
#[test]
fn data_behind_the_end_of_an_estargz_layer_are_no_finding() {
    let (plain, config) = ordinary();
    let announced = format!(
        r#""size":1000,"annotations":{{"containerd.io/snapshot/stargz/toc.digest":"{}"}}"#,
        digest("toc")
    );
    for (image, notes) in [(plain.replace(r#""size":1000"#, &announced), 0), (plain, 1)] {
        let inspection = inspect(&[&image, &config]);
        let mut contents = nothing_found(&inspection);
        for all in contents.of_layers.values_mut() {
            all.push(ContentFinding {
                code: "data-behind-end".into(),
                severity: crate::finding::Severity::Note,
                path: String::new(),
                message: "10,240 bytes".into(),
            });
        }
        let layers = read(&inspection, |_| Some(gzip("layer")));
        let report = Report::of(&inspection, &layers, &contents, &|_| true);
        let told = of_check(&report, Check::ArchiveEnd);
        let told = told.iter().filter(|(outcome, _)| *outcome == Outcome::Note);
        assert_eq!(told.count(), notes, "{}", report.to_text());
    }
}

#[test]
fn a_list_tells_every_fault_of_every_entry() {
    let (image, config) = ordinary();
    let size = format!("\"size\":{}", image.len());
    let two = index(&[&image, "gone"]);
    let platform = r#","platform":{"os":"linux","architecture":"s390x"}"#;
    let first = two.replacen(&size, &format!("\"size\":3{platform}"), 1);
    // An entry of no digest, and one of no type.
    let root = first.replacen(
        "\"manifests\":[",
        r#""manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:short","size":1},"#,
        1,
    );
    let report = report(&inspect(&[&root, &image, &config]), |_| {
        Some(Found {
            digest: digest("other"),
            size: 7,
            diff_id: Ok(digest("x")),
            trailing: 8,
            ..gzip("layer")
        })
    });
    let failed = names(&report, Outcome::Failed);
    for check in [
        "descriptors",
        "manifest-size",
        "platform",
        "layer-digest",
        "layer-size",
        "diff-id",
    ] {
        assert!(failed.contains(&check), "{check}: {}", report.to_text());
    }
    assert!(names(&report, Outcome::Warning).contains(&"archive-end"));
    // What is told in one form is told in all of them.
    let (text, json) = (report.to_text(), report.to_json());
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let written = json["subjects"].as_array().expect("subjects").iter();
    let written: usize = written
        .map(|subject| subject["checks"].as_array().expect("checks").len())
        .sum();
    let rows: Vec<_> = report.subjects.iter().flat_map(|it| &it.rows).collect();
    assert_eq!(written, rows.len());
    for row in rows {
        assert!(text.contains(&row.line()), "{}", row.line());
    }
    let counted: u64 = ["failed", "warning", "notChecked", "note", "passed"]
        .iter()
        .map(|name| json["counts"][name].as_u64().expect("a count"))
        .sum();
    assert_eq!(counted, written as u64);
}

#[test]
fn a_child_that_is_no_manifest_fails_and_its_siblings_are_judged() {
    let (image, config) = ordinary();
    let html = "<html>sign in</html>";
    let root = index(&[html, &image]);
    let report = report(&inspect(&[&root, html, &image, &config]), |_| {
        Some(gzip("layer"))
    });
    let failed: Vec<_> = report.subjects[1]
        .rows
        .iter()
        .filter(|row| row.outcome == Outcome::Failed)
        .collect();
    assert!(!failed.is_empty(), "{}", report.to_text());
    assert!(
        report.subjects[2]
            .rows
            .iter()
            .all(|row| row.outcome != Outcome::Failed)
    );
}

#[test]
fn signed_schema_1_waits_for_its_signatures_and_then_says_what_came_of_them() {
    let text = String::from_utf8(at::tests::signatures::signed()).expect("text");
    let mut inspection = inspect(&[&text]);
    let waiting = report(&inspection, |_| Some(gzip("layer")));
    let unchecked = names(&waiting, Outcome::NotChecked);
    assert!(unchecked.contains(&"schema1"), "{}", waiting.to_text());
    let Current::Image(node, _) = inspection.current() else {
        panic!("no image");
    };
    let signed = std::rc::Rc::clone(node.signed().expect("signatures"));
    for (result, outcome) in [
        (Checked::Holds, Outcome::Passed),
        (Checked::DoesNotHold, Outcome::Failed),
    ] {
        let msg = at::Msg::SignaturesChecked {
            key: at::ContentKey::Root,
            signed: std::rc::Rc::clone(&signed),
            results: vec![result],
        };
        at::update(&mut inspection, msg);
        let report = report(&inspection, |_| Some(gzip("layer")));
        assert!(
            names(&report, outcome).contains(&"schema1"),
            "{}",
            report.to_text()
        );
    }
    let broken = text
        .replace("formatLength", "formatLenght")
        .replace("protected", "protekted");
    let report = report(&inspect(&[&broken]), |_| Some(gzip("layer")));
    assert_eq!(report.verdict(), Verdict::Invalid, "{}", report.to_text());
}

#[test]
fn a_list_of_2_000_images_is_judged_whole() {
    let config = config(&[diff_id("layer")]);
    let images: Vec<_> = (0..2_000)
        .map(|number| {
            let layer = descriptor(OCI_LAYER, &digest("layer"), 1_000);
            image(&config, &[layer]).replacen(
                '{',
                &format!(r#"{{"annotations":{{"n":"{number}"}},"#),
                1,
            )
        })
        .collect();
    let images: Vec<_> = images.iter().map(String::as_str).collect();
    let inner = index(&images);
    let root = index(&[&inner]);
    let mut contents: Vec<&str> = vec![&root, &inner, &config];
    contents.extend(&images);
    let known: BTreeMap<Digest, &str> = contents
        .iter()
        .map(|text| (Digest::sha256(text.as_bytes()), *text))
        .collect();
    let target = InspectTarget::Bundle {
        name: "test".into(),
        expected: None,
    };
    let (mut model, effects) = Inspection::open(target, Vec::new(), Generation(1));
    let mut waiting = effects;
    loop {
        while let Some(effect) = waiting.pop() {
            let at::Effect::Fetch {
                generation, key, ..
            } = effect
            else {
                continue;
            };
            let text = match &key {
                at::ContentKey::Root => &*root,
                at::ContentKey::Child(digest) | at::ContentKey::Config(digest) => known[digest],
            };
            let result = Ok(Received::local(text.as_bytes().into()));
            waiting.extend(at::update(
                &mut model,
                at::Msg::Received {
                    generation,
                    key,
                    result,
                },
            ));
        }
        let Current::List(_, list) = model.current() else {
            panic!("no list")
        };
        let Some(more) = Below::of(&model, list).missing(&model, true) else {
            break;
        };
        waiting = at::update(&mut model, more);
    }
    let report = report(&model, |_| Some(gzip("layer")));
    assert_eq!(report.subjects.len(), 2_002);
    assert_eq!(report.verdict(), Verdict::Valid, "{}", report.sentence());
}
