//! The worker of the page that holds the files of an image, and answers what is asked of them.
//!
//! It is a program of its own, without anything that fetches: `src/browser/files_worker.rs` starts it where
//! somebody wants to see the files, and ends it when they look at another image. A message is a list: the text of a
//! [`FilesCommand`], and behind it the listings, as blobs that the browser holds. Each answer is the text of a [`FilesEvent`]. So the page
//! never holds or walks a list of files, however long. Tables of contents are here too, which list a layer that is not
//! read: the page brings the few bytes that they need.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::files::{Differences, Files, FilesCommand, FilesEvent, ReportForm};
use waybill_blobs::listing::Listing;
use waybill_blobs::toc::Tables;
use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageEvent};

/// Hears what the page says, from now on.
#[wasm_bindgen(start)]
fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let files = Rc::new(RefCell::new(None));
    let tables = RefCell::new(Tables::new());
    let compared = RefCell::new(None);
    let teller = scope.clone();
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Array::from(&event.data());
        let text = message.get(0).as_string().unwrap_or_default();
        let mut tell_table = |event, bytes: Option<Vec<u8>>| {
            tell(&teller, &FilesEvent::Table(event), bytes.as_deref());
        };
        match serde_json::from_str(&text) {
            Ok(FilesCommand::Open {
                missing,
                tables: named,
            }) => {
                // What was open is not needed while something else opens.
                files.replace(None);
                let listings = listings(&teller, &message, &missing);
                let opened = tables.borrow().open(listings, &named, &mut tell_table);
                let opened = Files::open_with(opened.0, opened.1);
                tell(&teller, &FilesEvent::Opened(opened.left_out()), None);
                files.replace(Some(opened));
            }
            Ok(FilesCommand::Ask(number, ask)) => {
                if let Some(files) = &mut *files.borrow_mut() {
                    let answer = FilesEvent::Answer(number, files.answer(&ask));
                    tell(&teller, &answer, None);
                }
            }
            Ok(FilesCommand::Table(command)) => {
                let beside = message.get(1);
                let bytes = beside.is_object().then(|| Uint8Array::new(&beside));
                let bytes = bytes.map(|bytes| bytes.to_vec()).unwrap_or_default();
                let mut tables = tables.borrow_mut();
                tables.hear(command, &bytes, &mut tell_table);
            }
            Ok(FilesCommand::Compare { missing, sides }) => {
                files.replace(None);
                // What was compared is not needed while something else is.
                compared.replace(None);
                let listings = listings(&teller, &message, &missing).into_iter();
                let listings: Vec<_> = listings.map(|it| Rc::new(it.unwrap_or_default())).collect();
                let side = |places: Vec<u32>| {
                    let listing = |place: u32| listings.get(place as usize).cloned();
                    places.into_iter().filter_map(listing).collect()
                };
                let [left, right] = sides.map(side);
                let found = Differences::find(left, right);
                tell(&teller, &FilesEvent::Compared(found.counts()), None);
                compared.replace(Some(found));
            }
            Ok(FilesCommand::Differences(number, query)) => {
                if let Some(found) = &*compared.borrow() {
                    let answer = FilesEvent::Differences(number, found.rows(&query));
                    tell(&teller, &answer, None);
                }
            }
            Ok(FilesCommand::Report(form)) => {
                if let Some(found) = &*compared.borrow() {
                    let report = match form {
                        ReportForm::Text => found.to_text(),
                        ReportForm::Json => found.to_json(),
                    };
                    tell(&teller, &FilesEvent::Report(form, report), None);
                }
            }
            // The page is built of the same source, so there is no other.
            Err(_) => {}
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    tell(&scope, &FilesEvent::Ready, None);
}

/// Reads the listings behind the text; a layer that has none is missing.
fn listings(
    scope: &DedicatedWorkerGlobalScope,
    message: &Array,
    missing: &[u32],
) -> Vec<Option<Listing>> {
    let (mut listings, mut place) = (Vec::new(), 1);
    while place < message.length() || missing.contains(&number(&listings)) {
        let layer = number(&listings);
        let mut listing = None;
        if !missing.contains(&layer) {
            listing = read(&message.get(place));
            place += 1;
            if listing.is_none() {
                tell(scope, &FilesEvent::Unreadable(layer), None);
            }
        }
        listings.push(listing);
    }
    listings
}

/// How much of a listing is taken from the browser at once, in bytes (4 MiB): it is never there as a whole beside what is
/// made of it.
const PIECE: f64 = 4_194_304.0;

/// Reads a listing that the browser holds; `None` where it does not give it, or it is none.
fn read(blob: &JsValue) -> Option<Listing> {
    let blob: &Blob = blob.unchecked_ref();
    let reader = FileReaderSync::new().ok()?;
    let mut from = 0.0;
    let mut more = || {
        let piece = blob.slice_with_f64_and_f64(from, from + PIECE).ok()?;
        let piece = reader.read_as_array_buffer(&piece).ok()?;
        from += PIECE;
        Some(Cow::Owned(Uint8Array::new(&piece).to_vec()))
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size"
    )]
    Listing::read(blob.size() as u64, &mut more).ok()
}

fn number(listings: &[Option<Listing>]) -> u32 {
    u32::try_from(listings.len()).unwrap_or(u32::MAX)
}

/// Tells something: a text, or a list of that and the bytes beside it.
fn tell(scope: &DedicatedWorkerGlobalScope, event: &FilesEvent, beside: Option<&[u8]>) {
    // There is no map in it whose key is no text, so it can be written; and texts and buffers can be sent.
    let text = serde_json::to_string(event).unwrap_or_default();
    let _ = match beside {
        None => scope.post_message(&text.into()),
        Some(bytes) => {
            let buffer = Uint8Array::from(bytes).buffer();
            let message = Array::of2(&text.into(), &buffer);
            scope.post_message_with_transfer(&message, &Array::of1(&buffer))
        }
    };
}
