//! How good something is, in one word: what custody steps, stamps and summaries have in common.
//!
//! Three-valued at heart: good, bad, and not known. Only a comparison that was made here is ever
//! good.

use std::borrow::Cow;

use crate::verify::{Comparison, Unchecked, Verdict};
use crate::workflow::fetch::Failure;
use crate::workflow::inspect::Node;

/// What is known of a stop, from best to worst.
///
/// The order is used: the worst of several is the greatest, so entries of which one is on its
/// way are pending together, and failed as soon as one has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Compared here, and as it was named.
    Verified,
    /// Nothing was compared; the note says why.
    Unchecked,
    /// Still being fetched.
    Pending,
    /// Not what was named, or it did not come.
    Failed,
}

/// The stamp: one word and what it is about.
///
/// Drawn in large letters, so both texts are a few words without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// How good.
    pub status: Status,
    /// The word.
    pub text: String,
    /// What it is about.
    pub small: String,
}

impl Stamp {
    /// A stamp of that word, about that.
    #[must_use]
    pub fn new(status: Status, text: &str, small: &str) -> Self {
        Self {
            status,
            text: text.to_owned(),
            small: small.to_owned(),
        }
    }
}

/// The verdict for a person in a hurry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What it is, in one sentence without a full stop.
    pub title: String,
    /// Whether it is true, in one or two sentences.
    pub detail: String,
    /// The stamp.
    pub stamp: Stamp,
}

/// The worst of a manifest's comparisons decides; one that holds is enough where none fails.
///
/// A digest that the registry named in an unknown algorithm, beside one of the list that fits,
/// thus leaves the manifest verified. Without any comparison it is unchecked, however well the
/// content reads.
pub(super) fn node_status(node: &Node) -> (Status, Cow<'static, str>) {
    let statuses: Vec<_> = node.comparisons.iter().map(comparison_status).collect();
    let bad = statuses
        .iter()
        .find(|(status, _)| *status == Status::Failed);
    let good = statuses
        .iter()
        .find(|(status, _)| *status == Status::Verified);
    let any = bad.or(good).or(statuses.first()).cloned();
    any.unwrap_or_else(|| (Status::Unchecked, Unchecked::NothingNamed.reason().into()))
}

/// A verdict as a status with its word: `verified`, `size differs`, `digest differs`, or the
/// reason why nothing was compared, which is neither good nor bad.
pub(super) fn comparison_status(comparison: &Comparison) -> (Status, Cow<'static, str>) {
    match &comparison.verdict {
        Verdict::Verified => (Status::Verified, "verified".into()),
        Verdict::WrongSize { .. } => (Status::Failed, "size differs".into()),
        Verdict::WrongDigest { .. } => (Status::Failed, "digest differs".into()),
        Verdict::NotChecked(why) => (Status::Unchecked, why.reason().into()),
    }
}

/// Tells why something is not here, as a status with its word.
///
/// What a person or Waybill itself left out (cancelled, not in the file, too large) is only
/// unchecked; what was asked for and did not come has failed. Of a registry's answer a status
/// 404 is `missing` and another is told by its number, `status 500`; without an answer it is
/// `no answer`.
pub(super) fn failure_status(failure: &Failure) -> (Status, Cow<'static, str>) {
    match failure {
        Failure::Cancelled => (Status::Unchecked, "cancelled".into()),
        Failure::NotBundled => (Status::Unchecked, "not part of what was opened".into()),
        Failure::NotListed(_) => (Status::Failed, "not in the list".into()),
        Failure::NotLoaded(_) => (Status::Unchecked, "not read".into()),
        Failure::TooLarge { .. } => (Status::Unchecked, "over 4 MiB, not read".into()),
        Failure::Registry(error) => match error.answer() {
            Some(answer) if answer.status == 404 => (Status::Failed, "missing".into()),
            Some(answer) => (Status::Failed, format!("status {}", answer.status).into()),
            None => (Status::Failed, "no answer".into()),
        },
    }
}
