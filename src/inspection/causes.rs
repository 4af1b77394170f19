//! What finds out why bytes have not the digest that was named: a part of the program, loaded with the first that have not.

use waybill_core::verify::{CauseExplanation, Expected, explain};

use crate::lazy::kept;

type Explain = fn(&[u8], &Expected) -> CauseExplanation;

kept! {
    causes:
    /// Brings what finds out why.
    Explain = explain
}

/// Says why bytes are not those that are expected; `None` where the part is not loaded.
#[must_use]
pub fn explained(bytes: &[u8], expected: &Expected) -> Option<CauseExplanation> {
    here().map(|explain| explain(bytes, expected))
}
