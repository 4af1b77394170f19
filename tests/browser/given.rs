//! Manifests that are pasted or dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::files::{self, Given};
use web_sys::Event;

use super::js;

const PASTE: &str = "(() => { const data = new DataTransfer(); data.setData('text/plain', TEXT);
                      return new ClipboardEvent('paste', {clipboardData: data}); })()";
const DROP: &str = "(() => { const data = new DataTransfer();
                     data.items.add(new File([new Uint8Array([0xef, 0xbb, 0xbf, 123, 13, 10, 0, 255])], 'a.json'));
                     data.items.add(new File(['{}'], 'b.json'));
                     return new DragEvent('drop', {dataTransfer: data}); })()";

fn event(expression: &str) -> Event {
    js(expression).unchecked_into()
}

fn paste(text: &str) -> Event {
    event(&PASTE.replace("TEXT", &format!("{text:?}")))
}

#[wasm_bindgen_test]
fn pasted_json_is_a_manifest_and_other_text_is_not() {
    let given = files::pasted_manifest(&paste("{\"a\":\n1}\n"));
    let expected = Given { name: "The pasted text".into(), bytes: (*b"{\"a\":\n1}\n").into(), exact: false };
    assert_eq!(given, Some(expected));
    for text in ["nginx:1.27", "", "docker pull nginx", "[1]"] {
        assert_eq!(files::pasted_manifest(&paste(text)), None, "{text}");
    }
    assert_eq!(files::pasted_manifest(&event("new Event('paste')")), None);
    assert!(files::first_file(files::transfer(&paste("{}"))).is_none(), "text is not a file");
}

#[wasm_bindgen_test]
async fn a_dropped_file_is_read_to_the_byte() {
    let file = files::first_file(files::transfer(&event(DROP))).expect("a file");
    let given = files::read(file).await.expect("read");
    let bytes = [0xef, 0xbb, 0xbf, 123, 13, 10, 0, 255];
    assert_eq!(given, Given { name: "a.json".into(), bytes: bytes.into(), exact: true });
    assert!(files::first_file(files::transfer(&event("new DragEvent('drop')"))).is_none());
}
