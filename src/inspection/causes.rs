//! What finds out why bytes have not the digest that was named, and what bytes are that are no manifest: a part of the
//! program, loaded with the first such bytes.

use waybill_core::digest::Digest;
use waybill_core::verify::{CauseExplanation, Expected, explain};
use waybill_core::workflow::inspect as workflow;

use crate::lazy::kept;

/// What the part brings.
#[derive(Clone, Copy, Debug)]
pub struct Causes {
    of: fn(&[u8], &Expected) -> CauseExplanation,
    told: fn(workflow::ContentKey, &[u8], Option<Digest>) -> Option<workflow::Msg>,
}

kept! {
    causes:
    /// Brings what finds out why.
    Causes = Causes { of: explain, told: workflow::explain }
}

/// Says why bytes are not those that are expected; `None` where the part is not loaded.
#[must_use]
pub fn explained(bytes: &[u8], expected: &Expected) -> Option<CauseExplanation> {
    here().map(|causes| (causes.of)(bytes, expected))
}

/// The message that tells an inspection why bytes have not that digest, or what they are where there is none; `None`
/// where that is not known, or the part is not loaded.
#[must_use]
pub fn told(
    key: workflow::ContentKey,
    bytes: &[u8],
    expected: Option<Digest>,
) -> Option<workflow::Msg> {
    here().and_then(|causes| (causes.told)(key, bytes, expected))
}
