//! Manifests that are pasted or dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::file_input::{self, Given};
use waybill::local_content::{Import, LocalContent};
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
fn pasted_json_is_a_manifest_and_other_text_only_where_anything_is_taken() {
    let given = |text: &str| Some(LocalContent::text("The pasted text", text));
    assert_eq!(
        file_input::pasted(&paste("{\"a\":\r\n1}\n"), false),
        given("{\"a\":\r\n1}\n")
    );
    for text in ["nginx:1.27", "docker pull nginx", "[1]", "\"{}\""] {
        assert_eq!(file_input::pasted(&paste(text), false), None, "{text}");
        assert_eq!(file_input::pasted(&paste(text), true), given(text));
    }
    assert_eq!(file_input::pasted(&paste(""), true), None);
    assert_eq!(file_input::pasted(&event("new Event('paste')"), true), None);
    assert!(taken(&paste("{}")).is_none(), "text is not a file");
}

/// Takes what an event brings that is of no input.
fn taken(event: &Event) -> Option<Given> {
    Given::take(event, "", "")
}

async fn read(event: &Event) -> Import {
    file_input::read(taken(event).expect("files")).await
}

#[wasm_bindgen_test]
async fn dropped_files_are_read_to_the_byte() {
    let opened = read(&event(DROP)).await;
    let bytes = [0xef, 0xbb, 0xbf, 123, 13, 10, 0, 255];
    let one = LocalContent::new("a.json", bytes, true);
    let other = LocalContent::new("b.json", *b"{}", true);
    assert_eq!(
        opened,
        Import {
            files: vec![one, other],
            ..Import::default()
        }
    );
    assert!(taken(&event("new DragEvent('drop')")).is_none());
}

#[wasm_bindgen_test]
async fn what_is_too_large_is_left_out_by_name() {
    let large = "(() => { const data = new DataTransfer(); data.items.add(new File(['{}'], 'a'));
                  data.items.add(new File([new Uint8Array(33 << 20)], 'b')); data.items.add(new File(['[]'], 'c'));
                  return new DragEvent('drop', {dataTransfer: data}); })()";
    let opened = read(&event(large)).await;
    let names: Vec<_> = opened
        .files
        .iter()
        .map(|given| given.name.as_str())
        .collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(
        opened.left_out,
        [("b".to_owned(), "at most 32 MiB are opened at once")]
    );
}
