//! A download that a service worker answers: the browser writes it to the disk while the page sends it.
//!
//! The page hands the worker one end of a stream and presses a link to an address of the worker's, so the browser
//! takes it for a download from a server. To break off fails the download, and nothing is under its name.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlAnchorElement, MessageEvent, WritableStream};

use super::{has, member};
use crate::browser::disk::{FileOnDisk, call, opened};
use crate::browser::workers::thread::{DOWNLOADS, address, trusted};

/// Below which path the worker answers, beside its script.
const SCOPE: &str = "./dl/";
/// How long the browser may take to begin, in milliseconds.
const BEGIN_MS: i32 = 10_000;
/// How often the worker is told that there is more to come, in milliseconds: a browser ends one that hears nothing for
/// thirty seconds.
const ALIVE_MS: i32 = 10_000;

/// Tells whether this browser can be given a download piece by piece. Safari has all of it and ends the worker.
pub(super) fn is_there() -> bool {
    let navigator = member(&js_sys::global(), "navigator");
    let container = member(&navigator, "serviceWorker");
    let is_apple = member(&navigator, "vendor")
        .as_string()
        .is_some_and(|vendor| vendor.starts_with("Apple"));
    !container.is_undefined() && !is_apple && has("TransformStream") && address(DOWNLOADS).is_some()
}

/// A download under way.
#[derive(Debug)]
pub struct Handed {
    /// What is written.
    pub(super) file: FileOnDisk,
    _alive: Alive,
}

impl Handed {
    /// Begins a download.
    pub(super) async fn open(name: &str, size: u64) -> Result<Self, JsValue> {
        let worker = worker().await?;
        let transform: Function = member(&js_sys::global(), "TransformStream").dyn_into()?;
        let stream = Reflect::construct(&transform, &Array::new())?;
        let (readable, writable) = (member(&stream, "readable"), member(&stream, "writable"));
        let channel = web_sys::MessageChannel::new()?;
        let id = [
            &js_sys::Date::now().to_string(),
            "-",
            &js_sys::Math::random().to_string().replace('.', ""),
        ]
        .concat();
        let announced = Object::new();
        for (member, value) in [
            ("id", JsValue::from(&*id)),
            ("name", name.into()),
            // A file has fewer bytes than a number of JavaScript counts.
            ("size", size.to_string().into()),
            ("stream", readable.clone()),
        ] {
            Reflect::set(&announced, &member.into(), &value)?;
        }
        let ends = Array::of2(&readable, &channel.port2());
        let port = channel.port1();
        let first = heard(&port);
        let post: Function = member(&worker, "postMessage").dyn_into()?;
        Reflect::apply(&post, &worker, &Array::of2(&announced, &ends))?;
        JsFuture::from(first).await?;
        let begun = heard(&port);
        press(&[SCOPE, &id].concat())?;
        JsFuture::from(begun).await?;
        port.close();
        let writable: WritableStream = writable.dyn_into()?;
        Ok(Self {
            file: FileOnDisk::over(&writable, true)?,
            _alive: Alive::of(&worker)?,
        })
    }
}

/// Starts the worker, and answers with it once it hears.
async fn worker() -> Result<JsValue, JsValue> {
    let global: Object = js_sys::global();
    let container = member(&member(&global, "navigator"), "serviceWorker");
    let script = address(DOWNLOADS).ok_or(JsValue::NULL)?;
    let options = Object::new();
    Reflect::set(&options, &"scope".into(), &SCOPE.into())?;
    let script = trusted(&global, &script)?;
    let registered = call(&container, "register", &Array::of2(&script, &options));
    let registration = opened(registered).await?;
    loop {
        let active = member(&registration, "active");
        let coming = ["installing", "waiting"]
            .map(|state| member(&registration, state))
            .into_iter()
            .find(JsValue::is_truthy);
        let Some(coming) = coming else {
            return if active.is_truthy() {
                Ok(active)
            } else {
                Err(JsValue::NULL)
            };
        };
        // Its state changes until it is active, or gone.
        let changed = Promise::new(&mut |done, _| {
            let _ = Reflect::set(&coming, &"onstatechange".into(), &done);
        });
        JsFuture::from(changed).await?;
    }
}

/// Waits for the next message at a port, but not for ever.
fn heard(port: &web_sys::MessagePort) -> Promise {
    Promise::new(&mut |done, failed| {
        let hear = Closure::once_into_js(move |_: MessageEvent| {
            let _ = done.call0(&JsValue::UNDEFINED);
        });
        port.set_onmessage(Some(hear.unchecked_ref()));
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&failed, BEGIN_MS);
        }
    })
}

/// Presses a link to an address of the page's own.
fn press(address: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let document = document.ok_or(JsValue::NULL)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(address);
    link.click();
    Ok(())
}

/// Keeps a worker from being ended.
#[derive(Debug)]
struct Alive(i32);

impl Alive {
    fn of(worker: &JsValue) -> Result<Self, JsValue> {
        let post: Function = member(worker, "postMessage").dyn_into()?;
        let tell = post.bind1(worker, &JsValue::NULL);
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        window
            .set_interval_with_callback_and_timeout_and_arguments_0(tell.unchecked_ref(), ALIVE_MS)
            .map(Self)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_interval_with_handle(self.0);
        }
    }
}
