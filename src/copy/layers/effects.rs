//! Reads the layers that have to be read before the plan, and compresses those that are to be compressed anew.
//!
//! A worker fetches a layer, holds it to its digest and unpacks it; another one compresses what comes, into a file that
//! the browser keeps. The page hands bytes on and looks at none.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use waybill_blobs::message::{Bytes, Limits, Wanted};
use waybill_core::conversion::{Compression, Repacked};
use waybill_core::digest::Digest;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::workflow::copy::{self, Layer, Read};
use waybill_core::workflow::fetch::{Failure, Generation};
use yew::Callback;

use crate::browser::compressed::{Compressed, Packing};
use crate::browser::dom;
use crate::browser::transport::BrowserTransport;
use crate::browser::workers::coming::Coming;
use crate::browser::workers::{self, Checked, Interruption, Told, Workers};
use crate::page::spawn;

/// How often the page hears how far it is, in milliseconds.
const PROGRESS_MS: u64 = 100;

/// What was compressed, for all that hold it. With the last of them it goes.
#[derive(Default)]
pub(crate) struct Shared {
    workers: Workers,
    compressed: OnceCell<Compressed>,
    /// What reading told of each layer, by how it was compressed.
    read: RefCell<BTreeMap<(Digest, Compression), Read>>,
}

impl Shared {
    fn clear(&self) {
        self.read.take();
        if let Some(compressed) = self.compressed.get() {
            compressed.clear();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Reads layers, one at a time.
pub(crate) struct Layers {
    shared: Rc<Shared>,
    client: Rc<Client<BrowserTransport>>,
    reading: Option<Rc<Run>>,
}

/// A layer that is read.
struct Run {
    layer: Layer,
    /// With which what comes of it is told.
    generation: Cell<Generation>,
    /// Whether it waits for somebody to say that it goes on.
    is_interrupted: Cell<bool>,
    is_stopped: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    coming: RefCell<Option<Coming>>,
}

impl Layers {
    pub(crate) fn new(client: Rc<Client<BrowserTransport>>, shared: Rc<Shared>) -> Self {
        Self {
            shared,
            client,
            reading: None,
        }
    }

    /// Reads a layer of that repository. What comes of it is told with that generation.
    pub(crate) fn read(
        &mut self,
        layer: Layer,
        source: &Repository,
        generation: Generation,
        link: &Callback<copy::Msg>,
    ) {
        if let Some(run) = &self.reading
            && run.is_interrupted.replace(false)
            && run.layer == layer
        {
            run.generation.set(generation);
            return run.go_on();
        }
        self.stop();
        let shared = Rc::clone(&self.shared);
        let compressed = shared.compressed.get_or_init(Compressed::new).clone();
        let run = Rc::new(Run {
            layer: layer.clone(),
            generation: Cell::new(generation),
            is_interrupted: Cell::new(false),
            is_stopped: Cell::new(false),
            waker: RefCell::default(),
            coming: RefCell::default(),
        });
        self.reading = Some(Rc::clone(&run));
        let client = Rc::clone(&self.client);
        let (source, link) = (source.clone(), link.clone());
        spawn(async move {
            let told_at = Cell::new(0);
            let progress = |received| {
                let now = dom::now();
                if now.saturating_sub(told_at.get()) >= PROGRESS_MS {
                    told_at.set(now);
                    let generation = run.generation.get();
                    link.emit(copy::Msg::LayerProgress {
                        generation,
                        received,
                    });
                }
            };
            let interrupted = |why| {
                run.is_interrupted.set(true);
                let generation = run.generation.get();
                link.emit(copy::Msg::LayerRead {
                    generation,
                    result: Err(why),
                });
            };
            let key = layer.compression.map(|it| (layer.digest.clone(), it));
            let known = key
                .as_ref()
                .and_then(|key| shared.read.borrow().get(key).cloned());
            let read = async {
                if let Some(known) = known {
                    return Ok(known);
                }
                let packing = match layer.compression {
                    Some(compression) => Some(Packing::begin(compression).await.map_err(words)?),
                    None => None,
                };
                run.alive()?;
                let coming = Coming::new(&shared.workers, &client, wanted(&layer, &source));
                run.coming.replace(Some(coming));
                let checked = run
                    .follow(packing.as_ref(), &progress, &interrupted)
                    .await?;
                let mut read = found(&layer, &checked)?;
                if let (Some(packing), Some(Compression { packing: how, .. })) =
                    (packing, layer.compression)
                {
                    let (digest, size) = packing.finish(&compressed).await.map_err(words)?;
                    run.alive()?;
                    let place = Compressed::place().ok_or(Failure::NotBundled)?;
                    let repacked = Repacked {
                        digest,
                        size,
                        packing: how,
                    };
                    read.repacked = Some((repacked, place));
                }
                Ok(read)
            };
            let result = read.await;
            if let (Some(key), Ok(read)) = (key, &result) {
                shared.read.borrow_mut().insert(key, read.clone());
            }
            if !run.is_stopped.get() {
                let result = result.map(Box::new);
                let generation = run.generation.get();
                link.emit(copy::Msg::LayerRead { generation, result });
            }
        });
    }

    /// Stops what is read.
    pub(crate) fn stop(&mut self) {
        if let Some(run) = self.reading.take() {
            run.is_stopped.set(true);
            drop(run.coming.take());
            if let Some(waker) = run.waker.take() {
                waker.wake();
            }
        }
    }

    /// Stops what is read, and forgets what was compressed.
    pub(crate) fn clear(&mut self) {
        self.stop();
        self.shared.clear();
    }
}

impl Run {
    fn alive(&self) -> Result<(), Failure> {
        if self.is_stopped.get() {
            Err(Failure::Cancelled)
        } else {
            Ok(())
        }
    }

    async fn next(&self) -> Result<Told, Failure> {
        poll_fn(|context| {
            if let Err(stopped) = self.alive() {
                return Poll::Ready(Err(stopped));
            }
            self.waker.replace(Some(context.waker().clone()));
            let coming = self.coming.borrow();
            let told = coming.as_ref().and_then(|coming| coming.next(context));
            told.map_or(Poll::Pending, |told| Poll::Ready(Ok(told)))
        })
        .await
    }

    fn go_on(&self) {
        if let Some(coming) = &*self.coming.borrow() {
            coming.go_on();
        }
    }

    /// Hands on what comes until the layer ends. Where the connection breaks it waits, and goes on with the rest.
    async fn follow(
        &self,
        packing: Option<&Packing>,
        progress: &impl Fn(u64),
        interrupted: &impl Fn(Failure),
    ) -> Result<Box<Checked>, Failure> {
        loop {
            match self.next().await? {
                Told::Progress(now) => progress(now.received),
                Told::Bytes(bytes) => {
                    if let Some(packing) = packing {
                        packing.push(&bytes).await.map_err(words)?;
                    }
                }
                Told::Question(_) => {
                    return Err(words("it unpacks to far more than a layer does".to_owned()));
                }
                Told::Interrupted {
                    why: Interruption::Broke,
                    ..
                } => interrupted(words("the connection broke".to_owned())),
                Told::Interrupted {
                    why: Interruption::Registry(error),
                    ..
                } => interrupted(error.into()),
                Told::Failed(failure) => return Err(failed(failure)),
                Told::Done(checked) => return Ok(checked),
                Told::Begun(_) | Told::Zeros(_) => {}
            }
        }
    }
}

/// What is asked of the worker that reads: the bytes only where they are compressed.
fn wanted(layer: &Layer, source: &Repository) -> workers::Layer {
    let bytes = if layer.compression.is_some() {
        Bytes::Unpacked
    } else {
        Bytes::None
    };
    workers::Layer {
        host: source.host.clone(),
        repository: source.repository.clone(),
        digest: layer.digest.clone(),
        size: layer.size,
        wanted: Wanted {
            bytes,
            ..Wanted::default()
        },
        limits: Limits::of_layer(layer.size),
    }
}

/// What reading a layer told, where it is what its digest names.
fn found(layer: &Layer, checked: &Checked) -> Result<Read, Failure> {
    let found = &checked.found;
    if found.digest != layer.digest || layer.size.is_some_and(|size| size != found.size) {
        return Err(words(format!(
            "the registry sent other bytes than {} names: they hash to {}",
            layer.digest, found.digest
        )));
    }
    let diff_id = found.diff_id.as_ref();
    let diff_id = diff_id.map_err(|error| words(error.to_string()))?.clone();
    Ok(Read {
        size: found.size,
        diff_id,
        repacked: None,
    })
}

fn failed(failure: workers::Failure) -> Failure {
    match failure {
        workers::Failure::Registry(error) => error.into(),
        workers::Failure::NoWorker => {
            words("this page was built without what reads layers".to_owned())
        }
        workers::Failure::Worker(why) => words(["what reads layers stopped: ", &why].concat()),
        workers::Failure::Algorithm => {
            words("its digest is of an algorithm that is not computed here".to_owned())
        }
    }
}

fn words(why: String) -> Failure {
    Failure::NotLoaded(why)
}
