//! What happens to an inspection, and what it wants done.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::schema1::Signed;
use crate::manifest::schema1::jws::Checked;
use crate::media_type::MediaType;
use crate::recognize::Recognized;
use std::rc::Rc;

use super::layers::LayersTold;
use crate::workflow::fetch::{Failure, Generation, Received};

/// Something to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentKey {
    /// What the subject names.
    Root,
    /// A manifest that a list names.
    Child(Digest),
    /// A config that a manifest names.
    Config(Digest),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Look at another place of the same subject: the digests of the entries from the root down.
    Go(Vec<Digest>),
    /// An answer came.
    Received {
        /// The generation of the inspection that asked.
        generation: Generation,
        /// What was asked for.
        key: ContentKey,
        /// The answer.
        result: Result<Received, Failure>,
    },
    /// What reads Docker schema 1 is here, or did not come: this answer waited for it.
    ReadAgain {
        /// The generation of the inspection that asked.
        generation: Generation,
        /// What was asked for.
        key: ContentKey,
        /// The answer, or that it cannot be read.
        result: Result<Received, Failure>,
    },
    /// The signatures of a manifest were checked, or could not be.
    SignaturesChecked {
        /// Which manifest.
        key: ContentKey,
        /// What was checked, as the effect had it: the result counts for nothing else.
        signed: Rc<Signed>,
        /// What came of it, for each signature.
        results: Vec<Checked>,
    },
    /// It was found out, or not, why bytes are not those that were named.
    MismatchExplained {
        /// Which content.
        key: ContentKey,
        /// The cause, a sentence without its full stop; `None` where no usual one explains it.
        cause: Option<String>,
    },
    /// Something became known of the layers of a manifest.
    LayersChecked(LayersTold),
    /// A content is no manifest, and was recognised for what it is.
    Recognized {
        /// Which content.
        key: ContentKey,
        /// What it is.
        known: Rc<Recognized>,
    },
    /// Fetch these too, unless they were asked for already: what a check needs and a place shows
    /// nothing of.
    Want {
        /// Manifests that a list names which is here.
        manifests: Vec<Descriptor>,
        /// Configs that an image names which is here.
        configs: Vec<Descriptor>,
    },
    /// Stop what is under way.
    Cancel,
    /// Fetch again what failed.
    Retry,
    /// Fetch every child of the list, also those behind the limit.
    FetchAll,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fetch, and send the answer back as [`Msg::Received`].
    Fetch {
        /// The generation to send back.
        generation: Generation,
        /// What.
        key: ContentKey,
        /// The media type that the list states for it.
        media_type: Option<MediaType>,
    },
    /// Load what reads Docker schema 1
    /// ([`schema1::give`](crate::manifest::schema1::give)), and send the answer back as
    /// [`Msg::ReadAgain`]. Only with the feature `split`.
    LoadSchema1 {
        /// The generation to send back.
        generation: Generation,
        /// What the answer is to.
        key: ContentKey,
        /// The answer.
        arrival: Received,
    },
    /// Check the signatures of a manifest, and send what comes of it back as
    /// [`Msg::SignaturesChecked`].
    CheckSignatures {
        /// Which manifest.
        key: ContentKey,
        /// What to check.
        signed: Rc<Signed>,
    },
    /// Find out why bytes are not what was named, as [`explain`](super::explain) does, and send
    /// that back.
    Explain {
        /// Which content.
        key: ContentKey,
        /// Its bytes.
        bytes: Rc<[u8]>,
        /// The digest that they have not; `None` where they are no manifest.
        expected: Option<Digest>,
    },
    /// Stop every fetch under way.
    Abort,
}
