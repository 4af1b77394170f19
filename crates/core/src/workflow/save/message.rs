//! What a saving is asked and told, and how far it is.

use crate::digest::Digest;
use crate::registry::error::RegistryError;
use crate::save::{Blob, Content, SaveError, Unpacked};

/// Which archive is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// An OCI layout and a docker archive in one tar file.
    #[default]
    Hybrid,
    /// skopeo's docker archive, byte for byte.
    Docker,
    /// skopeo's `dir:`, packed into a tar file.
    FolderTar,
    /// skopeo's `dir:`, as a folder.
    Folder,
}

/// The way on which a file comes to the disk. Browsers differ; the page takes the first that is
/// there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Road {
    /// A person says where, and it is written there.
    Picker,
    /// It is among the browser's downloads while it is written.
    Download,
    /// The browser keeps it, and it is among its downloads once it is whole: it takes twice the
    /// room, and goes on after the tab was closed.
    Kept,
    /// The browser's memory holds it until it is whole.
    #[default]
    Memory,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for [`Msg::Measure`]: layers of so many bytes have to be read first.
    Unmeasured(u64),
    /// They are read; so many bytes of them are.
    Measuring(u64),
    /// It cannot be written in that form.
    Refused(SaveError),
    /// The file is known to the byte.
    Planned,
    /// A place for it is asked for.
    Opening,
    /// It is written.
    Running,
    /// A person paused it.
    Paused,
    /// It cannot go on by itself, and waits for [`Msg::GoOn`].
    Interrupted(Why),
    /// It failed: nothing is there under the name.
    Failed(Why),
    /// A person cancelled: nothing is there under the name.
    Cancelled,
    /// All of it is there.
    Saved,
}

/// Why it stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The registry, or the way to it.
    Registry(Box<RegistryError>),
    /// In words.
    Words(String),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Read the layers, to know what they unpack to.
    Measure,
    /// So many bytes of the layer that is measured came.
    Measured(u64),
    /// A layer was measured, or why not.
    Unpacked(Digest, Result<Unpacked, Why>),
    /// Write the file.
    Save,
    /// There is a place for it; the error is `None` where a person chose none.
    Opened(Result<(), Option<String>>),
    /// So many of its bytes are written, at that time in milliseconds.
    Written {
        /// From the beginning of the file.
        bytes: u64,
        /// By any clock that does not go back.
        at: u64,
    },
    /// It cannot go on by itself.
    Interrupted(Why),
    /// Wait.
    Pause,
    /// Go on.
    GoOn,
    /// Stop, and leave nothing behind.
    Cancel,
    /// It failed.
    Failed(Why),
    /// All of it is there.
    Saved,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read a layer, and send [`Msg::Unpacked`].
    Measure(Blob),
    /// Ask for a place, send [`Msg::Opened`], and write what [`Model::steps`](super::Model::steps) says.
    Open,
    /// Have the reading wait.
    Pause,
    /// Have it go on.
    GoOn,
    /// Stop it, and put away what was written.
    Cancel,
}

/// A step of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file of the folder begins; in a tar file there is none.
    File(String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// A blob, as it is or unpacked.
    Content(Content),
}

impl Step {
    /// How many bytes it is.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::File(_) => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Content(content) => content.size(),
        }
    }
}
