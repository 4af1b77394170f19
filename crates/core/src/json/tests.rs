//! What reading brings up, as findings tell it.

use super::*;
use crate::finding::{Code, Finding};

fn error(bytes: &[u8]) -> String {
    read(bytes).expect_err("not an object").to_string()
}

fn findings(bytes: &[u8]) -> Vec<String> {
    let document = read(bytes).unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()));
    let found = document.anomalies.into_iter().map(Finding::from);
    found
        .map(|finding| format!("{} {}: {}", finding.code, finding.pointer, finding.message))
        .collect()
}

#[test]
fn errors_name_the_place_and_the_rule() {
    for (text, said) in [
        (
            "  \n",
            "line 1, column 1: nothing, a manifest is a JSON object",
        ),
        (
            "\n<!doctype html>",
            "line 2, column 1: an HTML page, a manifest is a JSON object",
        ),
        (
            " 7",
            "line 1, column 2: a number, a manifest is a JSON object",
        ),
        (
            "[1]",
            "line 1, column 1: an array, a manifest is a JSON object",
        ),
        ("{\"a\":\n}", "line 2, column 1: '}', a value belongs here"),
        (
            "{\"a\":1",
            "line 1, column 7: the text ends, a comma or } belongs here",
        ),
        (
            "{\"a\":[1",
            "line 1, column 8: the text ends, a comma or ] belongs here",
        ),
        (
            "{\"é\":[1,]}",
            "line 1, column 9: ']', a value belongs behind a comma",
        ),
        (
            "{\"a\":1,}",
            "line 1, column 8: '}', a name in quotes belongs behind a comma",
        ),
        (
            "{a:1}",
            "line 1, column 2: 'a', a name in quotes or } belongs here",
        ),
        (
            "{\"a\" 1}",
            "line 1, column 6: '1', a colon belongs behind a name",
        ),
        (
            "{\"a\":01}",
            "line 1, column 7: '1', a number has no leading zero",
        ),
        ("{\"a\":-}", "line 1, column 7: '}', a digit belongs here"),
        ("{\"a\":1.}", "line 1, column 8: '}', a digit belongs here"),
        ("{\"a\":1e+}", "line 1, column 9: '}', a digit belongs here"),
        ("{\"a\":tru}", "line 1, column 6: 't', a value belongs here"),
        (
            "{\"a\":\"\n\"}",
            "line 1, column 7: '\\n', a control character has to be escaped",
        ),
        (
            "{\"a\":\"\\x\"}",
            "line 1, column 8: 'x', one of \" \\ / b f n r t u belongs behind a backslash",
        ),
        (
            "{\"a\":\"\\u12g4\"}",
            "line 1, column 11: 'g', four hexadecimal digits belong behind \\u",
        ),
        (
            "{\"a\":\"",
            "line 1, column 7: the text ends, the string has no end",
        ),
    ] {
        assert_eq!(error(text.as_bytes()), said);
    }
    assert_eq!(
        error(b"{\"a\":\"\xc3\xa9\xff\"}"),
        "line 1, column 8: byte 0xff is not UTF-8, JSON is"
    );
    assert_eq!(
        error(b"{\"a\":01,\"\xff\"}"),
        "line 1, column 7: '1', a number has no leading zero"
    );
    assert_eq!(
        error(b"\xff"),
        "line 1, column 1: byte 0xff is not UTF-8, JSON is"
    );
}

#[test]
fn what_is_nested_deeper_than_the_limit_is_refused() {
    let nested = |deep: usize| format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
    assert!(read(nested(127).as_bytes()).is_ok());
    assert_eq!(
        error(nested(128).as_bytes()),
        "line 1, column 133: nested 129 deep, at most 128 are read"
    );
    assert_eq!(
        error(&b"[".repeat(1_000_000)),
        "line 1, column 129: nested 129 deep, at most 128 are read"
    );
}

#[test]
fn errors_are_findings_in_the_array_or_object_where_they_are() {
    let deep = "[".repeat(128);
    for (bytes, expected) in [
        (&b" \n<p>"[..], "not-json  2:1"),
        (b"{\"a\":1 2}", "not-json  1:8"),
        (
            b"{\"a\":[0,{\"b/c\":\n{\"d\":nul}}]}",
            "not-json /a/1/b~1c 2:6",
        ),
        (b"{\"a\":{\"b\":\"\xff\"}}", "not-utf8 /a 1:12"),
        (b" []", "not-an-object  1:2"),
        (
            format!("{{\"a\":{deep}").as_bytes(),
            &format!("too-deep /a{} 1:133", "/0".repeat(126)),
        ),
    ] {
        let error = read(bytes).expect_err("not an object");
        let finding = Finding::from(&error);
        let place = Finding::places(std::slice::from_ref(&finding), bytes)
            .remove(0)
            .expect("a place");
        assert_eq!(
            (place.position, place.exact),
            (error.position, true),
            "{error}"
        );
        let Position { line, column } = place.position;
        assert_eq!(
            format!("{} {} {line}:{column}", finding.code, finding.pointer),
            expected
        );
        assert_eq!(finding.message, error.to_string());
    }
    let nothing = Finding::from(&read(b" ").expect_err("nothing"));
    assert_eq!(
        (nothing.code, Finding::places(&[nothing], b" ")),
        (Code::NotAnObject, vec![None])
    );
}

#[test]
fn duplicates_order_and_surroundings_are_kept() {
    let bytes = b"\xef\xbb\xbf{\"b\":null,\"a\":[1],\"a\":\"\\u00e9\"}\n";
    let document = read(bytes).expect("an object");
    let names: Vec<_> = document.object.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b", "a", "a"]);
    assert_eq!(document.object.get("b"), None);
    assert_eq!(
        Value::Object(document.object).to_text(),
        "{\"b\":null,\"a\":[1],\"a\":\"é\"}"
    );
    assert_eq!(
        findings(bytes),
        [
            "byte-order-mark : the bytes begin with U+FEFF",
            "duplicate-name /a: \"a\" stands here 2 times"
        ]
    );
    // What follows the object need not even be text.
    assert_eq!(
        findings(b"{}\n \xff{"),
        ["trailing-data : 2 bytes from line 2, column 2"]
    );
}

#[test]
fn names_that_clients_take_for_each_other_are_found_in_every_object() {
    assert_eq!(
        findings(br#"{"a":{"x":[{"b":1,"b":2,"b":3,"c":4}]},"c":5}"#),
        ["duplicate-name /a/x/0/b: \"b\" stands here 3 times"]
    );
    assert_eq!(
        findings(
            r#"{"layers":1,"Layers":2,"layerſ":3,"\u006cayers":4,"_":5,"\u007f":6}"#.as_bytes()
        ),
        [
            "case-variant-name /Layers: \"Layers\" differs only in case from \"layers\"",
            "case-variant-name /layerſ: \"layerſ\" differs only in case from \"layers\"",
            "duplicate-name /layers: \"layers\" stands here 2 times",
        ]
    );
    // In a map of the author's own names case tells names apart, for every client.
    assert_eq!(
        findings(br#"{"annotations":{"a":"","A":""},"Labels":{"b":"","B":"","b":""}}"#),
        ["duplicate-name /Labels/b: \"b\" stands here 2 times"]
    );
    // A long name in front of many is not written out with each.
    let long = format!(r#"{{"x":{{"{}":[{{"a":1,"a":1}}]}}}}"#, "y".repeat(1_000));
    assert_eq!(
        findings(long.as_bytes()),
        ["duplicate-name /x: \"a\" stands here 2 times"]
    );
}

#[test]
fn everything_that_is_json_is_read_and_shown() {
    let bytes =
        br#"{"n":[1e400,-1E+999,{"x":1.0}],"s":"a\ud800b","\udc00":"\ud83d\ude00","t":"\udfff\ud800\u0041"}"#;
    let document = read(bytes).expect("an object");
    let text = Value::Object(document.object).to_text();
    assert_eq!(
        text,
        "{\"n\":[1e400,-1E+999,{\"x\":1.0}],\"s\":\"a\u{fffd}b\",\"\u{fffd}\":\"😀\",\"t\":\"\u{fffd}\u{fffd}A\"}"
    );
    assert_eq!(
        findings(bytes),
        [
            "number-form /n/2/x: 1.0 is written with a fraction or an exponent",
            "number-range /n/0: 1e400 is beyond what 64 bits of floating point hold, and 1 more like it",
            "lone-surrogate /s: the text holds half a surrogate pair, and 2 more like it",
        ]
    );
    assert_eq!(
        findings(br#"{"\ud800":1,"\udbff":2}"#)[0],
        "duplicate-name /\u{fffd}: \"\u{fffd}\" stands here 2 times"
    );
}

#[test]
fn numbers_and_texts_are_shown_as_they_were_written() {
    let bytes =
        br#"{"a":[1,-2,1.50,1E+2,-0,18446744073709551616],"b":{"c":"\u00e9\n\""},"d":[],"e":{},"f":[null,true]}"#;
    let document = read(bytes).expect("an object");
    let compact = bytes
        .iter()
        .map(|byte| char::from(*byte))
        .collect::<String>()
        .replace("\\u00e9", "é");
    assert_eq!(Value::Object(document.object).to_text(), compact);
}

#[test]
fn hostile_sizes_are_answered() {
    let object = |members: String| format!("{{{members}}}").into_bytes();
    let list = |count: usize, member: &dyn Fn(usize) -> String| {
        (0..count).map(member).collect::<Vec<_>>().join(",")
    };
    assert_eq!(
        error(&b"{\"a\":".repeat(200_000)),
        "line 1, column 641: nested 129 deep, at most 128 are read"
    );
    assert_eq!(
        error(&b",".repeat(4 << 20)),
        "line 1, column 1: ',', a value belongs here"
    );
    assert_eq!(
        error(&object(",".repeat(4 << 20))),
        "line 1, column 2: ',', a name in quotes or } belongs here"
    );
    assert_eq!(
        findings(&object(format!("\"a\":\"{}\"", "é".repeat(3 << 19)))),
        [""; 0]
    );
    let same = object(list(100_000, &|_| "\"config\":1".to_owned()));
    assert_eq!(
        findings(&same),
        ["duplicate-name /config: \"config\" stands here 100000 times"]
    );
    let twice = findings(&object(list(200_000, &|number| {
        format!("\"{}\":1", number % 100_000)
    })));
    assert_eq!(twice.len(), 100_000);
    assert_eq!(
        twice[99_999],
        "duplicate-name /99999: \"99999\" stands here 2 times"
    );
    assert_eq!(
        findings(&object(list(300_000, &|number| format!("\"{number}\":1")))),
        [""; 0]
    );
    assert_eq!(
        findings(&object(format!(
            "\"a\":[{}]",
            list(500_000, &|_| "1e2".to_owned())
        )))[0],
        "number-form /a/0: 1e2 is written with a fraction or an exponent, and 499999 more like it"
    );
    // A long name that has to be unescaped, in front of many objects with duplicates.
    let inner = list(50_000, &|_| "{\"a\":1,\"a\":1}".to_owned());
    let found = findings(&object(format!(
        "\"{}\":[{inner}]",
        "\\u0041".repeat(300_000)
    )));
    assert_eq!(
        (found.len(), found[0].as_str()),
        (50_000, "duplicate-name : \"a\" stands here 2 times")
    );
}
