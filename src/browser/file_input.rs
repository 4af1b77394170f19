//! Contents that are pasted, dropped or chosen anywhere on the page.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use waybill_core::input::is_manifest;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, HtmlInputElement};

use super::dom;
use crate::limits::{FILES_OPENED, OPENED_BYTES};
use crate::local_content::{Import, LocalContent};

/// Returns what a drop or a paste carries.
fn transfer(event: &Event) -> Option<DataTransfer> {
    match event.dyn_ref::<ClipboardEvent>() {
        Some(paste) => paste.clipboard_data(),
        None => event.dyn_ref::<DragEvent>()?.data_transfer(),
    }
}

/// Lists the files of a drop or a paste.
#[must_use]
pub fn dropped(event: &Event) -> Vec<File> {
    list(
        transfer(event)
            .and_then(|transfer| transfer.files())
            .as_ref(),
    )
}

/// Takes the files that were chosen in the input of that id, and empties it, so that the same can be chosen again.
#[must_use]
pub fn chosen(event: &Event, id: &str) -> Vec<File> {
    let input = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input.filter(|input| input.id() == id) else {
        return Vec::new();
    };
    let files = list(input.files().as_ref());
    input.set_value("");
    files
}

fn list(files: Option<&FileList>) -> Vec<File> {
    files
        .iter()
        .flat_map(|files| (0..files.length()).filter_map(|index| files.get(index)))
        .collect()
}

/// Reads the pasted or dropped text; `None` where it is no manifest, unless it may be anything.
#[must_use]
pub fn pasted(event: &Event, anything: bool) -> Option<LocalContent> {
    let text = transfer(event)?.get_data("text/plain").ok()?;
    let wanted = if anything {
        !text.trim().is_empty()
    } else {
        is_manifest(&text)
    };
    wanted.then(|| LocalContent::text("The pasted text", &text))
}

/// Reads the bytes of files. Those beyond the limits of core, or that the browser cannot read, are left out with a
/// reason.
pub async fn read(files: Vec<File>) -> Import {
    let mut opened = Import::default();
    let mut room = OPENED_BYTES;
    for (index, file) in files.into_iter().enumerate() {
        let name = file.name();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size is a whole number below 2^53"
        )]
        let size = file.size() as usize;
        if index >= FILES_OPENED {
            opened
                .left_out
                .push((name, "at most 200 files are opened at once"));
        } else if size > room {
            opened
                .left_out
                .push((name, "at most 32 MiB are opened at once"));
        } else if let Ok(buffer) = JsFuture::from(file.array_buffer()).await {
            room -= size;
            let given = LocalContent::new(name, Uint8Array::new(&buffer).to_vec(), true);
            given.sha256();
            dom::next_task().await;
            opened.files.push(given);
        } else {
            opened.left_out.push((
                name,
                "the browser could not read it; a folder has to be opened as its files",
            ));
        }
    }
    opened
}
