//! The worker of the page that compresses a layer: bytes come piece by piece, and a file comes of them, with its digest.
//!
//! It is a program of its own, since the encoder of zstd is large and is wanted seldom: it is started for a layer, and
//! ended with it. [`waybill_blobs::pack::message`] says what the two say to each other: a message is a list, the text
//! first and the bytes or the file behind it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use waybill_blobs::pack::Packer;
use waybill_blobs::pack::message::{Command, Event, How};
use waybill_core::digest::{Algorithm, Hasher};
use waybill_opfs::{File, Folder, Full, SPARE, remove, words};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// How much is written at once, in bytes (1 MiB).
const PIECE: usize = 1 << 20;

/// Hears what the page says, from now on.
#[wasm_bindgen(start)]
fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let worker = Rc::new(Worker {
        scope: scope.clone(),
        layer: RefCell::default(),
    });
    let hears = Rc::clone(&worker);
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Array::from(&event.data());
        let text = message.get(0).as_string().unwrap_or_default();
        // The page is built of the same source, so there is no other.
        if let Ok(command) = serde_json::from_str(&text) {
            hears.hear(command, &message.get(1));
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    worker.tell(&Event::Ready, None);
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    layer: RefCell<Option<Layer>>,
}

/// A layer that is being compressed.
struct Layer {
    name: String,
    file: File,
    packer: Packer,
    /// What came of it and is not written yet.
    gathered: Vec<u8>,
    hasher: Hasher,
    size: u64,
    /// What the browser gave before it began.
    free: Option<u64>,
}

impl Worker {
    fn hear(self: &Rc<Self>, command: Command, beside: &JsValue) {
        let worker = Rc::clone(self);
        match command {
            Command::Begin { name, how } => {
                spawn_local(async move { worker.begin(name, how).await });
            }
            // At once, so that pieces keep their order.
            Command::Piece => self.piece(beside.unchecked_ref()),
            Command::End => spawn_local(async move { worker.end().await }),
        }
    }

    async fn begin(&self, name: String, how: How) {
        let folder = Folder::open().await;
        let free = folder.free().await;
        let created = match free {
            Some(free) if free < SPARE => return self.tell(&Event::NoRoom(Some(free)), None),
            Some(_) | None => folder.create(&name).await,
        };
        match created {
            Ok(file) => {
                self.layer.replace(Some(Layer {
                    name,
                    file,
                    packer: Packer::new(how.into()),
                    gathered: Vec::with_capacity(PIECE),
                    hasher: Hasher::new(Algorithm::Sha256),
                    size: 0,
                    free: free.filter(|_| folder.is_on_disk()),
                }));
                self.tell(&Event::Begun, None);
            }
            Err(thrown) => self.tell(&Event::Failed(words(&thrown)), None),
        }
    }

    fn piece(&self, bytes: &Uint8Array) {
        let mut held = self.layer.borrow_mut();
        let Some(layer) = &mut *held else { return };
        let came = bytes.to_vec();
        let gathered = &mut layer.gathered;
        layer
            .packer
            .push(&came, &mut |bytes| gathered.extend_from_slice(bytes));
        let written = if layer.gathered.len() >= PIECE {
            layer.write()
        } else {
            Ok(())
        };
        match written {
            Ok(()) => self.tell(&Event::Taken(came.len() as u64), None),
            Err(full) => {
                let layer = held.take();
                drop(held);
                self.fail(layer, full);
            }
        }
    }

    async fn end(&self) {
        let Some(mut layer) = self.layer.take() else {
            return;
        };
        let packer = std::mem::replace(&mut layer.packer, Packer::new(How::None.into()));
        let gathered = &mut layer.gathered;
        packer.finish(&mut |bytes| gathered.extend_from_slice(bytes));
        if let Err(full) = layer.write() {
            return self.fail(Some(layer), full);
        }
        let Layer {
            name,
            file,
            hasher,
            size,
            ..
        } = layer;
        match file.finish().await {
            Ok(file) => {
                let digest = hasher.finish();
                self.tell(&Event::Packed { digest, size }, Some(&file));
            }
            Err(thrown) => {
                remove(&name).await;
                self.tell(&Event::Failed(words(&thrown)), None);
            }
        }
    }

    /// Removes what is there of a layer, and says why it goes no further.
    fn fail(&self, layer: Option<Layer>, full: Full) {
        let free = layer.as_ref().and_then(|layer| layer.free);
        if let Some(layer) = layer {
            layer.file.close();
            spawn_local(async move { remove(&layer.name).await });
        }
        let event = match full {
            Full::NoRoom => Event::NoRoom(free),
            Full::Refused(why) => Event::Failed(why),
        };
        self.tell(&event, None);
    }

    fn tell(&self, event: &Event, file: Option<&JsValue>) {
        // There is no map in it whose key is no text, so it can be written; and texts and files can be sent.
        let text = serde_json::to_string(event).unwrap_or_default();
        let message = Array::of1(&text.into());
        if let Some(file) = file {
            message.push(file);
        }
        let _ = self.scope.post_message(&message);
    }
}

impl Layer {
    /// Writes what is gathered.
    fn write(&mut self) -> Result<(), Full> {
        self.hasher.update(&self.gathered);
        self.size += self.gathered.len() as u64;
        self.file.write(&self.gathered, self.size)?;
        self.gathered.clear();
        Ok(())
    }
}
