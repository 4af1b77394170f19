//! The style sheet of the parts that are loaded when they are wanted: `static/parts.css`.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

use super::workers::thread::address;

thread_local! {
    /// Its element and its coming, once somebody asked for it.
    static COMING: RefCell<Option<(Element, Promise)>> = const { RefCell::new(None) };
}

/// Begins to load the style of the parts; where it is here or on its way, nothing more is asked for. Where the page
/// names none, all of it came with the page: Trunk makes it so.
///
/// What this answers with waits for it, and tells whether it came. Where it did not, it may be called again.
pub fn load() -> impl Future<Output = bool> {
    let coming = COMING.with_borrow_mut(|coming| {
        *coming = coming.take().or_else(begin);
        coming.clone()
    });
    async move {
        let Some((link, coming)) = coming else {
            return true;
        };
        let came = JsFuture::from(coming).await.is_ok();
        if !came {
            link.remove();
            COMING.take();
        }
        came
    }
}

fn begin() -> Option<(Element, Promise)> {
    let address = address("data-style")?;
    let document = web_sys::window()?.document()?;
    let link = document.create_element("link").ok()?;
    link.set_attribute("rel", "stylesheet").ok()?;
    link.set_attribute("href", &address).ok()?;
    let coming = Promise::new(&mut |came, failed| {
        for (event, tell) in [("load", came), ("error", failed)] {
            // Any element can be listened to.
            let _ = link.add_event_listener_with_callback(event, &tell);
        }
    });
    document.head()?.append_child(&link).ok()?;
    Some((link, coming))
}
