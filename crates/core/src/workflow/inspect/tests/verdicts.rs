//! What is said of contents: compared or not, wrong, missing, or no manifest.

use super::*;

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
fn the_stamp_says_why_nothing_was_compared() {
    let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    let asked: Reference = format!("registry.example/app@blake3:{}", "0".repeat(64))
        .parse()
        .expect("a reference");
    let unsupported = "the digest is of an algorithm that is not computed here";
    for (target, header, why) in [
        (InspectTarget::Registry(asked), None, unsupported),
        (tagged(), Some("blake3:00"), unsupported),
        (tagged(), Some("nonsense"), "what was named is not a digest"),
        (tagged(), None, "nobody named a digest to compare with"),
    ] {
        let (mut model, _) = Model::open(target, Vec::new(), Generation(1));
        let result = Ok(Received {
            docker_content_digest: header.map(str::to_owned),
            ..Received::local(bytes[..].into())
        });
        update(
            &mut model,
            Msg::Received {
                generation: Generation(1),
                key: ContentKey::Root,
                result,
            },
        );
        let stamp = model.summary().stamp;
        assert_eq!(
            (stamp.status, stamp.text.as_str(), stamp.small.as_str()),
            (Status::Unchecked, "Not checked", why)
        );
    }
}

#[test]
fn an_entry_without_a_valid_digest_is_wrong_and_not_missing() {
    let mut contents = Contents::default();
    let good = contents.image("a");
    let broken = good.replacen("sha256:", "sha256:x", 1);
    let none = good.replacen("digest", "digests", 1);
    for (entries, stamp, detail) in [
        (
            vec![good.clone(), broken.clone()],
            "1 error",
            " One of its entries has no valid digest.",
        ),
        (
            vec![broken.clone(), good.clone(), none],
            "2 errors",
            " 2 of its entries have no valid digest.",
        ),
    ] {
        let root = contents.index(&entries);
        let (model, _) = contents.run(&root, Vec::new());
        let summary = model.summary();
        assert_eq!(
            summary.detail,
            format!("Its bytes hash to the digest the registry named.{detail}")
        );
        assert_eq!(
            (summary.stamp.status, summary.stamp.text.as_str()),
            (Status::Failed, stamp)
        );
        assert_eq!(
            summary.stamp.small,
            format!("2 of {} verified here", entries.len() + 1)
        );
    }
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
