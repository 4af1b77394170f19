//! What takes time.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, WorkerGlobalScope};

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Ends a request after so many seconds, unless it is dropped before.
pub(crate) struct Alarm(Option<i32>);

impl Alarm {
    pub(crate) fn set(seconds: u32, controller: &AbortController) -> Self {
        let milliseconds = i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX);
        let abort = Reflect::get(controller, &JsValue::from_str("abort")).unwrap_or_default();
        let abort: Function = abort.unchecked_into();
        let set = scope().set_timeout_with_callback_and_timeout_and_arguments_0(
            &abort.bind0(controller),
            milliseconds,
        );
        Self(set.ok())
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            scope().clear_timeout_with_handle(id);
        }
    }
}

/// Lets messages come that are waiting.
pub(crate) async fn turn() {
    let turn = Promise::new(&mut |done, _| {
        // Without a timer it would not be waited for; there is always one.
        let _ = scope().set_timeout_with_callback(&done);
    });
    let _ = JsFuture::from(turn).await;
}
