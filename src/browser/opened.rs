//! Archives that are open in this tab: what was given of them, and requests that go to one instead of to a registry.
//!
//! The rest of the page asks for what an archive holds as it asks a registry: by the registry API, at a host that no
//! network has ([`ARCHIVE_HOST`]). The page of archives answers, once one is open.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use waybill_core::reference::ARCHIVE_HOST;
use waybill_core::registry::transport::{Request, Response, TransportError};

/// Answers for the archives that are open.
pub trait Archives {
    /// Answers a request, as a registry does. What is asked for to be pushed (`to_push`) is refused with 403 where it
    /// must not be.
    fn answer(&self, request: Request, to_push: bool) -> Pin<Box<dyn Future<Output = Response>>>;

    /// Gives the address of the blob that a request asks for, as the browser has it, for a worker to fetch: good until
    /// [`release`](Self::release). Else an answer that says why there is none.
    fn address(&self, request: &Request)
    -> Pin<Box<dyn Future<Output = Result<String, Response>>>>;

    /// Forgets an address.
    fn release(&self, address: &str);
}

thread_local! {
    /// Each with what the paths begin with for which it answers.
    static OPEN: RefCell<Vec<(&'static str, Rc<dyn Archives>)>> = const { RefCell::new(Vec::new()) };
    /// What was given, as the browser has it, until the page of archives takes it.
    static GIVEN: RefCell<Vec<JsValue>> = const { RefCell::new(Vec::new()) };
}

/// Has these answer from now on, for the paths that begin so: the longest beginning counts.
pub fn set(below: &'static str, archives: Rc<dyn Archives>) {
    OPEN.with_borrow_mut(|open| {
        open.retain(|(known, _)| *known != below);
        open.push((below, archives));
        open.sort_by_key(|(below, _)| std::cmp::Reverse(below.len()));
    });
}

/// Finds who answers a request; `None` where it goes to a registry.
///
/// # Errors
///
/// Fails where it goes to an archive, and none is open.
#[must_use]
pub fn of(request: &Request) -> Option<Result<Rc<dyn Archives>, TransportError>> {
    let rest = request.url.strip_prefix("https://")?;
    let rest = rest.strip_prefix(ARCHIVE_HOST)?;
    rest.starts_with('/').then(|| {
        OPEN.with_borrow(|open| {
            let mut open = open.iter();
            let found = open.find(|(below, _)| rest.starts_with(below));
            found.map(|(_, archives)| Rc::clone(archives))
        })
        .ok_or(TransportError::Cancelled)
    })
}

/// Keeps what was given until [`taken`], and gives its number.
#[must_use]
pub fn kept(given: JsValue) -> usize {
    GIVEN.with_borrow_mut(|all| {
        all.push(given);
        all.len() - 1
    })
}

/// Takes what was given.
#[must_use]
pub fn taken(number: usize) -> JsValue {
    GIVEN.with_borrow_mut(|all| all.get_mut(number).map(std::mem::take).unwrap_or_default())
}
