//! One worker as the browser runs it.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use js_sys::{Array, ArrayBuffer, Function, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::message::{Command, Event, HASH, HASH_ELSEWHERE};
use web_sys::{MessageChannel, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use super::Failure;
use super::job::Job;

/// Where the page names the script of the workers that read layers.
const LAYERS: &str = "data-worker";
/// Where it names that of the worker that holds files.
pub(crate) const FILES: &str = "data-files-worker";
/// Where it names that of the service worker that answers a download with what the page sends.
pub(crate) const DOWNLOADS: &str = "data-downloads";
/// Where it names that of the worker that reads archives.
pub(crate) const ARCHIVE: &str = "data-archive-worker";
/// Where it names that of the workers that read long documents.
pub(crate) const DOCUMENTS: &str = "data-documents-worker";
/// Where it names that of the worker that compresses layers.
pub(crate) const PACK: &str = "data-pack-worker";
/// How long a worker may take to stop its request before it is ended, in milliseconds.
const CANCEL_MS: i32 = 50;

/// A worker that runs. Where it is dropped, it ends, with its requests and its memory.
pub(super) struct Thread {
    worker: Worker,
    /// Whose events it brings.
    job: Rc<RefCell<Weak<Job>>>,
    /// What hashes for it.
    second: Option<(Worker, [EventListener; 2])>,
    _listeners: [EventListener; 2],
}

impl Thread {
    /// Starts one; its first event says that it hears.
    pub(super) fn start(job: &Rc<Job>) -> Result<Self, Failure> {
        let address = address(LAYERS).ok_or(Failure::NoWorker)?;
        let worker = create(&address).map_err(|thrown| Failure::Worker(words(&thrown)))?;
        let job = Rc::new(RefCell::new(Rc::downgrade(job)));
        let hears = Rc::clone(&job);
        let heard = EventListener::new(&worker, "message", move |event| {
            let job = hears.borrow().upgrade();
            if let (Some(job), Some((event, beside))) = (job, read(event)) {
                job.hear(event, beside);
            }
        });
        let failed = tell_failure(&worker, &job);
        Ok(Self {
            worker,
            job,
            second: None,
            _listeners: [heard, failed],
        })
    }

    /// Is another job's from now on.
    pub(super) fn is_for(&self, job: &Rc<Job>) {
        self.job.replace(Rc::downgrade(job));
    }

    /// Has a second worker hash what its layers unpack to, from the next one on. Where none can be had, it does so itself.
    pub(super) fn hash_elsewhere(&mut self) {
        if self.second.is_some() {
            return;
        }
        let worker = address(LAYERS).and_then(|address| create(&address).ok());
        let (Some(worker), Ok(channel)) = (worker, MessageChannel::new()) else {
            return;
        };
        let (second, port) = (worker.clone(), channel.port2());
        let heard = EventListener::once(&worker, "message", move |_| {
            hand_over(&second, HASH, &port);
        });
        let failed = tell_failure(&worker, &self.job);
        hand_over(&self.worker, HASH_ELSEWHERE, &channel.port1());
        self.second = Some((worker, [heard, failed]));
    }

    pub(super) fn tell(&self, command: &Command) {
        let texts = command.to_texts().into_iter().map(JsValue::from);
        // Texts can always be sent.
        let _ = self.worker.post_message(&texts.collect::<Array>());
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some((second, _)) = &self.second {
            second.terminate();
        }
        // To end it stops its request too, but at times only after 100 ms; and it may be too busy to hear.
        self.tell(&Command::Cancel);
        let ended = Reflect::get(&self.worker, &"terminate".into());
        let ended: Function = ended.unwrap_or_default().unchecked_into();
        let set = web_sys::window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(
                &ended.bind0(&self.worker),
                CANCEL_MS,
            )
        });
        if !matches!(set, Some(Ok(_))) {
            self.worker.terminate();
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Thread")
    }
}

/// Tells the job of a worker that it did not come, or stopped.
fn tell_failure(worker: &Worker, job: &Rc<RefCell<Weak<Job>>>) -> EventListener {
    let job = Rc::clone(job);
    hear_failure(worker, move |why| {
        if let Some(job) = job.borrow().upgrade() {
            job.fail(why);
        }
    })
}

/// Tells a worker what to do with one end of a channel.
fn hand_over(worker: &Worker, what: &str, port: &MessagePort) {
    let message = Array::of2(&what.into(), port);
    // Both can be sent.
    let _ = worker.post_message_with_transfer(&message, &Array::of1(port));
}

/// An event as the worker sends it: its text, and bytes beside it where there are any, which stay where they are.
fn read(message: &web_sys::Event) -> Option<(Event, Option<ArrayBuffer>)> {
    let message: Array = message
        .unchecked_ref::<MessageEvent>()
        .data()
        .unchecked_into();
    let event = Event::from_text(&message.get(0).as_string()?)?;
    let beside = message.get(1);
    Some((event, beside.dyn_into().ok()))
}

/// Where a file of the page is: `scripts/bundle/build.mjs` writes its name beside that of the program.
pub(crate) fn address(attribute: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let named = document.query_selector("meta[name=waybill]").ok()??;
    named.get_attribute(attribute)
}

pub(crate) fn create(address: &str) -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let global = js_sys::global();
    let worker: Function = Reflect::get(&global, &"Worker".into())?.unchecked_into();
    let arguments = Array::of2(&trusted(&global, address)?, &options);
    Ok(Reflect::construct(&worker, &arguments)?.unchecked_into())
}

/// Has the browser load the programs of the workers that look at an image: each is started, and ended once it hears.
pub(crate) fn prepare() {
    for attribute in [LAYERS, FILES] {
        let Some(Ok(worker)) = address(attribute).map(|address| create(&address)) else {
            continue;
        };
        let ends = worker.clone();
        EventListener::once(&worker, "message", move |_| ends.terminate()).forget();
    }
}

/// Hears that a worker did not come, or stopped, in the browser's words.
pub(crate) fn hear_failure(worker: &Worker, hear: impl Fn(String) + 'static) -> EventListener {
    EventListener::new(worker, "error", move |event| hear(words(event)))
}

/// The address as the page's content policy wants it: of the trusted type `waybill`, which makes nothing else. Browsers
/// without such types take it as it is.
pub(crate) fn trusted(global: &Object, asked: &str) -> Result<JsValue, JsValue> {
    thread_local! {
        // A name can be claimed once.
        static POLICY: OnceCell<JsValue> = const { OnceCell::new() };
    }
    let types = Reflect::get(global, &"trustedTypes".into())?;
    if types.is_undefined() {
        return Ok(asked.into());
    }
    let call = |object: &JsValue, name: &str, arguments: &Array| -> Result<JsValue, JsValue> {
        let function: Function = Reflect::get(object, &name.into())?.unchecked_into();
        Reflect::apply(&function, object, arguments)
    };
    let claim = || -> Result<JsValue, JsValue> {
        let make = Closure::<dyn Fn(JsValue) -> JsValue>::new(|asked: JsValue| {
            let is_named = |worker: &str| address(worker).is_some_and(|it| asked == *it.as_str());
            if [LAYERS, FILES, ARCHIVE, DOCUMENTS, PACK, DOWNLOADS]
                .into_iter()
                .any(is_named)
            {
                asked
            } else {
                JsValue::UNDEFINED
            }
        });
        let rules = Object::new();
        Reflect::set(&rules, &"createScriptURL".into(), &make.into_js_value())?;
        call(
            &types,
            "createPolicy",
            &Array::of2(&"waybill".into(), &rules),
        )
    };
    let known = POLICY.with(|policy| policy.get().cloned());
    let policy = if let Some(policy) = known {
        policy
    } else {
        let claimed = claim()?;
        POLICY.with(|policy| policy.get_or_init(|| claimed).clone())
    };
    call(&policy, "createScriptURL", &Array::of1(&asked.into()))
}

/// What was thrown, or an event of an error, in the browser's words.
pub(crate) fn words(thrown: &JsValue) -> String {
    let message = Reflect::get(thrown, &"message".into()).ok();
    message
        .and_then(|message| message.as_string())
        .unwrap_or_default()
}
