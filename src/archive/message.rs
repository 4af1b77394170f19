//! What happens on the page of archives, and what it needs done.

use std::rc::Rc;

use waybill_blobs::archive::message::{Event, ToldContent};

use crate::local_content::GivenArchive;
use crate::shell::{PageCommand, Request};

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(PageCommand),
    /// Something is heard of the archive of that number.
    Heard(usize, Heard),
    /// Read all of the archive that is shown, or what its digests need alone.
    Read {
        /// Whether all of it.
        all: bool,
    },
    /// Stop what is being done with the archive that is shown.
    Cancel,
    /// Close the archive that is shown.
    Close,
}

/// What is heard of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The worker says something.
    Event(Event),
    /// What was compressed as a whole is unpacked, to so many bytes, and is opened now.
    Unpacked(u64),
    /// The worker did not come, or stopped: the browser's words.
    Stopped(String),
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open what was given, as the archive of that number.
    Open(usize, GivenArchive),
    /// Unpack what is compressed as a whole, and open what comes of it.
    Unpack(usize),
    /// Read all of it, or what its digests need alone.
    Read(usize, bool),
    /// End what is being done with it.
    Cancel(usize),
    /// Answer for it under that name from now on: with these contents.
    Serve(usize, String, Rc<[ToldContent]>),
    /// Forget it, and remove what was unpacked of it.
    Close(usize),
    /// Load what looks at images, so that all of it works without a network.
    Prepare,
    /// Ask the shell.
    Request(Request),
}
