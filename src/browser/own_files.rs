//! Files that workers write on the disk that the browser gives the page (`crates/opfs`), as the page sees them: each has
//! the name of a lock that the page holds as long as it needs the file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Date, Function, Math, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::disk::{call, opened};

/// The folder, as `crates/opfs` names it.
const FOLDER: &str = "unpacked";

thread_local! {
    /// What gives a lock back, by its name.
    static HELD: RefCell<BTreeMap<String, Rc<RefCell<Option<Function>>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Takes a lock of a new name: what is written under that name is not removed by another page before this one ends, or
/// [removes](remove) it.
pub(crate) fn lock() -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any number does"
    )]
    let random = (Math::random() * 4_294_967_296.0) as u32;
    let name = format!("waybill-{}-{random}", Date::now());
    let locks = member(&navigator(), "locks");
    if let Ok(request) = member(&locks, "request").dyn_into::<Function>() {
        let release = Rc::new(RefCell::new(None));
        let kept = Rc::clone(&release);
        let hold = Closure::<dyn Fn() -> Promise>::new(move || {
            Promise::new(&mut |done, _| drop(kept.replace(Some(done))))
        });
        HELD.with_borrow_mut(|held| held.insert(name.clone(), release));
        let hold: JsValue = hold.into_js_value();
        let _ = request.apply(&locks, &Array::of2(&name.as_str().into(), &hold));
    }
    name
}

/// Removes what was written under a name, in its time. What cannot be removed now, since a worker has just ended, is
/// removed before anything else is written.
pub(crate) fn remove(name: String) {
    let held = HELD.with_borrow_mut(|held| held.remove(&name));
    if let Some(release) = held.and_then(|held| held.take()) {
        // Whether the lock was still wanted does not matter.
        let _ = release.call0(&JsValue::UNDEFINED);
    }
    spawn_local(async move {
        let storage = member(&navigator(), "storage");
        let arguments = Array::of1(&FOLDER.into());
        if let Ok(top) = opened(call(&storage, "getDirectory", &Array::new())).await
            && let Ok(folder) = opened(call(&top, "getDirectoryHandle", &arguments)).await
        {
            let _ = opened(call(&folder, "removeEntry", &Array::of1(&name.into()))).await;
        }
    });
}

fn navigator() -> JsValue {
    member(&js_sys::global(), "navigator")
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
