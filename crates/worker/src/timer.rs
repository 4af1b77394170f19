//! What takes time.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, MessageChannel, WorkerGlobalScope};

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

/// Lets messages come that are waiting. It does so by a message of its own: a browser makes a timer
/// wait 4 ms once there were some, a quarter of the time that is worked.
pub(crate) struct Turns(Option<MessageChannel>);

impl Turns {
    pub(crate) fn new() -> Self {
        // Browsers can always make one.
        Self(MessageChannel::new().ok())
    }

    pub(crate) async fn next(&self) {
        let Some(channel) = &self.0 else { return };
        let turn = Promise::new(&mut |done, _| {
            channel.port1().set_onmessage(Some(&done));
            if channel.port2().post_message(&JsValue::UNDEFINED).is_err() {
                // Without a message it would wait for ever.
                let _ = done.call0(&JsValue::UNDEFINED);
            }
        });
        let _ = JsFuture::from(turn).await;
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        if let Some(channel) = &self.0 {
            channel.port1().close();
        }
    }
}
