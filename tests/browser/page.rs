//! The document: theme, dialogs, fields, focus, the clipboard.

use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::clipboard;
use waybill::browser::dom;
use waybill::theme::Theme;
use web_sys::{Element, HtmlElement};

use super::{document, js, window};

/// An element with `html` inside, on the page until the test ends.
struct Shown(Element);

impl Shown {
    fn new(html: &str) -> Self {
        let element = document().create_element("section").expect("an element");
        element.set_inner_html(html);
        document()
            .body()
            .expect("a body")
            .append_child(&element)
            .expect("on the page");
        Self(element)
    }

    fn find(&self, selector: &str) -> HtmlElement {
        self.0
            .query_selector(selector)
            .expect("a selector")
            .expect(selector)
            .unchecked_into()
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.remove();
    }
}

fn in_focus() -> String {
    document()
        .active_element()
        .map(|element| element.id())
        .unwrap_or_default()
}

#[wasm_bindgen_test]
fn a_theme_is_put_on_the_page_and_kept() {
    let root = document().document_element().expect("a root");
    let storage = window().local_storage().expect("allowed").expect("there");
    for theme in Theme::ALL {
        dom::set_theme(theme);
        assert_eq!(
            (dom::theme(), root.get_attribute("data-theme").as_deref()),
            (theme, Some(theme.name()))
        );
    }
    let keys: Vec<_> = (0..storage.length().expect("a length"))
        .map(|at| storage.key(at).expect("a key"))
        .collect();
    assert_eq!(
        keys,
        [Some("waybill.theme".to_owned())],
        "nothing else is stored"
    );
    storage.set_item("waybill.theme", "plaid").expect("stored");
    assert_eq!(dom::theme(), Theme::System);
    storage.clear().expect("cleared");
    assert_eq!(dom::theme(), Theme::System);
}

#[wasm_bindgen_test]
fn dialogs_open_and_close_and_do_not_mind_twice() {
    let shown = Shown::new("<dialog id='some'><button>x</button></dialog><p id='other'></p>");
    let is_open = || shown.find("dialog").has_attribute("open");
    dom::show_dialog("some");
    dom::show_dialog("some");
    assert!(is_open());
    dom::close_dialog("some");
    dom::close_dialog("some");
    assert!(!is_open());
    dom::show_dialog("other");
    dom::show_dialog("nothing");
}

#[wasm_bindgen_test]
fn fields_are_read_by_their_ids() {
    let _shown = Shown::new(
        "<input id='text' value='typed'><input id='on' type='checkbox' checked><input id='off' type='checkbox'>
         <select id='list'><option value='a'>A</option><option value='b' selected>B</option></select>",
    );
    assert_eq!(
        (dom::value("text"), dom::value("nothing")),
        ("typed".to_owned(), String::new())
    );
    assert_eq!(
        (dom::choice("list"), dom::choice("text")),
        ("b".to_owned(), String::new())
    );
    assert_eq!(
        (
            dom::is_checked("on"),
            dom::is_checked("off"),
            dom::is_checked("list")
        ),
        (true, false, false)
    );
}

#[wasm_bindgen_test]
fn the_focus_moves_and_what_it_is_on_can_be_copied() {
    let shown = Shown::new(
        "<input id='text' value='typed'><h1 id='title' tabindex='-1'>x</h1>
         <button id='digest' data-copy='sha256:1'><code>1</code></button>",
    );
    dom::select("text");
    assert_eq!(
        (in_focus().as_str(), dom::is_typing(), dom::focused_copy()),
        ("text", true, None)
    );
    dom::focus("title");
    assert_eq!((in_focus().as_str(), dom::is_typing()), ("title", false));
    dom::focus("digest");
    assert_eq!(dom::focused_copy().as_deref(), Some("sha256:1"));
    dom::focus("nothing");
    assert_eq!(in_focus(), "digest");
    let inside = shown.find("code").into();
    assert_eq!(
        dom::attribute_around(Some(inside), "data-copy").as_deref(),
        Some("sha256:1")
    );
    assert_eq!(
        dom::attribute_around(Some(shown.find("h1").into()), "data-copy"),
        None
    );
    assert_eq!(
        dom::attribute_around(Some(window().into()), "data-copy"),
        None
    );
}

#[wasm_bindgen_test]
fn the_title_is_set() {
    dom::set_title("app:1.0 · Waybill");
    assert_eq!(document().title(), "app:1.0 · Waybill");
}

/// As on a page that came over plain http: no secure context. What is asked of the browser then is written down.
const INSECURE: &str = "(() => {
    const own = Object.getOwnPropertyDescriptor(window, 'isSecureContext');
    Object.defineProperty(window, 'isSecureContext', {value: false, configurable: true});
    document.execCommand = command => {
        window.asked = command + ' ' + document.activeElement.value;
        return Document.prototype.execCommand.call(document, command);
    };
    window.restore = () => {
        Object.defineProperty(window, 'isSecureContext', own);
        delete document.execCommand;
    };
})()";

/// Whether the browser lets the page copy is not for a test to say.
#[wasm_bindgen_test]
async fn copying_is_tried_with_and_without_the_clipboard_api() {
    let _ = clipboard::copy("sha256:1").await;
    js(INSECURE);
    let _ = clipboard::copy("sha256:2").await;
    js("window.restore()");
    assert_eq!(
        js("window.asked").as_string().as_deref(),
        Some("copy sha256:2")
    );
    assert!(
        document()
            .query_selector("textarea")
            .expect("a selector")
            .is_none(),
        "a text area was left"
    );
}

#[wasm_bindgen_test]
fn the_person_is_asked_before_leaving_as_long_as_the_guard_lives() {
    let is_asked = || {
        let event = js("new Event('beforeunload', { cancelable: true })")
            .unchecked_into::<web_sys::Event>();
        !window().dispatch_event(&event).expect("an event")
    };
    let guard = dom::Guard::new();
    assert!(guard.is_some() && is_asked());
    drop(guard);
    assert!(!is_asked());
}
