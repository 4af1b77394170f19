//! What takes time.

use std::cell::Cell;

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

/// Lets others have a turn: the browser, which only then lets go of what was read, and at every
/// fourth the messages that are waiting. Those come by a message of its own: a browser makes a timer
/// wait 4 ms once there were some, a quarter of the time that is worked. By messages alone it lets
/// go of less: where there is `scheduler.yield()`, the turns between are made by that.
pub(crate) struct Turns {
    channel: Option<MessageChannel>,
    /// `scheduler.yield`; Safari has none.
    yields: Option<Function>,
    taken: Cell<u8>,
}

/// The turns from one that hears messages to the next.
const HEARS: u8 = 4;

impl Turns {
    pub(crate) fn new() -> Self {
        let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
        let scheduler = get(&scope(), "scheduler").filter(JsValue::is_object);
        let yields = scheduler.and_then(|scheduler| {
            let yields = get(&scheduler, "yield")?.dyn_into::<Function>().ok()?;
            Some(yields.bind0(&scheduler))
        });
        Self {
            // Browsers can always make one.
            channel: MessageChannel::new().ok(),
            yields,
            taken: Cell::new(0),
        }
    }

    pub(crate) async fn next(&self) {
        let taken = self.taken.get().wrapping_add(1);
        self.taken.set(taken);
        if let Some(yields) = self
            .yields
            .as_ref()
            .filter(|_| !taken.is_multiple_of(HEARS))
            && let Ok(turn) = yields.call0(&JsValue::UNDEFINED)
        {
            let _ = JsFuture::from(turn.unchecked_into::<Promise>()).await;
            return;
        }
        let Some(channel) = &self.channel else { return };
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
        if let Some(channel) = &self.channel {
            channel.port1().close();
        }
    }
}
