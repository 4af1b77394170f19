use super::*;
use crate::config::ImageConfig;
use crate::manifest::Manifest;
use crate::{DeclaredTypes, Platform};

const DIGITS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn read(text: &str) -> Manifest {
    Manifest::read(text.as_bytes(), &DeclaredTypes::none())
        .expect("an object")
        .0
}

fn digest(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

/// A manifest of layers with these digests, of one digit each, and of ten bytes.
fn image(layers: &[&str]) -> Manifest {
    let layers: Vec<_> = layers
        .iter()
        .map(|digit| {
            let digest = digest(digit);
            format!(r#"{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{digest}","size":10}}"#)
        })
        .collect();
    read(&format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[{}]}}"#,
        layers.join(",")
    ))
}

fn config(text: &str) -> ImageConfig {
    ImageConfig::read(text.as_bytes()).expect("an object").0
}

fn compare(
    left: (&Manifest, Option<&ImageConfig>),
    right: (&Manifest, Option<&ImageConfig>),
) -> ImageDiff {
    let side = |(manifest, config)| Image::new(manifest, config).expect("an image");
    images(&side(left), &side(right))
}

fn configs(left: &str, right: &str) -> ImageDiff {
    let manifest = image(&[]);
    let (left, right) = (config(left), config(right));
    compare((&manifest, Some(&left)), (&manifest, Some(&right)))
}

/// What differs of one kind, as `name: left -> right`, `-` for nothing.
fn told(found: &ImageDiff, kind: Kind) -> Vec<String> {
    let section = found.sections.iter().find(|section| section.kind == kind);
    let changes = section.map_or(&[][..], |section| &section.changes);
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    changes
        .iter()
        .map(|change| {
            format!(
                "{}: {} -> {}",
                change.name,
                text(&change.left),
                text(&change.right)
            )
        })
        .collect()
}

/// The layers as `left right sharing`, each by its place.
fn rows(found: &ImageDiff) -> Vec<String> {
    let place = |layer: &Option<Layer>| {
        layer
            .as_ref()
            .map_or("-".to_owned(), |layer| layer.item.index.to_string())
    };
    found
        .layers
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                place(&row.left),
                place(&row.right),
                row.sharing.name()
            )
        })
        .collect()
}

#[test]
fn layers_are_matched_by_digest_in_the_order_of_both() {
    let (left, right) = (image(&["a", "b", "c"]), image(&["a", "d", "c"]));
    let found = compare((&left, None), (&right, None));
    assert_eq!(
        rows(&found),
        ["0 0 bytes", "1 - nothing", "- 1 nothing", "2 2 bytes"]
    );
    assert_eq!(found.shared_layers(), (2, 3));
    assert_eq!(found.sentence(), "2 of 3 layers are shared");
}

#[test]
fn a_layer_that_moved_is_told_at_both_places() {
    let (left, right) = (image(&["a", "b", "c"]), image(&["c", "a", "b"]));
    let found = compare((&left, None), (&right, None));
    assert_eq!(
        rows(&found),
        ["- 0 elsewhere", "0 1 bytes", "1 2 bytes", "2 - elsewhere"]
    );
    assert_eq!(found.shared_layers(), (3, 3));
    assert_eq!(found.layers[0].sharing, Sharing::Elsewhere(2));
    assert!(!found.is_equal());
}

#[test]
fn the_same_layer_twice_is_matched_twice_and_no_more() {
    let (left, right) = (image(&["a", "b", "a"]), image(&["a", "a", "a"]));
    let found = compare((&left, None), (&right, None));
    assert_eq!(
        rows(&found),
        ["0 0 bytes", "1 - nothing", "2 1 bytes", "- 2 elsewhere"]
    );
}

#[test]
fn a_layer_that_was_compressed_anew_is_the_same_by_its_diff_id() {
    let (left, right) = (image(&["a", "b"]), image(&["a", "c"]));
    let config = config(&format!(
        r#"{{"rootfs":{{"type":"layers","diff_ids":["{}","{}"]}}}}"#,
        digest("e"),
        digest("f")
    ));
    let found = compare((&left, Some(&config)), (&right, Some(&config)));
    assert_eq!(rows(&found), ["0 0 bytes", "1 1 content"]);
    assert_eq!(found.sentence(), "all 2 layers are shared");
    assert!(!found.is_equal());
}

#[test]
fn as_many_layers_as_can_be_are_matched() {
    // Every order of four layers against every other: what is matched rises on both sides, and
    // no longer matching is possible.
    let mut orders = vec![Vec::<&str>::new()];
    for _ in 0..4 {
        orders = orders
            .iter()
            .flat_map(|order| {
                let unused = DIGITS[..4].iter().filter(|digit| !order.contains(digit));
                unused
                    .map(|digit| [order.as_slice(), &[*digit]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    let keys = |order: &[&'static str]| order.iter().map(|digit| vec![*digit]).collect::<Vec<_>>();
    for order in &orders {
        let pairs = align::align(&keys(&DIGITS[..4]), &keys(order));
        let matched: Vec<_> = pairs
            .iter()
            .filter_map(|(one, other)| one.zip(*other))
            .collect();
        assert!(matched.is_sorted_by(|one, other| one.0 < other.0 && one.1 < other.1));
        assert!(
            matched
                .iter()
                .all(|(one, other)| DIGITS[*one] == order[*other])
        );
        let best = (0_u32..16)
            .filter(|set| {
                let places = (0..4).filter(|digit| set & (1 << digit) != 0);
                places
                    .map(|digit| order.iter().position(|known| *known == DIGITS[digit]))
                    .is_sorted()
            })
            .map(u32::count_ones)
            .max();
        assert_eq!(
            Some(matched.len()),
            best.map(|best| best as usize),
            "{order:?}"
        );
        let sides: (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        assert_eq!(
            sides.0.into_iter().flatten().collect::<Vec<_>>(),
            [0, 1, 2, 3]
        );
        assert_eq!(
            sides.1.into_iter().flatten().collect::<Vec<_>>(),
            [0, 1, 2, 3]
        );
    }
}

#[test]
fn variables_are_compared_by_name_and_their_order_is_told() {
    let found = configs(
        r#"{"config":{"Env":["PATH=/a","LANG=C","OLD=1","EMPTY="]}}"#,
        r#"{"config":{"Env":["LANG=C","PATH=/b","NEW=x=y","EMPTY"]}}"#,
    );
    assert_eq!(
        told(&found, Kind::Variable),
        [
            "EMPTY:  -> ",
            "OLD: 1 -> -",
            "PATH: /a -> /b",
            "NEW: - -> x=y",
            r#"their order: ["PATH","LANG","EMPTY"] -> ["LANG","PATH","EMPTY"]"#,
        ][1..]
    );
    // The last of one name counts, as it does for a container.
    let found = configs(
        r#"{"config":{"Env":["A=1","A=2"]}}"#,
        r#"{"config":{"Env":["A=2"]}}"#,
    );
    assert_eq!(told(&found, Kind::Variable), [""; 0]);
}

#[test]
fn settings_labels_and_history_are_compared_and_what_neither_says_is_not_told() {
    let found = configs(
        r#"{"os":"linux","architecture":"amd64","created":"2024-01-01T00:00:00Z","config":{"Cmd":["sh","-c"],
            "ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Labels":{"a":"1","b":"2"},
            "Healthcheck":{"Test":["CMD","x"],"Interval":1500000000,"Retries":3}},
            "history":[{"created_by":"ADD a"},{"created_by":"ENV A=1","empty_layer":true},{"created_by":"RUN x"}]}"#,
        r#"{"os":"linux","architecture":"x86_64","created":"2025-01-01T00:00:00Z","config":{"Cmd":["sh -c"],
            "ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Labels":{"b":"3","c":"4"}},
            "history":[{"created_by":"ADD a"},{"created_by":"RUN x"},{"created_by":"RUN y"}]}"#,
    );
    assert_eq!(
        told(&found, Kind::Setting),
        [
            "platform: linux/amd64 -> linux/x86_64",
            "created: 2024-01-01T00:00:00Z -> 2025-01-01T00:00:00Z",
            r#"command: ["sh","-c"] -> ["sh -c"]"#,
            r#"health check: ["CMD","x"], interval 1.5 s, retries 3 -> -"#,
        ]
    );
    assert_eq!(
        told(&found, Kind::Label),
        ["a: 1 -> -", "b: 2 -> 3", "c: - -> 4"]
    );
    assert_eq!(
        told(&found, Kind::Step),
        ["step 2: ENV A=1 -> -", "step 3: - -> RUN y"]
    );
    assert_eq!(
        found.sentence(),
        "4 settings, 3 labels and 2 steps of the history differ"
    );
}

#[test]
fn a_config_that_is_not_here_is_not_compared_and_nothing_is_called_equal() {
    let manifest = image(&["a"]);
    let one = config(r#"{"config":{"User":"root"}}"#);
    let found = compare((&manifest, Some(&one)), (&manifest, None));
    assert!(!found.configs_compared);
    assert!(
        found
            .sections
            .iter()
            .all(|section| section.kind != Kind::Setting)
    );
}

#[test]
fn entries_are_matched_by_platform_whatever_their_order_and_spelling() {
    let entry = |digit: &str, platform: &str| {
        let digest = digest(digit);
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":9{platform}}}"#
        )
    };
    let on = |os: &str, architecture: &str| {
        format!(r#","platform":{{"os":"{os}","architecture":"{architecture}"}}"#)
    };
    let attests = |of: &str| {
        let digest = digest(of);
        format!(
            r#",{},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{digest}"}}"#,
            on("unknown", "unknown").trim_start_matches(',')
        )
    };
    let list = |entries: &[String]| {
        let entries = entries.join(",");
        read(&format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{entries}]}}"#
        ))
    };
    let left = list(&[
        entry("a", &on("linux", "amd64")),
        entry("b", &on("linux", "aarch64")),
        entry("c", &on("linux", "s390x")),
        entry("d", &attests("a")),
    ]);
    let right = list(&[
        entry("e", &on("linux", "arm64")),
        entry("a", &on("linux", "amd64")),
        entry("f", &attests("a")),
        entry("c", &on("linux", "riscv64")),
    ]);
    let found = lists(&left, &right).expect("two lists");
    let rows: Vec<_> = found
        .entries
        .iter()
        .map(|row| {
            let place = |entry: &Option<Item>| entry.as_ref().map(|entry| entry.index);
            (
                row.title.as_str(),
                place(&row.left),
                place(&row.right),
                row.is_same(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("linux/amd64", Some(0), Some(1), true),
            ("linux/arm64", Some(1), Some(0), false),
            ("linux/s390x", Some(2), None, false),
            ("attestation of linux/amd64", Some(3), Some(2), false),
            ("linux/riscv64", None, Some(3), false),
        ]
    );
    assert_eq!(
        found.sentence(),
        "1 of 5 entries is the same; linux/arm64, attestation of linux/amd64 differ; \
         linux/s390x is only in the left one; linux/riscv64 is only in the right one"
    );
    let arm: Platform = "linux/arm64/v8".parse().expect("a platform");
    let entry = entry_for(left.list().expect("a list"), &arm).expect("an entry");
    assert_eq!(entry.digest_text, digest("b"));
    assert!(lists(&left, &image(&[])).is_none());
}

#[test]
fn the_text_marks_what_differs_as_diff_does_and_the_json_has_all_of_it() {
    let (left, right) = (image(&["a", "b"]), image(&["a", "c"]));
    let one = config(r#"{"config":{"Env":["A=1\n2"]}}"#);
    let other = config(r#"{"config":{"Env":["A=3"]}}"#);
    let found = compare((&left, Some(&one)), (&right, Some(&other)));
    let names: Names<'_> = [("app:1", Some("sha256:1")), ("app:2", None)];
    let expected = format!(
        "--- app:1 sha256:1\n+++ app:2\n1 of 2 layers is shared; 1 environment variable differs\n\n\
         Environment\n- A: 1\\n2\n+ A: 3\n\nLayers\n= {} 10\n- {} 10\n+ {} 10\n",
        digest("a"),
        digest("b"),
        digest("c")
    );
    assert_eq!(found.to_text(names), expected);
    let json: serde_json::Value = serde_json::from_str(&found.to_json(names)).expect("JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(json["right"]["name"], "app:2");
    assert_eq!(json["sections"][1]["changes"][0]["right"], "3");
    assert_eq!(json["layers"][1]["sharing"], "nothing");
}

#[test]
fn ten_thousand_layers_in_the_opposite_order_are_no_matter() {
    let names: Vec<String> = (0..10_000).map(|number| format!("{number:064x}")).collect();
    let keys: Vec<Vec<&str>> = names.iter().map(|name| vec![name.as_str()]).collect();
    let turned: Vec<_> = keys.iter().rev().cloned().collect();
    assert_eq!(align::align(&keys, &turned).len(), 19_999);
}
