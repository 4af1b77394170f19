//! A folder that a person chose, written file by file.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

use super::{WAITING, has, member};
use crate::browser::disk::{FileOnDisk, call, opened};
use crate::browser::workers::thread::words;

/// What asks for a folder.
const ASK: &str = "showDirectoryPicker";

pub(super) fn is_there() -> bool {
    has(ASK)
}

/// A folder, and the file in it that is being written.
#[derive(Debug)]
pub struct Folder {
    handle: JsValue,
    file: Option<FileOnDisk>,
}

impl Folder {
    /// Asks for a folder, which has to be empty: nothing in it is to be mixed with what was there.
    pub(super) async fn ask() -> Result<Self, Option<String>> {
        let options = Object::new();
        // An object of ours takes any value.
        let _ = Reflect::set(&options, &"mode".into(), &"readwrite".into());
        let asked = opened(call(&js_sys::global(), ASK, &Array::of1(&options))).await;
        let told = |thrown: JsValue| {
            let is_left = member(&thrown, "name") == "AbortError";
            (!is_left).then(|| words(&thrown))
        };
        let handle = asked.map_err(told)?;
        let keys = call_now(&handle, "keys").map_err(told)?;
        let first = opened(call(&keys, "next", &Array::new())).await;
        if !member(&first.map_err(told)?, "done").is_truthy() {
            let why = "The folder is not empty. Choose an empty one, so that nothing is mixed with what is there.";
            return Err(Some(why.to_owned()));
        }
        Ok(Self { handle, file: None })
    }

    /// Ends the file before, and begins one of that name. Names are made of digests that were checked.
    pub(super) async fn next_file(&mut self, name: &str) -> Result<(), String> {
        self.close().await?;
        let create = Object::new();
        let _ = Reflect::set(&create, &"create".into(), &true.into());
        let file = call(
            &self.handle,
            "getFileHandle",
            &Array::of2(&name.into(), &create),
        );
        let file = opened(file).await.map_err(|thrown| words(&thrown))?;
        let file = FileOnDisk::of(&file).await;
        self.file = Some(file.map_err(|thrown| words(&thrown))?);
        Ok(())
    }

    pub(super) async fn write(&self, bytes: &Uint8Array) -> Result<(), String> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        file.write(bytes);
        file.room(WAITING).await
    }

    /// Ends the file that is being written.
    pub(super) async fn close(&mut self) -> Result<(), String> {
        match self.file.take() {
            Some(file) => file.close().await,
            None => Ok(()),
        }
    }
}

/// Calls a method that answers at once.
fn call_now(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let function: js_sys::Function = wasm_bindgen::JsCast::dyn_into(member(object, name))?;
    Reflect::apply(&function, object, &Array::new())
}
