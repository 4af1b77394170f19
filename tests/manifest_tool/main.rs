//! The files of manifest-tool: read as a composition, and saved from one.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

use waybill_core::compose::commands::manifest_tool::{read, yaml};
use waybill_core::compose::{Draft, Entry, ListKind};
use waybill_core::digest::Digest;
use waybill_core::lenient::is_hidden;
use waybill_core::platform::Platform;
use waybill_core::reference::Reference;
use waybill_core::workflow::compose::{Effect, Model, Msg, update};
use waybill_core::workflow::fetch::Generation;
use waybill_yaml::to_json;

/// The example of manifest-tool's own documents, with what else its types know.
const FILE: &str = "\
image: myprivreg:5000/someimage:latest
tags: ['1.0.0', 1.0]
annotations:
  org.example.a: yes
manifests:
  -
    image: myprivreg:5000/someimage:ppc64le
    platform:
      architecture: ppc64le
      os: linux
  -
    image: myprivreg:5000/someimage:windows # a comment
    platform: {architecture: amd64, os: windows, osversion: 10.0.17763.1, osfeatures: [win32k], extra: 1}
  - image: myprivreg:5000/someimage:arm
";

#[test]
fn a_file_is_read_and_opened() {
    let json = to_json(FILE).expect("YAML");
    let specification = read(json.as_bytes()).expect("a specification");
    assert_eq!(
        specification.image.to_string(),
        "myprivreg:5000/someimage:latest"
    );
    assert_eq!(
        specification
            .tags
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["1.0.0", "1.0"]
    );
    assert_eq!(
        *specification.annotations,
        [("org.example.a".to_owned(), "yes".to_owned())]
    );
    let platforms: Vec<_> = specification
        .manifests
        .iter()
        .map(|(_, platform)| platform.to_string())
        .collect();
    assert_eq!(
        platforms,
        [
            "linux/ppc64le",
            "windows(10.0.17763.1+win32k)/amd64",
            "unknown/unknown"
        ]
    );

    let mut model = Model::new(Generation(1));
    let effects = update(&mut model, Msg::OpenSpecification(Box::new(specification)));
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Fetch { reference, .. } => Some(reference.to_string()),
        Effect::Abort => None,
    });
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [
            "myprivreg:5000/someimage:ppc64le",
            "myprivreg:5000/someimage:windows",
            "myprivreg:5000/someimage:arm"
        ]
    );
    assert_eq!(model.composition().rows[2].stated, None);
    assert_eq!(
        model
            .composition()
            .target
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("myprivreg:5000/someimage:latest")
    );
    let (restored, _) = Model::restore(&model.snapshot(), Generation(2)).expect("a snapshot");
    assert_eq!(
        restored.composition().rows[1].stated,
        model.composition().rows[1].stated
    );
}

#[test]
fn what_is_saved_is_read_again() {
    let mut draft = Draft::new(ListKind::OciIndex);
    draft.annotations = vec![
        ("a: b # c".to_owned(), "\"<\u{2028}\n- é".to_owned()),
        ("yes".to_owned(), "~".to_owned()),
    ]
    .into();
    // What YAML takes for a line break, refuses, or does not show.
    let unplain: String = ('\0'..='\u{a0}')
        .chain("\u{200b}\u{202e}\u{feff}\u{e0041}".chars())
        .collect();
    let one = (unplain.clone(), unplain);
    draft.annotations = draft.annotations.into_iter().chain([one]).collect();
    let platforms = ["linux/arm64/v8", "windows(10.0.17763.1+win32k)/amd64"]
        .map(|text| text.parse::<Platform>().expect("one"));
    for platform in &platforms {
        let mut entry = Entry::default();
        entry.descriptor.digest = Some(Digest::sha256(platform.to_string().as_bytes()));
        entry.descriptor.platform = Some(platform.clone());
        draft.entries.push(entry);
    }
    let target: Reference = "r.example/app:1".parse().expect("a reference");
    let saved = yaml(&draft, &target);
    assert!(saved.chars().all(|character| character == '\n' || !(character.is_control() || is_hidden(character))));
    let json = to_json(&saved).unwrap_or_else(|error| panic!("{error}: {saved}"));
    let again = read(json.as_bytes()).expect("a specification");
    assert_eq!(again.image, target);
    assert_eq!(again.annotations, draft.annotations);
    for ((reference, platform), (entry, stated)) in again
        .manifests
        .iter()
        .zip(draft.entries.iter().zip(&platforms))
    {
        assert_eq!(reference.digest(), entry.descriptor.digest.as_ref());
        assert_eq!(platform, stated);
    }
}
