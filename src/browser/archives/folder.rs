//! The files of a folder that was chosen or dropped.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::browser::workers::thread::words;

/// How many files of a folder are looked at.
const FILES: usize = 100_000;

/// The files of a folder that was chosen in the browser's dialog, with their paths from there.
pub(super) fn chosen(files: &Array) -> (Vec<Blob>, Vec<String>) {
    let files = files.iter().take(FILES).map(|file| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
        let path = path.and_then(|path| path.as_string()).unwrap_or_default();
        (file.unchecked_into(), inside(&path))
    });
    files.unzip()
}

/// The files of a folder that was dropped, with their paths from there.
pub(super) async fn dropped(folder: JsValue) -> Result<(Vec<Blob>, Vec<String>), String> {
    let top: FileSystemDirectoryEntry = folder.unchecked_into();
    let (mut files, mut paths) = (Vec::new(), Vec::new());
    let mut folders = vec![top];
    while let Some(folder) = folders.pop() {
        let reader = folder.create_reader();
        loop {
            // A browser gives at most 100 at once, and none when there are no more.
            let some = asked(|done, failed| {
                reader
                    .read_entries_with_callback_and_callback(done, failed)
                    .is_ok()
            });
            let some: Array = some.await?.unchecked_into();
            if some.length() == 0 {
                break;
            }
            for entry in some.iter() {
                let entry: FileSystemEntry = entry.unchecked_into();
                if entry.is_directory() {
                    folders.push(entry.unchecked_into());
                    continue;
                }
                if files.len() >= FILES {
                    return Err(format!("the folder has more than {FILES} files"));
                }
                paths.push(inside(entry.full_path().trim_start_matches('/')));
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file = asked(|done, failed| {
                    entry.file_with_callback_and_callback(done, failed);
                    true
                });
                files.push(file.await?.unchecked_into());
            }
        }
    }
    Ok((files, paths))
}

/// A path without its first part, which is the name of the folder.
fn inside(path: &str) -> String {
    path.split_once('/')
        .map_or(path, |(_, rest)| rest)
        .to_owned()
}

/// The answer of what is asked with two functions to call.
async fn asked(mut ask: impl FnMut(&Function, &Function) -> bool) -> Result<JsValue, String> {
    let answer = Promise::new(&mut |done, failed| {
        if !ask(&done, &failed) {
            let _ = failed.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(answer)
        .await
        .map_err(|thrown| words(&thrown))
}
