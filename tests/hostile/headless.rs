//! The hostile manifests through the headless reader, as a script would meet them.

use waybill_core::media_type::MediaType;
use waybill_testkit::hostile::{self, Hostile};
use waybill_testkit::reader::read;

/// Runs it with the digest that the bytes have, which must not make anything of this good.
fn ran(hostile: &Hostile) -> (i32, serde_json::Value) {
    let mut arguments = vec![
        hostile
            .path
            .as_ref()
            .map_or("-".into(), |path| path.as_os_str().to_owned()),
    ];
    let mut option = |name: &str, value: Option<&str>| {
        arguments.extend(
            value
                .map(|value| [name.into(), value.into()])
                .into_iter()
                .flatten(),
        );
    };
    option("--expect", hostile.digest.as_deref());
    option(
        "--content-type",
        hostile.told.as_ref().map(MediaType::as_str),
    );
    let input = if hostile.path.is_some() {
        &[][..]
    } else {
        &hostile.bytes
    };
    let ran = read(&arguments, input);
    assert_eq!(
        (ran.lines.len(), ran.complaint.as_str()),
        (1, ""),
        "{}: {}",
        hostile.name,
        ran.output
    );
    (ran.status, ran.lines.into_iter().next().unwrap_or_default())
}

#[test]
fn each_ends_with_one_line_that_says_what_is_wrong() {
    for hostile in hostile::all() {
        let name = &hostile.name;
        let (status, line) = ran(hostile);
        assert_eq!(
            status,
            if hostile.format.is_some() { 1 } else { 2 },
            "{name}: {line}"
        );
        assert_eq!(
            line["error"].is_string(),
            hostile.format.is_none(),
            "{name}: {line}"
        );
        assert_eq!(line["digest"].as_str(), hostile.digest.as_deref(), "{name}");
        let errors = line["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .any(|found| found["severity"] == "error");
        if errors || hostile.format.is_none() || hostile.digest.is_none() {
            assert_eq!(line["verdict"], "not checked", "{name}: {line}");
        }
        for found in line["findings"].as_array().expect("findings") {
            let at_least_one =
                |member: &str| found[member].as_u64().is_some_and(|number| number > 0);
            assert!(
                at_least_one("line") && at_least_one("column"),
                "{name}: {found}"
            );
        }
        if let Some(error) = hostile.error.as_ref().filter(|place| !place.is_empty()) {
            let found = &line["findings"][0];
            assert_eq!(
                format!("{}:{}", found["line"], found["column"]),
                *error,
                "{name}: {found}"
            );
        }
    }
}

/// A million open brackets, closed and indented as tools do it, would be a terabyte.
#[test]
fn the_search_for_a_cause_ends_however_deep_the_bytes_nest() {
    for (name, cause) in [
        ("broken/a-million-brackets", Some("truncated")),
        ("broken/deep-inside", None),
    ] {
        let hostile = hostile::all()
            .iter()
            .find(|hostile| hostile.name == name)
            .expect(name);
        let ran = read(
            &["-", &format!("--expect=sha256:{}", "0".repeat(64))],
            &hostile.bytes,
        );
        assert_eq!(
            (ran.status, ran.lines[0]["cause"].as_str()),
            (2, cause),
            "{name}"
        );
    }
}
