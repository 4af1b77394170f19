//! Reading one file of its layer, to be shown or to be saved.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use waybill_blobs::extract::Extracted;
use waybill_blobs::toc::Proof;
use yew::Callback;

use super::effects::{failure_words, interruption_words};
use super::message::{ContentTold, Msg};
use crate::browser::disk::{self, FileOnDisk};
use crate::browser::download::Download;
use crate::browser::workers::{Check, Layer, Piece, Told, Workers};
use crate::page::spawn;
use crate::shell::Shell;

/// How many bytes may wait for the disk before the layer is held back (8 MiB), and how few let it go on (2 MiB).
const WAITING: u64 = 8 << 20;
const FEW_WAITING: u64 = 2 << 20;

/// A file that is read. Where it is dropped, that ends, and of what was not saved whole nothing stays.
pub(super) struct Extraction(
    #[allow(dead_code, reason = "it ends where it is dropped")] Rc<Running>,
);

/// What is under way.
#[derive(Default)]
struct Running {
    check: RefCell<Option<Check>>,
    /// Whether the layer waits for the disk.
    is_held_back: Cell<bool>,
}

/// Begins to read the file that `layer` wants: to save it under that name, or to bring its bytes. What comes of it is
/// told, and never during this call.
pub(super) fn begin(
    workers: &Workers,
    shell: &Rc<Shell>,
    layer: Layer,
    save: Option<String>,
    link: &Callback<Msg>,
) -> Extraction {
    let running = Rc::new(Running::default());
    let reading = Reading {
        workers: workers.clone(),
        shell: Rc::clone(shell),
        layer,
        running: Rc::downgrade(&running),
        link: link.clone(),
    };
    match save {
        Some(name) if disk::is_there() => spawn(async move {
            let file = disk::ask(&name).await;
            match file {
                Ok(file) => reading.begin(Target::Disk(Rc::new(file))),
                Err(Some(why)) => reading.tell(ContentTold::Failed(why)),
                Err(None) => reading.tell(ContentTold::Left),
            }
        }),
        Some(name) => reading.begin(Target::Gathered(name, Download::default())),
        None => reading.begin(Target::Shown(Vec::new())),
    }
    Extraction(running)
}

impl Running {
    /// Holds the layer back while too much waits for the disk, and lets it go on once little does.
    fn keep_pace(&self, waiting: u64) {
        let check = self.check.borrow();
        let Some(check) = &*check else {
            return;
        };
        if waiting > WAITING && !self.is_held_back.replace(true) {
            check.pause();
        } else if waiting < FEW_WAITING && self.is_held_back.replace(false) {
            check.go_on();
        }
    }
}

/// What is needed to read it.
struct Reading {
    workers: Workers,
    shell: Rc<Shell>,
    layer: Layer,
    running: Weak<Running>,
    link: Callback<Msg>,
}

impl Reading {
    /// Tells what came of it, unless it was left meanwhile.
    fn tell(&self, told: ContentTold) {
        if self.running.upgrade().is_some() {
            self.link.emit(Msg::Content(told));
        }
    }

    fn begin(self, target: Target) {
        let Some(running) = self.running.upgrade() else {
            return;
        };
        let (workers, shell, layer) = (
            self.workers.clone(),
            Rc::clone(&self.shell),
            self.layer.clone(),
        );
        if let Target::Disk(file) = &target {
            let running = self.running.clone();
            file.on_written(Callback::from(move |waiting| {
                if let Some(running) = running.upgrade() {
                    running.keep_pace(waiting);
                }
            }));
        }
        let target = RefCell::new(target);
        let reading = Rc::new(self);
        let tell = Callback::from(move |told| {
            let mut target = target.borrow_mut();
            match told {
                Told::Bytes(bytes) => target.add(&bytes),
                Told::Zeros(count) => target.add_zeros(count),
                Told::Progress(progress) => {
                    reading.tell(ContentTold::Progress(progress.received));
                }
                Told::Done(checked) => match checked.file {
                    Some(file) => finish(&reading, &mut target, file),
                    None => reading.tell(ContentTold::Failed(
                        "its layer does not hold it any more".into(),
                    )),
                },
                Told::Failed(failure) => {
                    reading.tell(ContentTold::Failed(failure_words(&failure)));
                }
                Told::Interrupted { why, .. } => {
                    reading.tell(ContentTold::Failed(interruption_words(&why)));
                }
                // It was asked when the layer was read.
                Told::Question(_) => {
                    reading.tell(ContentTold::Failed("it unpacks to far too much".into()));
                }
                Told::Begun(_) => {}
            }
            if let (Target::Disk(file), Some(running)) = (&*target, reading.running.upgrade()) {
                running.keep_pace(file.waiting());
            }
        });
        let check = workers.check(&shell.client, layer, tell);
        running.check.replace(Some(check));
    }
}

/// A file that comes by its chunks. Where it is dropped, of what was not saved whole nothing stays.
pub(super) struct Chunks {
    target: RefCell<Option<Target>>,
    link: Callback<Msg>,
}

/// Makes room for a file that comes by its chunks, and begins to read it then: to save it under that name, or to bring
/// its bytes.
pub(super) fn chunks(
    save: Option<String>,
    link: &Callback<Msg>,
    begin: impl FnOnce() + 'static,
) -> Rc<Chunks> {
    let chunks = Rc::new(Chunks {
        target: RefCell::default(),
        link: link.clone(),
    });
    let target = match save {
        Some(name) if disk::is_there() => {
            let (waiting, link) = (Rc::downgrade(&chunks), link.clone());
            spawn(async move {
                let file = disk::ask(&name).await;
                let Some(chunks) = waiting.upgrade() else {
                    return;
                };
                match file {
                    Ok(file) => {
                        chunks.target.replace(Some(Target::Disk(Rc::new(file))));
                        begin();
                    }
                    Err(Some(why)) => link.emit(Msg::Content(ContentTold::Failed(why))),
                    Err(None) => link.emit(Msg::Content(ContentTold::Left)),
                }
            });
            return chunks;
        }
        Some(name) => Target::Gathered(name, Download::default()),
        None => Target::Shown(Vec::new()),
    };
    chunks.target.replace(Some(target));
    begin();
    chunks
}

impl Chunks {
    /// Takes the next bytes, of which nothing is shown before [`finish`](Self::finish).
    pub(super) fn add(&self, bytes: &Piece) {
        if let Some(target) = &mut *self.target.borrow_mut() {
            target.add(bytes);
        }
    }

    /// Ends it: it is what its table names.
    pub(super) fn finish(&self, found: Extracted, proof: Proof) {
        let Some(target) = self.target.take() else {
            return;
        };
        let link = self.link.clone();
        target.close(move |closed| {
            link.emit(Msg::Content(match closed {
                Ok(bytes) => ContentTold::Proven(found, bytes, proof),
                Err(why) => ContentTold::Failed(why),
            }));
        });
    }
}

/// Ends what was read to its end.
fn finish(reading: &Rc<Reading>, target: &mut Target, found: Extracted) {
    // Nothing is saved of what is not all of it.
    if !found.is_whole && !matches!(target, Target::Shown(_)) {
        reading.tell(ContentTold::Done(found, None));
        return;
    }
    let reading = Rc::clone(reading);
    let target = std::mem::replace(target, Target::Shown(Vec::new()));
    target.close(move |closed| {
        reading.tell(match closed {
            Ok(bytes) => ContentTold::Done(found, bytes),
            Err(why) => ContentTold::Failed(why),
        });
    });
}

/// Where the content of a file goes as it comes.
enum Target {
    /// To the disk.
    Disk(Rc<FileOnDisk>),
    /// To the browser, which saves it under that name once it is whole.
    Gathered(String, Download),
    /// To the page.
    Shown(Vec<u8>),
}

/// So many zeros are added at once, in bytes (1 MiB).
const ZEROS: u32 = 1 << 20;

impl Target {
    fn add(&mut self, bytes: &Piece) {
        match self {
            Self::Disk(file) => file.write(bytes),
            Self::Gathered(_, download) => download.add(bytes),
            Self::Shown(all) => all.extend_from_slice(&bytes.to_vec()),
        }
    }

    /// Ends what goes there: the bytes, where they go to the page; else they are saved by then, or why not.
    fn close(self, told: impl FnOnce(Result<Option<Rc<[u8]>>, String>) + 'static) {
        match self {
            Self::Shown(bytes) => told(Ok(Some(Rc::from(bytes)))),
            Self::Gathered(name, download) => told(match download.save(&name) {
                Ok(()) => Ok(None),
                Err(_) => Err("the browser did not save it".into()),
            }),
            Self::Disk(file) => spawn(async move {
                told(file.close().await.map(|()| None));
            }),
        }
    }

    fn add_zeros(&mut self, count: u64) {
        if let Self::Disk(file) = self {
            file.write_zeros(count);
            return;
        }
        let zeros = Piece::new_with_length(ZEROS);
        let mut left = count;
        while left > 0 {
            let part = left.min(ZEROS.into());
            // It is at most that.
            self.add(&zeros.subarray(0, u32::try_from(part).unwrap_or(ZEROS)));
            left -= part;
        }
    }
}
