//! Contents that are pasted, dropped or chosen anywhere on the page.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use waybill_core::input::is_manifest;
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, FileSystemEntry,
    HtmlInputElement,
};

use super::{dom, opened};
use crate::limits::{FILES_OPENED, OPENED_BYTES};
use crate::local_content::{GivenArchive, Import, LocalContent};

/// Returns what a drop or a paste carries.
fn transfer(event: &Event) -> Option<DataTransfer> {
    match event.dyn_ref::<ClipboardEvent>() {
        Some(paste) => paste.clipboard_data(),
        None => event.dyn_ref::<DragEvent>()?.data_transfer(),
    }
}

/// Lists the files of a drop or a paste.
fn dropped(event: &Event) -> Vec<File> {
    list(
        transfer(event)
            .and_then(|transfer| transfer.files())
            .as_ref(),
    )
}

/// Takes the files that were chosen in the input of that id, and empties it, so that the same can be chosen again.
fn chosen(event: &Event, id: &str) -> Vec<File> {
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

/// What was dropped, pasted or chosen, before anything of it is read.
#[derive(Debug)]
pub struct Given {
    /// The files; those of a folder where one was chosen.
    files: Vec<File>,
    /// The first thing that was dropped, as an entry, which may be a folder.
    entry: Option<FileSystemEntry>,
    /// Whether a folder was chosen.
    is_folder: bool,
}

impl Given {
    /// Takes what an event brings; what was chosen in the inputs of these ids, the second of which opens a folder. `None`
    /// where it brings no file.
    #[must_use]
    pub fn take(event: &Event, files: &str, folder: &str) -> Option<Self> {
        let in_folder = chosen(event, folder);
        let is_folder = !in_folder.is_empty();
        let items = transfer(event).map(|transfer| transfer.items());
        // An event gives them out only as long as it is heard.
        let first = items.filter(|items| items.length() == 1);
        let first = first.and_then(|items| items.get(0));
        let entry = first.and_then(|item| item.webkit_get_as_entry().ok().flatten());
        let files = [in_folder, chosen(event, files), dropped(event)].concat();
        (!files.is_empty()).then_some(Self {
            files,
            entry,
            is_folder,
        })
    }

    /// Finds the folder that it is, where it is one.
    fn folder(&self) -> Option<GivenArchive> {
        let (name, given) = if self.is_folder {
            let path = Reflect::get(self.files.first()?, &"webkitRelativePath".into());
            let path = path.ok()?.as_string()?;
            let name = path.split('/').next().unwrap_or_default().to_owned();
            (name, self.files.iter().collect::<Array>().into())
        } else {
            let entry = self.entry.as_ref().filter(|entry| entry.is_directory())?;
            (entry.name(), entry.clone().into())
        };
        Some(GivenArchive {
            name,
            size: None,
            number: opened::kept(given),
        })
    }
}

/// Tells whether a file may hold images: a tar file, or what is compressed, by its first bytes or its name; and what is
/// too large for anything else.
async fn is_archive(file: &File) -> bool {
    let name = file.name();
    if size(file) > OPENED_BYTES || name.to_ascii_lowercase().ends_with(".tar") {
        return true;
    }
    let Ok(head) = file.slice_with_i32_and_i32(0, 512) else {
        return false;
    };
    let Ok(head) = JsFuture::from(head.array_buffer()).await else {
        return false;
    };
    let head = Uint8Array::new(&head).to_vec();
    [&[0x1f, 0x8b][..], &[0x28, 0xb5, 0x2f, 0xfd]]
        .iter()
        .any(|magic| head.starts_with(magic))
        || head
            .get(257..)
            .is_some_and(|rest| rest.starts_with(b"ustar"))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size is a whole number below 2^53"
)]
fn size(file: &File) -> usize {
    file.size() as usize
}

/// Reads the bytes of files. Where all of them may be archives of images, they are named and not read. Those beyond the limits of core, or that the browser cannot read, are left out with a
/// reason.
pub async fn read(given: Given) -> Import {
    let mut import = Import::default();
    if let Some(folder) = given.folder() {
        import.archives.push(folder);
        return import;
    }
    let files = given.files;
    for file in &files {
        if !is_archive(file).await {
            import.archives.clear();
            break;
        }
        import.archives.push(GivenArchive {
            name: file.name(),
            size: Some(size(file) as u64),
            number: 0,
        });
    }
    if !import.archives.is_empty() {
        for (given, file) in import.archives.iter_mut().zip(files) {
            given.number = opened::kept(file.into());
        }
        return import;
    }
    let mut room = OPENED_BYTES;
    for (index, file) in files.into_iter().enumerate() {
        let name = file.name();
        let size = size(&file);
        if index >= FILES_OPENED {
            import
                .left_out
                .push((name, "at most 200 files are opened at once"));
        } else if size > room {
            import
                .left_out
                .push((name, "at most 32 MiB are opened at once"));
        } else if let Ok(buffer) = JsFuture::from(file.array_buffer()).await {
            room -= size;
            let given = LocalContent::new(name, Uint8Array::new(&buffer).to_vec(), true);
            given.sha256();
            dom::next_task().await;
            import.files.push(given);
        } else {
            import.left_out.push((
                name,
                "the browser could not read it; a folder has to be dropped alone",
            ));
        }
    }
    import
}
