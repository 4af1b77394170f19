//! Verdicts: what was compared with what, how it came out, and why where it did not.
//!
//! A verdict has three values: equal, different, and not checked, with the reason. What was not
//! compared here is never shown as good, whoever says that it is. `expected` reads what a person
//! hopes for, `difference` finds where two contents part, and `cause` tries what usually goes
//! wrong.

mod cause;
mod comparison;
mod difference;
mod expected;

pub use cause::{Cause, CauseExplanation, Remedy, explain};
pub use comparison::{Comparison, DigestSource, Unchecked, Verdict};
pub use difference::ByteDifference;
pub use expected::{Expected, ExpectedError, ExpectedNote};
