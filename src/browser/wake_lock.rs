//! Keeps the machine awake while something long is under way, where the browser can (Screen Wake Lock,
//! <https://w3c.github.io/screen-wake-lock/>). The others let it sleep, and the work goes on when it wakes.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::dom::{Listener, listen};
use crate::page::spawn;

/// Keeps the machine awake as long as it lives.
#[derive(Debug)]
pub struct WakeLock {
    held: Held,
    _listener: Option<Listener>,
}

/// What the browser gave, to be given back; `None` before, and once the lock is dropped.
type Held = Rc<RefCell<Option<JsValue>>>;

impl WakeLock {
    /// Asks the browser; once more whenever the page is seen again, since it is let go when it is hidden.
    #[must_use]
    pub fn new() -> Self {
        let held = Held::default();
        ask(&held);
        let again = Rc::downgrade(&held);
        let listener = listen("visibilitychange", move |_| {
            if let Some(held) = again.upgrade() {
                ask(&held);
            }
        });
        Self {
            held,
            _listener: listener,
        }
    }
}

impl Default for WakeLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for WakeLock {
    fn drop(&mut self) {
        if let Some(given) = self.held.take() {
            release(&given);
        }
    }
}

fn release(given: &JsValue) {
    // What fails is let go already.
    let _ = call(given, "release", &[]);
}

fn ask(held: &Held) {
    let Some(asked) = request() else { return };
    let weak = Rc::downgrade(held);
    spawn(async move {
        let Ok(given) = JsFuture::from(asked).await else {
            return;
        };
        match weak.upgrade() {
            Some(held) => drop(held.replace(Some(given))),
            // It came too late.
            None => release(&given),
        }
    });
}

/// Asks for the lock; `None` where the browser has none.
fn request() -> Option<Promise> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let lock = Reflect::get(&navigator, &"wakeLock".into()).ok()?;
    call(&lock, "request", &["screen".into()])?.dyn_into().ok()
}

fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = Reflect::get(of, &name.into()).ok()?.dyn_into().ok()?;
    let arguments: js_sys::Array = arguments.iter().collect();
    function.apply(of, &arguments).ok()
}
