use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::finding::{Code, Severity};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::schema1::Signed;
use crate::manifest::schema1::jws::Checked;
use crate::manifest::schema1::jws::NotChecked;
use crate::verify::Verdict;
use crate::view::{CustodyStepKind, Status};
use crate::workflow::fetch::Generation;
use crate::workflow::fetch::{Failure, Received};

/// A registry of one repository, held in a map: what the runner of effects does, without a network.
#[derive(Default)]
struct Contents(BTreeMap<Digest, Vec<u8>>);

impl Contents {
    fn add(&mut self, json: &str) -> Digest {
        let digest = Digest::sha256(json.as_bytes());
        self.0.insert(digest.clone(), json.as_bytes().to_vec());
        digest
    }

    fn size(&self, digest: &Digest) -> usize {
        self.0[digest].len()
    }

    fn answer(&self, root: &Digest, key: &ContentKey) -> Result<Received, Failure> {
        let digest = match key {
            ContentKey::Root => root,
            ContentKey::Child(digest) | ContentKey::Config(digest) => digest,
        };
        let bytes = self.0.get(digest).ok_or(Failure::NotBundled)?;
        Ok(Received {
            docker_content_digest: Some(digest.to_string()),
            ..Received::local(bytes.as_slice().into())
        })
    }

    /// Adds an image for a platform and gives its entry in a list.
    fn image(&mut self, architecture: &str) -> String {
        let platform = format!(r#"{{"architecture":"{architecture}","os":"linux"}}"#);
        let config = platform.replace('}', r#","rootfs":{"type":"layers","diff_ids":[]}}"#);
        self.image_of(&config, &platform)
    }

    /// Adds an image of that config, and gives its entry in a list that states that platform.
    fn image_of(&mut self, config: &str, platform: &str) -> String {
        let config = self.add(config);
        let manifest = self.add(&format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{config}","size":{}}},"layers":[]}}"#,
            MediaType::OCI_MANIFEST,
            MediaType::OCI_CONFIG,
            self.size(&config)
        ));
        format!(
            r#"{{"mediaType":"{}","digest":"{manifest}","size":{},"platform":{platform}}}"#,
            MediaType::OCI_MANIFEST,
            self.size(&manifest)
        )
    }

    fn index(&mut self, entries: &[String]) -> Digest {
        self.add(&format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#,
            MediaType::OCI_INDEX,
            entries.join(",")
        ))
    }

    /// Opens the root and answers every fetch; gives the model and every key in the order it was asked for.
    fn run(&self, root: &Digest, path: Vec<Digest>) -> (Model, Vec<ContentKey>) {
        let (mut model, effects) = Model::open(tagged(), path, Generation(1));
        let keys = self.finish(root, &mut model, effects);
        (model, keys)
    }

    fn finish(&self, root: &Digest, model: &mut Model, effects: Vec<Effect>) -> Vec<ContentKey> {
        let mut todo: VecDeque<Effect> = effects.into();
        let mut keys = Vec::new();
        while let Some(effect) = todo.pop_front() {
            if let Effect::Fetch {
                generation, key, ..
            } = effect
            {
                keys.push(key.clone());
                let result = self.answer(root, &key);
                todo.extend(update(
                    model,
                    Msg::Received {
                        generation,
                        key,
                        result,
                    },
                ));
            }
        }
        keys
    }
}

fn tagged() -> InspectTarget {
    InspectTarget::Registry("registry.example/app:1".parse().expect("a reference"))
}

#[test]
fn an_index_fetches_its_children_side_by_side_then_their_configs() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..20)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (mut model, effects) = Model::open(tagged(), Vec::new(), Generation(1));
    assert_eq!(effects.len(), 1);
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: contents.answer(&root, &ContentKey::Root),
        },
    );
    assert_eq!(effects.len(), limits::REQUESTS_AT_ONCE);
    let keys = contents.finish(&root, &mut model, effects);
    assert_eq!(keys.len(), 40);
    assert_eq!(model.pending(), 0);
    let summary = model.summary();
    assert_eq!(
        summary.title,
        "registry.example/app:1 is an OCI image index for 20 platforms"
    );
    assert_eq!(
        summary.detail,
        "Its bytes hash to the digest the registry named."
    );
    assert_eq!(
        (summary.stamp.status, summary.stamp.small.as_str()),
        (Status::Verified, "all 21 manifests")
    );
}

#[test]
fn one_image_of_an_index_costs_three_fetches() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..8)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (model, _) = contents.run(&root, Vec::new());
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    let digest = list.entries[3].digest.clone().expect("a digest");
    let (model, keys) = contents.run(&root, vec![digest]);
    assert_eq!(keys.len(), 3);
    let summary = model.summary();
    assert_eq!(
        summary.title,
        "linux/a3 of registry.example/app:1 is an OCI image in 0 layers"
    );
    assert_eq!(
        summary.detail,
        "Its bytes hash to the digest the list names, as the registry said."
    );
    let kinds: Vec<_> = model
        .custody()
        .iter()
        .map(|stop| (stop.kind, stop.status))
        .collect();
    assert_eq!(
        kinds,
        [
            (CustodyStepKind::Asked, Status::Unchecked),
            (CustodyStepKind::Above(0), Status::Verified),
            (CustodyStepKind::Manifest, Status::Verified),
            (CustodyStepKind::Config, Status::Verified),
            (CustodyStepKind::Layers, Status::Unchecked),
        ]
    );
}

#[test]
fn a_missing_and_a_wrong_child_mark_their_rows_and_no_other() {
    let mut contents = Contents::default();
    let entries = [
        contents.image("a"),
        contents.image("b"),
        contents.image("c"),
    ];
    let root = contents.index(&entries);
    let digest = |model: &Model, index: usize| {
        let Current::List(_, list) = model.current() else {
            panic!("a list")
        };
        list.entries[index].digest.clone().expect("a digest")
    };
    let (whole, _) = contents.run(&root, Vec::new());
    contents.0.remove(&digest(&whole, 0));
    contents
        .0
        .insert(digest(&whole, 1), b"{\"schemaVersion\":2}".to_vec());
    let (model, _) = contents.run(&root, Vec::new());
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    let statuses: Vec<_> = list
        .entries
        .iter()
        .map(|entry| model.entry_status(entry))
        .collect();
    assert_eq!(
        statuses[0],
        (Status::Unchecked, "not part of what was opened".into())
    );
    assert_eq!(statuses[1], (Status::Failed, "size differs".into()));
    assert_eq!(statuses[2], (Status::Verified, "verified".into()));
    let summary = model.summary();
    assert_eq!(summary.stamp.text, "1 mismatch");
    assert!(
        summary
            .detail
            .ends_with("One of its entries is not what the list says."),
        "{}",
        summary.detail
    );
    let findings = model.findings();
    let above_notes = findings
        .iter()
        .filter(|finding| finding.severity() > Severity::Note);
    let found: Vec<_> = above_notes
        .map(|f| format!("{} {}", f.code, f.pointer))
        .collect();
    assert_eq!(found, ["listed-size /manifests/1/size"]);
}

#[test]
fn a_registry_that_names_another_digest_is_a_mismatch() {
    let mut contents = Contents::default();
    let entry = contents.image("a");
    let root = contents.index(&[entry]);
    let (mut model, _) = Model::open(tagged(), Vec::new(), Generation(7));
    let lie = Digest::sha256(b"something else").to_string();
    let arrival = Received {
        docker_content_digest: Some(lie),
        ..contents.answer(&root, &ContentKey::Root).expect("there")
    };
    update(
        &mut model,
        Msg::Received {
            generation: Generation(7),
            key: ContentKey::Root,
            result: Ok(arrival),
        },
    );
    let Current::List(node, _) = model.current() else {
        panic!("a list")
    };
    assert_eq!(
        node.comparisons[0].verdict,
        Verdict::WrongDigest { found: root }
    );
    let summary = model.summary();
    assert_eq!(
        summary.detail,
        "Its bytes do not hash to the digest the registry named."
    );
    assert_eq!(summary.stamp.status, Status::Failed);
}

#[test]
fn the_digest_that_was_asked_for_decides_before_the_header() {
    let mut contents = Contents::default();
    let root = contents.index(&[]);
    let asked: Reference = format!("registry.example/app@{root}")
        .parse()
        .expect("a reference");
    let (mut model, effects) =
        Model::open(InspectTarget::Registry(asked), Vec::new(), Generation(1));
    contents.finish(&root, &mut model, effects);
    assert_eq!(
        model.summary().detail,
        "Its bytes hash to the digest you asked for, as the registry said."
    );
    assert_eq!(model.custody()[0].status, Status::Verified);
}

#[test]
fn a_tag_without_a_header_is_not_checked_and_never_good() {
    let (mut model, _) = Model::open(tagged(), Vec::new(), Generation(1));
    let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    let result = Ok(Received::local(bytes[..].into()));
    update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result,
        },
    );
    let summary = model.summary();
    assert_eq!(
        summary.detail,
        "Nobody named a digest to compare its bytes with."
    );
    assert_eq!(
        (summary.stamp.status, summary.stamp.text.as_str()),
        (Status::Unchecked, "Not checked")
    );
}

#[test]
fn bytes_that_are_no_manifest_are_shown_not_refused() {
    for (bytes, title) in [
        (
            &b"<html>log in"[..],
            "registry.example/app:1 answers with an HTML page, not a manifest",
        ),
        (b"\xff\xfe", "registry.example/app:1 is not JSON"),
        (
            b"{}",
            "registry.example/app:1 is not a manifest that Waybill knows",
        ),
        (
            br#"{"layers":[],"manifests":[]}"#,
            "registry.example/app:1 is more than one kind of manifest at once",
        ),
    ] {
        let (mut model, _) = Model::open(tagged(), Vec::new(), Generation(1));
        update(
            &mut model,
            Msg::Received {
                generation: Generation(1),
                key: ContentKey::Root,
                result: Ok(Received::local(bytes.into())),
            },
        );
        assert_eq!(model.summary().title, title);
        assert!(matches!(model.current(), Current::Other(node) if &*node.arrival.bytes == bytes));
        assert_ne!(model.summary().stamp.status, Status::Verified);
    }
}

#[test]
fn stale_answers_are_dropped_and_cancel_keeps_what_came() {
    let mut contents = Contents::default();
    let entries = [contents.image("a"), contents.image("b")];
    let root = contents.index(&entries);
    let (mut model, _) = Model::open(tagged(), Vec::new(), Generation(5));
    let old = Msg::Received {
        generation: Generation(4),
        key: ContentKey::Root,
        result: contents.answer(&root, &ContentKey::Root),
    };
    assert_eq!(update(&mut model, old), []);
    assert!(matches!(model.current(), Current::Loading));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(5),
            key: ContentKey::Root,
            result: contents.answer(&root, &ContentKey::Root),
        },
    );
    assert_eq!(update(&mut model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(
        contents.finish(&root, &mut model, effects).len(),
        2,
        "answers with the old stamp start nothing"
    );
    let Current::List(_, list) = model.current() else {
        panic!("the list stays")
    };
    assert_eq!(
        model.entry_status(&list.entries[0]),
        (Status::Unchecked, "cancelled".into())
    );
    let effects = update(&mut model, Msg::Retry);
    contents.finish(&root, &mut model, effects);
    assert_eq!(model.summary().stamp.status, Status::Verified);
}

#[test]
fn a_digest_that_the_list_does_not_name_is_said_and_not_fetched() {
    let mut contents = Contents::default();
    let entry = contents.image("a");
    let root = contents.index(&[entry]);
    let stranger = Digest::sha256(b"stranger");
    let (model, keys) = contents.run(&root, vec![stranger.clone()]);
    assert_eq!(keys, [ContentKey::Root]);
    assert!(
        matches!(model.current(), Current::Failed(Failure::NotListed(digest)) if *digest == stranger)
    );
}

#[test]
fn embedded_and_empty_contents_need_no_request() {
    let mut contents = Contents::default();
    let config =
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, config);
    let (digest, size) = (Digest::sha256(config.as_bytes()), config.len());
    let root = contents.add(&format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{digest}","size":{size},"data":"{data}"}},"layers":[]}}"#,
        MediaType::OCI_CONFIG
    ));
    let (model, keys) = contents.run(&root, Vec::new());
    assert_eq!(keys, [ContentKey::Root]);
    let Current::Image(_, image) = model.current() else {
        panic!("an image")
    };
    assert_eq!(
        model
            .image_config(image)
            .map(|config| config.platform.to_string())
            .as_deref(),
        Some("linux/amd64")
    );
}

#[test]
fn a_long_list_is_fetched_in_part_unless_asked_for() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..limits::CHILDREN_FETCHED + 6)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (mut model, keys) = contents.run(&root, Vec::new());
    assert_eq!(keys.len(), 1 + 2 * limits::CHILDREN_FETCHED);
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    assert_eq!(model.held_back(list), 6);
    assert_eq!(model.summary().stamp.text, "Partly checked");
    let effects = update(&mut model, Msg::FetchAll);
    assert_eq!(contents.finish(&root, &mut model, effects).len(), 12);
    assert_eq!(model.summary().stamp.status, Status::Verified);
}

#[test]
fn a_list_that_lies_about_a_platform_is_found_out() {
    let mut contents = Contents::default();
    let entry = contents
        .image("arm64")
        .replace(r#""architecture":"arm64""#, r#""architecture":"amd64""#);
    let root = contents.index(&[entry]);
    let (model, _) = contents.run(&root, Vec::new());
    let messages: Vec<_> = model
        .findings()
        .iter()
        .map(|finding| finding.message.clone())
        .collect();
    assert_eq!(
        messages,
        ["the list says linux/amd64, the config says linux/arm64"]
    );
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    let digest = list.entries[0].digest.clone().expect("a digest");
    let (model, _) = contents.run(&root, vec![digest]);
    let found: Vec<_> = model
        .findings()
        .iter()
        .map(|f| format!("{} {}: {}", f.code, f.pointer, f.message))
        .collect();
    let other = "listed-platform /config: the list says linux/amd64, the config says linux/arm64";
    assert_eq!(found, [other, "no-layers /layers: there is none"]);
    let Current::Image(_, image) = model.current() else {
        panic!("an image")
    };
    assert_eq!(
        model
            .entry()
            .and_then(|entry| model.is_as_listed(entry, image)),
        Some(false)
    );
}

#[test]
fn what_a_config_states_of_its_platform_counts_and_nothing_else() {
    let os = r#""os":"windows","architecture":"amd64""#;
    let arm = r#""os":"linux","architecture":"arm""#;
    let version = r#""os.version":"10.0.1""#;
    let win32k = r#""os.features":["win32k"]"#;
    let both = r#""os.features":["win32k","x"]"#;
    for (platform, listed, config, is_as_listed) in [
        // Other features are another platform, also none in the list.
        (os, win32k, both, false),
        (os, r#""os.features":["x"]"#, win32k, false),
        (os, version, win32k, false),
        (os, "", both, false),
        (os, both, r#""os.features":["x","win32k"]"#, true),
        // What the config does not state, or states as nothing, says nothing against the list.
        (os, win32k, "", true),
        (os, both, r#""os.features":[]"#, true),
        (os, version, r#""os.version":"""#, true),
        (os, version, r#""os.version":"10.0.2""#, false),
        (arm, r#""variant":"v6""#, "", true),
        (arm, r#""variant":"v6""#, r#""variant":"""#, true),
        (arm, r#""variant":"v6""#, r#""variant":"v7""#, false),
        // A config has no features of the machine.
        (os, r#""features":["sse4"]"#, version, false),
        (os, r#""features":["sse4"]"#, "", true),
    ] {
        let with = |rest: &str| match rest {
            "" => format!("{{{platform}}}"),
            rest => format!("{{{platform},{rest}}}"),
        };
        let mut contents = Contents::default();
        let entry = contents.image_of(&with(config), &with(listed));
        let root = contents.index(&[entry]);
        let (model, _) = contents.run(&root, Vec::new());
        let mut codes = model.findings().iter().map(|finding| finding.code);
        let is_told = codes.any(|code| code == Code::ListedPlatform);
        assert_eq!(is_told, !is_as_listed, "{listed} and {config}");
    }
}

/// A signed manifest whose signature nobody has checked yet.
fn signed() -> Vec<u8> {
    let payload = r#"{"schemaVersion":1,"name":"a","tag":"1","architecture":"amd64","fsLayers":[{"blobSum":"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"}],"history":[{"v1Compatibility":"{\"id\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"os\":\"linux\"}"}]}"#;
    let protected = format!(
        r#"{{"formatLength":{},"formatTail":"fQ"}}"#,
        payload.len() - 1
    );
    let protected =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, protected);
    let number = "A".repeat(43);
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{number}","y":"{number}"}}"#);
    let header = format!(r#"{{"jwk":{jwk},"alg":"ES256"}}"#);
    let entry = format!(
        r#"{{"header":{header},"signature":"{number}{number}","protected":"{protected}"}}"#
    );
    format!(
        "{},\"signatures\":[{entry}]}}",
        payload.strip_suffix('}').expect("an object")
    )
    .into_bytes()
}

/// An inspection of the signed manifest by its digest, and the effects of its arrival.
fn signed_arrived() -> (Model, Vec<Effect>) {
    let (manifest, _) = Manifest::read(signed(), &DeclaredTypes::none()).expect("a manifest");
    let digest = manifest.digest(crate::digest::Algorithm::Sha256);
    let (mut model, _) = Model::open(
        InspectTarget::Bundle {
            name: "It".into(),
            expected: digest,
        },
        Vec::new(),
        Generation(1),
    );
    let result = Ok(Received::local(signed().into()));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result,
        },
    );
    (model, effects)
}

fn checked(model: &mut Model, signed: &Rc<Signed>, result: Checked) {
    let msg = Msg::SignaturesChecked {
        key: ContentKey::Root,
        signed: Rc::clone(signed),
        results: vec![result],
    };
    assert_eq!(update(model, msg), []);
}

#[test]
fn a_signature_is_checked_once_and_makes_the_stamp_no_better_than_the_digest_does() {
    let stamp = |model: &Model| (model.summary().stamp.status, model.summary().stamp.text);
    for (result, status, word, finding) in [
        (Checked::Holds, Status::Verified, "Verified here", None),
        (
            Checked::DoesNotHold,
            Status::Failed,
            "1 error",
            Some(Code::SignatureInvalid),
        ),
        (
            Checked::NotChecked(NotChecked::InsecurePage),
            Status::Verified,
            "Verified here",
            Some(Code::SignatureUnchecked),
        ),
    ] {
        let (mut model, effects) = signed_arrived();
        let [
            Effect::CheckSignatures {
                key: ContentKey::Root,
                signed,
            },
        ] = effects.as_slice()
        else {
            panic!("{effects:?}")
        };
        assert_eq!(stamp(&model), (Status::Pending, "Checking".to_owned()));
        checked(&mut model, signed, result);
        assert_eq!(stamp(&model), (status, word.to_owned()));
        assert_eq!(
            model
                .summary()
                .detail
                .ends_with("A signature does not fit it."),
            status == Status::Failed
        );
        let found = model
            .findings()
            .iter()
            .find(|found| found.pointer == "/signatures/0/signature");
        assert_eq!(found.map(|found| found.code), finding);
        assert_eq!(
            update(&mut model, Msg::Go(Vec::new())),
            [],
            "it is not checked again"
        );
    }
    // Where nobody named a digest, a good signature is no reason for a better stamp.
    let (mut model, _) = Model::open(
        InspectTarget::Bundle {
            name: "It".into(),
            expected: None,
        },
        Vec::new(),
        Generation(1),
    );
    let result = Ok(Received::local(signed().into()));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result,
        },
    );
    let [Effect::CheckSignatures { signed, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    checked(&mut model, signed, Checked::Holds);
    assert_eq!(stamp(&model), (Status::Unchecked, "Not checked".to_owned()));
}

#[test]
fn what_was_checked_counts_only_for_the_bytes_that_were_checked() {
    let (mut model, _) = signed_arrived();
    let (_, others) = signed_arrived();
    let [Effect::CheckSignatures { signed, .. }] = others.as_slice() else {
        panic!("{others:?}")
    };
    checked(&mut model, signed, Checked::Holds);
    let Current::Image(node, _) = model.current() else {
        panic!("an image")
    };
    assert!(node.is_being_checked());
}
