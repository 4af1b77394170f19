//! The checks, one by one: the table of what `crane validate` misses, and edge cases.

use super::*;
use crate::digest::Algorithm;
use crate::finding::Severity;
use crate::media_type::MediaType;
use crate::workflow::fetch::Generation;
use crate::workflow::inspect::{self as at, InspectTarget};
use crate::workflow::layers::tests::{
    OCI_LAYER, config, descriptor, digest, found, image, index, inspect, inspect_below,
};
use crate::workflow::layers::{Compression, Event, Found, Msg, NotUnpacked, Plan, Total};

/// A check of layers in which each blob of the plan was found to be what `find` says.
fn read(inspection: &Inspection, find: impl Fn(&Digest) -> Option<Found>) -> layers::Model {
    let mut model = layers::Model::new(Generation(1));
    let wanted = Total::of(&Plan::of(inspection).images).blobs;
    let mut effects = layers::update(&mut model, Msg::Check(wanted));
    while let Some(effect) = effects.pop() {
        let layers::Effect::Begin { reading, wanted } = effect else {
            continue;
        };
        let Some(found) = find(&wanted.digest) else {
            continue;
        };
        let event = Event::Done(Box::new(found));
        effects.extend(layers::update(&mut model, Msg::Told { reading, event }));
    }
    model
}

/// What a gzip layer of that name is found to be; its diff ID is that of `name` and `-open`.
fn gzip(name: &str) -> Found {
    Found {
        compression: Compression::Gzip,
        diff_id: Ok(diff_id(name)),
        size: 1_000,
        unpacked: 4_096,
        ..found(name)
    }
}

fn diff_id(name: &str) -> Digest {
    digest(&[name, "-open"].concat())
}

/// That the streams and entries of all layers were looked at, and nothing was found.
fn nothing_found(inspection: &Inspection) -> Contents {
    let mut contents = Contents::default();
    for image in Plan::of(inspection).images {
        let digests = image.layers.iter().filter_map(|layer| layer.digest.clone());
        contents
            .of_layers
            .extend(digests.map(|it| (it, Vec::new())));
        if let Some(manifest) = image.manifest {
            contents
                .of_images
                .insert(manifest, vec![Vec::new(); image.layers.len()]);
        }
    }
    contents
}

fn report(inspection: &Inspection, find: impl Fn(&Digest) -> Option<Found>) -> Report {
    let contents = nothing_found(inspection);
    Report::of(inspection, &read(inspection, find), &contents, &|_| true)
}

/// An ordinary image with one gzip layer, `layer`.
fn ordinary() -> (String, String) {
    let config = config(&[diff_id("layer")]);
    let image = image(&config, &[descriptor(OCI_LAYER, &digest("layer"), 1_000)]);
    (image, config)
}

/// Reads that one, with something else about it.
fn of_ordinary(change: impl Fn(&mut Found)) -> Report {
    let (image, config) = ordinary();
    report(&inspect(&[&image, &config]), |_| {
        let mut found = gzip("layer");
        change(&mut found);
        Some(found)
    })
}

/// The checks that came out so, by name, with their evidence.
fn rows(report: &Report, outcome: Outcome) -> Vec<(&'static str, &str)> {
    let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
    let these = rows.filter(|row| row.outcome == outcome);
    these
        .map(|row| (row.check.name(), row.evidence.as_str()))
        .collect()
}

fn names(report: &Report, outcome: Outcome) -> Vec<&'static str> {
    rows(report, outcome)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn an_ordinary_image_is_valid_and_each_check_is_named() {
    let report = of_ordinary(|_| {});
    assert_eq!(report.verdict(), Verdict::Valid, "{}", report.to_text());
    let passed = names(&report, Outcome::Passed);
    for check in [
        "manifest-media-type",
        "json",
        "format",
        "descriptors",
        "config-digest",
        "config-size",
        "config-media-type",
        "config",
        "rootfs-type",
        "layer-count",
        "chain-ids",
        "layer-digest",
        "layer-size",
        "layer-media-type",
        "diff-id",
        "archive",
        "archive-end",
        "names",
        "duplicates",
        "whiteouts",
        "links",
        "headers",
    ] {
        assert!(passed.contains(&check), "{check}: {}", report.to_text());
    }
    // Nobody named its digest, and it has no history: neither is needed.
    assert_eq!(
        names(&report, Outcome::Note),
        ["manifest-digest", "history-count"]
    );
    assert!(report.sentence().starts_with("Valid: "));
}

#[test]
fn zstd_and_plain_layers_and_dockers_zstd_are_valid() {
    for (media_type, compression) in [
        (
            "application/vnd.oci.image.layer.v1.tar+zstd",
            Compression::Zstd,
        ),
        ("application/vnd.oci.image.layer.v1.tar", Compression::None),
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            Compression::Zstd,
        ),
    ] {
        let config = config(&[diff_id("layer")]);
        let image = image(&config, &[descriptor(media_type, &digest("layer"), 1_000)]);
        let report = report(&inspect(&[&image, &config]), |_| {
            Some(Found {
                compression,
                ..gzip("layer")
            })
        });
        assert!(!names(&report, Outcome::Failed).contains(&"layer-count"));
        let passed = names(&report, Outcome::Passed);
        assert!(passed.contains(&"layer-media-type") && passed.contains(&"diff-id"));
        assert_eq!(report.count(Outcome::Failed), 0, "{}", report.to_text());
        assert_eq!(report.verdict(), Verdict::Valid, "{}", report.to_text());
    }
}

#[test]
fn a_type_that_does_not_fit_the_bytes_is_a_warning_and_the_digests_stand() {
    for compression in [Compression::Zstd, Compression::None] {
        let report = of_ordinary(|found| found.compression = compression);
        assert_eq!(names(&report, Outcome::Warning), ["layer-media-type"]);
        assert!(names(&report, Outcome::Passed).contains(&"layer-digest"));
        assert_eq!(report.verdict(), Verdict::Valid);
        assert!(
            report.sentence().contains("1 warning"),
            "{}",
            report.sentence()
        );
    }
}

#[test]
fn a_child_whose_size_is_wrong_fails_at_its_size_alone() {
    let (image, config) = ordinary();
    let right = format!("\"size\":{}", image.len());
    let index = index(&[&image]).replace(&right, &format!("\"size\":{}", image.len() + 1));
    let report = report(&inspect(&[&index, &image, &config]), |_| {
        Some(gzip("layer"))
    });
    let [(check, evidence)] = rows(&report, Outcome::Failed)[..] else {
        panic!("{}", report.to_text());
    };
    assert_eq!(check, "manifest-size");
    assert!(evidence.contains("bytes are stated"), "{evidence}");
    let subject = &report.subjects[1];
    assert_eq!(
        subject.rows[0].place,
        Place::List("/manifests/0/size".into())
    );
    let digest_is = |row: &&Row| row.check == Check::ManifestDigest;
    let row = subject.rows.iter().find(digest_is).expect("a digest");
    assert_eq!(row.outcome, Outcome::Passed);
    assert!(
        report.sentence().starts_with("Not valid: 1 check failed"),
        "{}",
        report.sentence()
    );
}

#[test]
fn a_history_of_other_length_is_found() {
    let config = config(&[diff_id("layer")]).replace(
        r#""rootfs""#,
        r#""history":[{"created_by":"a"},{"created_by":"b"},{"created_by":"c"}],"rootfs""#,
    );
    let image = image(&config, &[descriptor(OCI_LAYER, &digest("layer"), 1_000)]);
    let report = report(&inspect(&[&image, &config]), |_| Some(gzip("layer")));
    let warnings = rows(&report, Outcome::Warning);
    assert_eq!(
        warnings,
        [(
            "history-count",
            "history and layers differ in number: 1 layers and 3 steps that made one"
        )]
    );
}

#[test]
fn too_few_and_too_many_diff_ids_fail_and_nothing_is_indexed_past_the_end() {
    let layers = [descriptor(OCI_LAYER, &digest("layer"), 1_000)];
    for (diff_ids, unchecked) in [(vec![], 1), (vec![diff_id("layer"), diff_id("other")], 0)] {
        let config = config(&diff_ids);
        let image = image(&config, &layers);
        let report = report(&inspect(&[&image, &config]), |_| Some(gzip("layer")));
        assert_eq!(names(&report, Outcome::Failed), ["layer-count"]);
        assert_eq!(
            report.count(Outcome::NotChecked),
            unchecked,
            "{}",
            report.to_text()
        );
    }
}

#[test]
fn what_stands_inside_is_told_with_layer_and_path() {
    let (image, config) = ordinary();
    let inspection = inspect(&[&image, &config]);
    let finding = |code: &str, severity, path: &str| ContentFinding {
        code: code.into(),
        severity,
        path: path.into(),
        message: "it says so".into(),
    };
    let mut contents = nothing_found(&inspection);
    let of_entries = vec![vec![
        finding("duplicate-path", Severity::Error, "f"),
        finding("name-outside", Severity::Error, "../x"),
        finding("whiteout-dangling", Severity::Note, "gone"),
    ]];
    for all in contents.of_images.values_mut() {
        all.clone_from(&of_entries);
    }
    for all in contents.of_layers.values_mut() {
        all.push(finding("data-behind-end", Severity::Note, ""));
        all.push(finding("end-blocks", Severity::Note, ""));
    }
    let layers = read(&inspection, |_| Some(gzip("layer")));
    let report = Report::of(&inspection, &layers, &contents, &|_| true);
    assert_eq!(names(&report, Outcome::Failed), ["duplicates", "names"]);
    let place = &report.subjects[0].rows[0].place;
    assert_eq!(
        *place,
        Place::Layer {
            index: 0,
            path: "f".into()
        }
    );
    let notes = names(&report, Outcome::Note);
    assert_eq!(
        notes.iter().filter(|name| **name == "archive-end").count(),
        2
    );
    // What is only noted passes; what failed does not.
    let passed = names(&report, Outcome::Passed);
    assert!(passed.contains(&"whiteouts") && passed.contains(&"links"));
    assert!(!passed.contains(&"duplicates") && !passed.contains(&"names"));
}

#[test]
fn bytes_behind_the_compression_are_valid_with_a_warning() {
    let report = of_ordinary(|found| found.trailing = 8);
    // Nobody looked at the stream for the finding of its own.
    assert_eq!(report.verdict(), Verdict::Valid);
    assert_eq!(names(&report, Outcome::Warning), ["archive-end"]);
}

#[test]
fn what_is_no_archive_is_said_so() {
    let report = of_ordinary(|found| found.archive = Err("the checksum is wrong".into()));
    let failed = rows(&report, Outcome::Failed);
    assert_eq!(
        failed,
        [("archive", "it is no whole tar: the checksum is wrong")]
    );
    assert!(names(&report, Outcome::Passed).contains(&"diff-id"));
    // Of its entries nothing is claimed.
    assert!(names(&report, Outcome::NotChecked).contains(&"duplicates"));
}

#[test]
fn a_stream_cut_short_fails_at_the_diff_id() {
    let report = of_ordinary(|found| found.diff_id = Err(NotUnpacked::EndsEarly));
    assert_eq!(names(&report, Outcome::Failed), ["diff-id"]);
    assert!(names(&report, Outcome::Passed).contains(&"layer-digest"));
    let report = of_ordinary(|found| found.diff_id = Err(NotUnpacked::Window(128 << 20)));
    assert_eq!(report.verdict(), Verdict::Incomplete);
    let unchecked = rows(&report, Outcome::NotChecked);
    assert!(
        unchecked
            .iter()
            .any(|(check, why)| *check == "diff-id" && why.contains("128 MiB"))
    );
}

#[test]
fn a_layer_that_was_unpacked_on_the_way_is_not_tampered_with() {
    let report = of_ordinary(|found| {
        found.digest = diff_id("layer");
        found.compression = Compression::None;
    });
    assert_eq!(
        report.verdict(),
        Verdict::Incomplete,
        "{}",
        report.to_text()
    );
    let unchecked = rows(&report, Outcome::NotChecked);
    let words = "it was unpacked on the way (Content-Encoding)";
    assert_eq!(
        unchecked[..2],
        [("layer-digest", words), ("layer-size", words)]
    );
}

#[test]
fn every_fault_is_told_and_not_only_the_first() {
    let config = config(&[diff_id("a"), diff_id("b"), diff_id("c")]);
    let named = |name: &str| descriptor(OCI_LAYER, &digest(name), 1_000);
    let image = image(&config, &[named("a"), named("b"), named("c")]);
    let report = report(&inspect(&[&image, &config]), |wanted| {
        let name = ["a", "b", "c"]
            .into_iter()
            .find(|name| digest(name) == *wanted)?;
        Some(match name {
            "a" => Found {
                digest: digest("other"),
                ..gzip("a")
            },
            "b" => Found {
                size: 7,
                ..gzip("b")
            },
            _ => Found {
                diff_id: Ok(digest("x")),
                ..gzip("c")
            },
        })
    });
    let failed = names(&report, Outcome::Failed);
    assert_eq!(failed, ["layer-digest", "layer-size", "diff-id"]);
}

#[test]
fn the_same_layer_twice_is_read_once_and_judged_twice() {
    let config = config(&[diff_id("layer"), diff_id("layer")]);
    let layer = descriptor(OCI_LAYER, &digest("layer"), 1_000);
    let image = image(&config, &[layer.clone(), layer]);
    let inspection = inspect(&[&image, &config]);
    assert_eq!(Total::of(&Plan::of(&inspection).images).blobs.len(), 1);
    let report = report(&inspection, |_| Some(gzip("layer")));
    assert_eq!(report.verdict(), Verdict::Valid, "{}", report.to_text());
    let passed = names(&report, Outcome::Passed);
    assert_eq!(
        passed
            .iter()
            .filter(|name| **name == "layer-digest")
            .count(),
        2
    );
}

#[test]
fn chain_ids_are_those_of_the_specification() {
    let config = config(&[digest("a"), digest("b"), digest("c")]);
    let named = |name: &str| descriptor(OCI_LAYER, &digest(name), 1_000);
    let image = image(&config, &[named("a"), named("b"), named("c")]);
    let report = report(&inspect(&[&image, &config]), |_| None);
    let second = digest(&format!("{} {}", digest("a"), digest("b")));
    let third = digest(&format!("{second} {}", digest("c")));
    assert_eq!(report.subjects[0].chain_ids, [digest("a"), second, third]);
}

#[test]
fn digests_in_sha512_are_checked() {
    let config = config(&[]);
    let of_config = Digest::compute(Algorithm::Sha512, config.as_bytes());
    let layers = descriptor(MediaType::OCI_CONFIG.as_str(), &of_config, config.len());
    let image = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{layers},"layers":[]}}"#,
        MediaType::OCI_MANIFEST
    );
    // The config in the bundle is found by its SHA-256 alone, so it is put where it is asked for.
    let target = InspectTarget::Bundle {
        name: "test".into(),
        expected: None,
    };
    let (mut model, _) = Inspection::open(target, Vec::new(), Generation(1));
    for (key, bytes) in [
        (at::ContentKey::Root, &image),
        (at::ContentKey::Config(of_config.clone()), &config),
    ] {
        let received = crate::workflow::fetch::Received::local(bytes.as_bytes().into());
        let msg = at::Msg::Received {
            generation: Generation(1),
            key,
            result: Ok(received),
        };
        at::update(&mut model, msg);
    }
    let report = report(&model, |_| None);
    let passed = rows(&report, Outcome::Passed);
    assert!(
        passed.contains(&("config-digest", of_config.as_str())),
        "{}",
        report.to_text()
    );
}

#[test]
fn data_subject_and_tables_of_contents_are_looked_at() {
    let (plain, config) = ordinary();
    let toc = digest("toc");
    let subject = descriptor(MediaType::OCI_MANIFEST.as_str(), &digest("s"), 3);
    let layer = format!(
        r#""size":1000,"annotations":{{"containerd.io/snapshot/stargz/toc.digest":"{toc}"}}"#
    );
    let wrong_data = r#""config":{"data":"e30=","#;
    let image = plain
        .replace(r#""size":1000"#, &layer)
        .replacen(
            r#"{"schemaVersion""#,
            &format!(r#"{{"subject":{subject},"schemaVersion""#),
            1,
        )
        .replacen(r#""config":{"#, wrong_data, 1);
    let report = report(&inspect(&[&image, &config]), |_| Some(gzip("layer")));
    assert_eq!(
        names(&report, Outcome::Failed),
        ["data"],
        "{}",
        report.to_text()
    );
    let notes = rows(&report, Outcome::Note);
    // Nobody compared it.
    let unchecked = rows(&report, Outcome::NotChecked);
    assert!(unchecked.iter().any(|(check, why)| {
        *check == "table-of-contents" && why.contains("eStargz") && why.contains(toc.as_str())
    }));
    // Nobody can be asked for it.
    assert!(notes.iter().any(|(check, _)| *check == "subject"));
}

#[test]
fn the_platform_of_the_list_is_compared_with_the_config() {
    let (image, config) = ordinary();
    let list = |platform: &str| {
        index(&[&image]).replace(
            &format!("\"size\":{}", image.len()),
            &format!("\"size\":{},\"platform\":{platform}", image.len()),
        )
    };
    let of = |platform: &str| {
        report(&inspect(&[&list(platform), &image, &config]), |_| {
            Some(gzip("layer"))
        })
    };
    let right = of(r#"{"os":"linux","architecture":"amd64"}"#);
    assert_eq!(right.verdict(), Verdict::Valid, "{}", right.to_text());
    assert!(names(&right, Outcome::Passed).contains(&"platform"));
    let wrong = of(r#"{"os":"linux","architecture":"arm64"}"#);
    let failed = rows(&wrong, Outcome::Failed);
    assert_eq!(
        failed,
        [(
            "platform",
            "the config has another platform: the list says linux/arm64, the config says linux/amd64"
        )]
    );
    assert_eq!(wrong.subjects[1].title, "linux/arm64");
}

#[test]
fn attestations_have_no_layers_of_a_file_system() {
    let config = config(&[digest("statement")]);
    let layers = [descriptor(
        "application/vnd.in-toto+json",
        &digest("statement"),
        9,
    )];
    let image = image(&config, &layers);
    let report = report(&inspect(&[&image, &config]), |_| Some(found("statement")));
    assert_eq!(report.verdict(), Verdict::Valid, "{}", report.to_text());
    let passed = names(&report, Outcome::Passed);
    assert!(passed.contains(&"layer-digest") && !passed.contains(&"archive"));
}

#[test]
fn what_is_not_here_or_not_chosen_is_not_checked_and_so_not_valid() {
    let (image, config) = ordinary();
    // The config did not come.
    let report_of = report(&inspect(&[&image]), |_| Some(gzip("layer")));
    assert_eq!(report_of.verdict(), Verdict::Incomplete);
    assert!(names(&report_of, Outcome::NotChecked).contains(&"config-digest"));
    // The layer was not read.
    let inspection = inspect(&[&image, &config]);
    let report_of = report(&inspection, |_| None);
    assert_eq!(names(&report_of, Outcome::NotChecked), ["layer-digest"]);
    // A child is not there, and another one was not chosen.
    let index = index(&[&image, "absent"]);
    let inspection = inspect(&[&index, &image, &config]);
    let layers = read(&inspection, |_| Some(gzip("layer")));
    let contents = nothing_found(&inspection);
    let report = Report::of(&inspection, &layers, &contents, &|_| false);
    assert_eq!(report.verdict(), Verdict::Incomplete);
    assert_eq!(report.subjects.len(), 3);
    let unchecked = rows(&report, Outcome::NotChecked);
    assert_eq!(unchecked.len(), 2, "{}", report.to_text());
    assert!(
        report
            .sentence()
            .starts_with("Not decided: 2 checks could not be made")
    );
    // Its entries were looked at by nobody.
    let report = Report::of(&inspection, &layers, &Contents::default(), &|_| true);
    assert!(names(&report, Outcome::NotChecked).contains(&"links"));
}

#[test]
fn foreign_encrypted_and_empty_layers_are_named() {
    let config = config(&[diff_id("a"), diff_id("b"), diff_id("c")]);
    let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let encrypted = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted";
    let empty = digest("{}");
    let image = image(
        &config,
        &[
            descriptor(foreign, &digest("a"), 1_000),
            descriptor(encrypted, &digest("b"), 1_000),
            descriptor(MediaType::OCI_EMPTY.as_str(), &empty, 2),
        ],
    );
    let report = report(&inspect(&[&image, &config]), |_| Some(gzip("b")));
    assert_eq!(report.count(Outcome::Failed), 0, "{}", report.to_text());
    let unchecked = rows(&report, Outcome::NotChecked);
    let [(check, why)] = unchecked[..] else {
        panic!("{}", report.to_text());
    };
    assert_eq!(check, "layer-digest");
    assert!(why.contains("not distributed"), "{why}");
    let notes = rows(&report, Outcome::Note);
    assert!(
        notes.iter().any(|(_, why)| why.contains("no file system")),
        "{notes:?}"
    );
}

#[test]
fn schema_1_is_checked_where_it_applies() {
    let layer = digest("layer");
    let image = format!(
        r#"{{"schemaVersion":1,"name":"a/b","tag":"c","architecture":"amd64","fsLayers":[{{"blobSum":"{layer}"}}],"history":[{{"v1Compatibility":"{{\"id\":\"{}\"}}"}}]}}"#,
        "a".repeat(64)
    );
    let report = report(&inspect(&[&image]), |_| Some(gzip("layer")));
    assert_eq!(report.verdict(), Verdict::Valid, "{}", report.to_text());
    let passed = names(&report, Outcome::Passed);
    assert!(passed.contains(&"schema1") && passed.contains(&"layer-digest"));
    assert!(!passed.contains(&"diff-id"));
    let wrong = image.replace(&"a".repeat(64), "short");
    let report = super::Report::of(
        &inspect(&[&wrong]),
        &layers::Model::new(Generation(1)),
        &Contents::default(),
        &|_| true,
    );
    assert!(
        names(&report, Outcome::Failed).contains(&"schema1"),
        "{}",
        report.to_text()
    );
}

#[test]
fn text_and_json_are_stable_and_say_the_same() {
    let (image, config) = ordinary();
    let right = format!("\"size\":{}", image.len());
    let index = index(&[&image]).replace(&right, "\"size\":1");
    let inspection = inspect(&[&index, &image, &config]);
    let report_of = || report(&inspection, |_| Some(gzip("layer")));
    let (text, json) = (report_of().to_text(), report_of().to_json());
    assert_eq!(
        (&text, &json),
        (&report_of().to_text(), &report_of().to_json())
    );
    assert!(
        text.starts_with("test\nNot valid: 1 check failed, "),
        "{text}"
    );
    let failed =
        "  failed       Size of the manifest, list /manifests/0/size: 1 bytes are stated, ";
    assert!(text.contains(failed), "{text}");
    let parsed: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(parsed["verdict"], "invalid");
    assert_eq!(parsed["counts"]["failed"], 1);
    let first = &parsed["subjects"][1]["checks"][0];
    assert_eq!(first["check"], "manifest-size");
    assert_eq!(
        (&first["result"], &first["in"]),
        (&"failed".into(), &"list".into())
    );
    assert_eq!(first["pointer"], "/manifests/0/size");
    assert_eq!(first["layer"], serde_json::Value::Null);
    assert_eq!(
        parsed["subjects"][1]["chainIds"][0],
        diff_id("layer").as_str()
    );
    let layer = parsed["subjects"][1]["checks"]
        .as_array()
        .expect("checks")
        .iter();
    let layer: Vec<_> = layer.filter(|row| row["check"] == "diff-id").collect();
    assert_eq!(layer[0]["layer"], 1);
}

#[test]
fn names_of_checks_are_unique_and_each_topic_has_one() {
    let names: std::collections::BTreeSet<_> = Check::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(names.len(), Check::ALL.len());
    // What falls to the format is told of the format, but for what rows of their own compare.
    for code in crate::finding::Code::ALL {
        let is_format = Check::of_code(*code) == Check::Format;
        let topic = code.rule().topic;
        let may = topic == "Format" || topic == "What is listed against what came";
        assert!(!is_format || may, "{code} of {topic}");
    }
}

/// The rows of one check.
fn of_check(report: &Report, check: Check) -> Vec<(Outcome, &str)> {
    let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
    rows.filter(|row| row.check == check)
        .map(|row| (row.outcome, row.evidence.as_str()))
        .collect()
}

#[test]
fn each_child_of_a_list_in_a_list_is_judged_with_its_place() {
    let (image, config) = ordinary();
    let inner = index(&[&image]).replace(&format!("\"size\":{}", image.len()), "\"size\":7");
    let root = index(&[&inner, &image]);
    let (inspection, _) = inspect_below(&[&root, &inner, &image, &config]);
    let report = report(&inspection, |_| Some(gzip("layer")));
    let places: Vec<_> = report.subjects.iter().map(Subject::place).collect();
    assert_eq!(places, [None, None, Some("/manifests/0".to_owned()), None]);
    // The entry in the inner list states another size; that of the outer one is right.
    let failed = |subject: &Subject| {
        let rows = subject.rows.iter();
        rows.filter(|row| row.outcome == Outcome::Failed).count()
    };
    let failed: Vec<_> = report.subjects.iter().map(failed).collect();
    assert_eq!(failed, [0, 0, 1, 0], "{}", report.to_text());
    let text = report.to_text();
    assert!(text.contains(" in /manifests/0\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let way = &json["subjects"][2]["way"];
    assert_eq!(*way, serde_json::json!(["/manifests/0", "/manifests/0"]));
}

#[test]
fn lists_that_are_not_gone_into_say_why() {
    let (image, config) = ordinary();
    let inner = index(&[&image]);
    let root = index(&[&inner, &inner]);
    let (inspection, _) = inspect_below(&[&root, &inner, &image, &config]);
    let again = report(&inspection, |_| Some(gzip("layer")));
    assert_eq!(again.verdict(), Verdict::Valid, "{}", again.to_text());
    let entries = of_check(&again, Check::Entries);
    let words = "the same list stands above; what it names is checked there";
    assert!(entries.contains(&(Outcome::Note, words)));

    let mut lists = vec![index(&[&image])];
    for _ in 0..crate::limits::LISTS_DEEP {
        let outer = index(&[lists.last().expect("a list")]);
        lists.push(outer);
    }
    lists.reverse();
    let contents: Vec<_> = lists.iter().map(String::as_str).collect();
    let (inspection, _) = inspect_below(&contents);
    let deep = report(&inspection, |_| None);
    assert_eq!(deep.verdict(), Verdict::Incomplete);
    let [(check, why)] = rows(&deep, Outcome::NotChecked)[..] else {
        panic!("{}", deep.to_text());
    };
    assert_eq!(check, "list-entries");
    assert!(why.contains("32 lists"), "{why}");
}

#[test]
fn an_index_as_buildx_makes_it_is_valid_with_its_attestation() {
    let (image, of_image) = ordinary();
    let statement = descriptor("application/vnd.in-toto+json", &digest("statement"), 9);
    let of_statement = config(&[digest("statement")]).replace("linux", "unknown");
    let attestation = super::tests::image(&of_statement, &[statement]);
    let plain = index(&[&image, &attestation]);
    let more = format!(
        r#""size":{},"platform":{{"architecture":"unknown","os":"unknown"}},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{}"}}"#,
        attestation.len(),
        Digest::sha256(image.as_bytes())
    );
    let root = plain.replace(&format!("\"size\":{}", attestation.len()), &more);
    let contents = [&*root, &image, &of_image, &attestation, &of_statement];
    let (inspection, _) = inspect_below(&contents);
    let find = |wanted: &Digest| {
        let is_layer = *wanted == digest("layer");
        Some(if is_layer {
            gzip("layer")
        } else {
            found("statement")
        })
    };
    let of = report(&inspection, find);
    assert_eq!(of.verdict(), Verdict::Valid, "{}", of.to_text());
    assert_eq!(of.subjects[2].title, "attestation");
    assert!(names(&of, Outcome::Passed).contains(&"attestations"));
    // One that speaks of an image that is not in the list.
    let lost = root.replace(
        Digest::sha256(image.as_bytes()).as_str(),
        digest("gone").as_str(),
    );
    let lost = lost.replacen(
        digest("gone").as_str(),
        Digest::sha256(image.as_bytes()).as_str(),
        1,
    );
    let (inspection, _) = inspect_below(&[&lost, &image, &of_image, &attestation, &of_statement]);
    let of = report(&inspection, find);
    let against = of_check(&of, Check::Attestations);
    assert!(
        against.iter().any(|(outcome, _)| *outcome < Outcome::Note),
        "{}",
        of.to_text()
    );
}

mod bad_input;
mod subjects;
