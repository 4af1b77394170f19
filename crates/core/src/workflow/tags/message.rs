//! What happens while tags are listed, and what has to be done for it.

use crate::digest::Digest;
use crate::reference::Tag;
use crate::registry::tags::{Page, PageAnswer, TagAnswer};
use crate::tags::Source;

use super::super::fetch::{Failure, Generation};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// A page of the list came, or did not.
    Page {
        /// That of the effect.
        generation: Generation,
        /// The page.
        result: Box<Result<PageAnswer, Failure>>,
    },
    /// An API answered that tells of many tags; `None` where there is no way to ask it.
    Details {
        /// That of the effect.
        generation: Generation,
        /// The API.
        source: Source,
        /// Which page of it, counted from 1.
        page: usize,
        /// Its body.
        result: Result<Option<Vec<u8>>, Failure>,
    },
    /// The registry told what a tag names, or did not.
    Told {
        /// That of the effect.
        generation: Generation,
        /// The tag.
        tag: Tag,
        /// What it names.
        result: Result<TagAnswer, Failure>,
    },
    /// These tags are in view now.
    InView(Vec<Tag>),
    /// Ask zot's search for all tags at once: somebody says that the registry is one.
    AskZot,
    /// Go on with the list.
    More,
    /// Ask again for what did not come.
    Retry,
    /// Find all tags of a digest: [`Model::to_ask`](super::Model::to_ask) requests.
    Find(Digest),
    /// Look for it no more; what was learned stays.
    EndSearch,
    /// Stop everything that is under way.
    Cancel,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask for a page of the list, and send it back as [`Msg::Page`].
    Page {
        /// To be sent back.
        generation: Generation,
        /// Which page.
        page: Page,
    },
    /// Ask an API that tells of many tags, and send its answer back as [`Msg::Details`].
    Details {
        /// To be sent back.
        generation: Generation,
        /// The API.
        source: Source,
        /// Which page, counted from 1.
        page: usize,
    },
    /// Ask what a tag names, and send it back as [`Msg::Told`].
    Ask {
        /// To be sent back.
        generation: Generation,
        /// The tag.
        tag: Tag,
        /// Whether to read the manifest, since the answer to HEAD hides the digest.
        reads: bool,
    },
    /// Stop every request under way.
    Abort,
}
