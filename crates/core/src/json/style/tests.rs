use super::order::DOCKER;
use super::*;

#[test]
fn an_object_is_indented_as_it_is_written_unless_that_is_too_long() {
    let shown =
        indented(b"\xef\xbb\xbf {\"a\" : [1.0, {\"b\":[ ]}],\"c\":{ }, \"\\u00e9\":1e400} x");
    let expected = "{\n  \"a\": [\n    1.0,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {},\n  \"\\u00e9\": 1e400\n}";
    assert_eq!(shown.as_deref(), Some(expected));
    assert_eq!(indented(b"[1]"), None);
    let deep = [
        b"{\"a\":".repeat(126),
        b"[".to_vec(),
        b"1,".repeat(200_000),
        b"1]".to_vec(),
        b"}".repeat(126),
    ];
    assert_eq!(indented(&deep.concat()), None);
}

fn written(json: &str, order: Order, escapes: Escapes) -> String {
    let document = crate::json::read(json.as_bytes()).expect("an object");
    compact(&document.object, order, escapes, None)
}

#[test]
fn what_would_take_too_much_is_not_laid_out() {
    let deep = "[".repeat(1_000_000);
    assert_eq!(
        Layout::Indented("  ").apply_within(deep.as_bytes(), 1 << 20),
        None
    );
    assert_eq!(
        Layout::Compact.apply_within(b"[ 1 ]", 3).as_deref(),
        Some(&b"[1]"[..])
    );
}

#[test]
fn a_layout_is_undone_by_another() {
    let text = br#"{"a":[],"b":{"c":[{"d":"x, \" : {"},-1.50e+3,true,null]},"e":{}}"#;
    for layout in Layout::ALL {
        let laid_out = layout.apply(text);
        assert_eq!(Layout::Compact.apply(&laid_out), text, "{layout:?}");
        for other in Layout::ALL {
            assert_eq!(
                other.apply(&laid_out),
                other.apply(text),
                "{layout:?} {other:?}"
            );
        }
    }
    assert_eq!(
        Layout::Spaced.apply(b"{\"a\":[1,2],\"b\":3}"),
        b"{\"a\": [1, 2], \"b\": 3}"
    );
    assert_eq!(
        Layout::Compact.apply(b"{\"a\": [ ] ,\"b\":{\n}}"),
        b"{\"a\":[],\"b\":{}}"
    );
    // What is cut off stays cut off.
    assert_eq!(Layout::Compact.apply(b"{ \"a\\"), b"{\"a\\");
}

#[test]
fn each_tool_escapes_its_own_way() {
    let json = "{\"a\":\"<&>\u{2028}é😀\\n\\u0001\\\"\"}";
    assert_eq!(written(json, Order::AsWritten, Escapes::Plain), json);
    let html = "{\"a\":\"\\u003c\\u0026\\u003e\\u2028é😀\\n\\u0001\\\"\"}";
    assert_eq!(written(json, Order::AsWritten, Escapes::Html), html);
    assert_eq!(written(html, Order::AsWritten, Escapes::Plain), json);
    let ascii = "{\"a\":\"<&>\\u2028\\u00e9\\ud83d\\ude00\\n\\u0001\\\"\"}";
    assert_eq!(written(json, Order::AsWritten, Escapes::Ascii), ascii);
    assert_eq!(
        written(json, Order::AsWritten, Escapes::Separators),
        json.replace('\u{2028}', "\\u2028")
    );
}

#[test]
fn each_tool_has_its_order() {
    let json = r#"{"manifests":[{"platform":{"os":"o","architecture":"a"},"x":1,"size":2,"digest":"d","mediaType":"m"}],"annotations":{"b":"","a":""},"schemaVersion":2}"#;
    let order = |order| written(json, order, Escapes::Plain);
    assert_eq!(order(Order::AsWritten), json);
    assert_eq!(
        order(Order::Sorted),
        r#"{"annotations":{"a":"","b":""},"manifests":[{"digest":"d","mediaType":"m","platform":{"architecture":"a","os":"o"},"size":2,"x":1}],"schemaVersion":2}"#
    );
    let rest = r#""platform":{"architecture":"a","os":"o"},"x":1}],"annotations":{"a":"","b":""}}"#;
    let head = r#"{"schemaVersion":2,"manifests":[{"mediaType":"m","#;
    assert_eq!(
        order(Order::Fields(&IMAGE_SPEC)),
        [head, r#""digest":"d","size":2,"#, rest].concat()
    );
    assert_eq!(
        order(Order::Fields(&DOCKER)),
        [head, r#""size":2,"digest":"d","#, rest].concat()
    );
}
