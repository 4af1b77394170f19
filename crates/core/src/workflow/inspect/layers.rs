//! What an inspection keeps of a check of layers, which `workflow::layers` makes: enough to judge
//! the whole by it, and no more, since the check itself is loaded only when it is wanted.

use crate::digest::Digest;

/// What was found of the layers of one image, or of all images below a list, as far as somebody
/// asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayersTold {
    /// The digest of the manifest.
    pub manifest: Digest,
    /// What came of it.
    pub outcome: LayersOutcome,
    /// How many layers are not what was named.
    pub wrong: usize,
    /// How many did not come.
    pub missing: usize,
    /// The reason in a few words, lower case and without a full stop.
    pub note: String,
}

/// What came of checking layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayersOutcome {
    /// Nobody asked for it.
    NotAsked,
    /// Something is still being read, or waits for it.
    Running,
    /// Each is what was named, and unpacks to what was named.
    Verified,
    /// One is not.
    Mismatch,
    /// None differs, and something was not compared: it did not come, or nobody names what it
    /// has to be.
    Partly,
}
