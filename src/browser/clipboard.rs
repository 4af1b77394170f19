//! Copying text, also where the page is not in a secure context; and reading it, where the browser lets the page.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Copies `text`; false where the browser does not let the page.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    if window.is_secure_context() {
        let promise = window.navigator().clipboard().write_text(text);
        if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
            return true;
        }
    }
    // Plain http has no clipboard API: select the text in an element that nobody sees, and copy the selection.
    let Some(document) = window
        .document()
        .and_then(|document| document.dyn_into::<HtmlDocument>().ok())
    else {
        return false;
    };
    let Ok(area) = document.create_element("textarea") else {
        return false;
    };
    let area: HtmlTextAreaElement = area.unchecked_into();
    area.set_value(text);
    area.set_class_name("offscreen");
    let Some(body) = document.body() else {
        return false;
    };
    if body.append_child(&area).is_err() {
        return false;
    }
    let focused = document
        .active_element()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    area.select();
    let copied = document.exec_command("copy").unwrap_or(false);
    area.remove();
    if let Some(element) = focused {
        let _ = element.focus();
    }
    copied
}

/// Reads the text on the clipboard; `None` where the browser does not let the page.
pub async fn read() -> Option<String> {
    let window = web_sys::window().filter(web_sys::Window::is_secure_context)?;
    let promise = window.navigator().clipboard().read_text();
    wasm_bindgen_futures::JsFuture::from(promise)
        .await
        .ok()?
        .as_string()
}
