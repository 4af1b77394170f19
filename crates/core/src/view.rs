//! What every page says in the same words: core's second storey.
//!
//! Here facts become sentences for a person: [`Status`] is how good something is, [`Stamp`] and [`Summary`] are the
//! verdict in a word and in a sentence, [`CustodyStep`] is one step from what was asked to what was found, and
//! [`Explanation`] is what happened, the evidence, and what to do next. The methods that give them hang on the types of
//! [`workflow`](crate::workflow) and [`registry`](crate::registry): `model.summary()`, `error.explain()`.
//!
//! Nothing else in this crate knows this module, so what a fact is never hangs on how it is told. The words of findings
//! belong to the rules and stand in [`finding`](crate::finding).

mod custody;
mod explain;
mod explain_push;
mod status;
mod summary;
mod verify;

pub use custody::{CustodyStep, CustodyStepKind};
pub use explain::{Action, CORS_SNIPPET, Explanation};
pub use explain_push::CORS_PUSH_SNIPPET;
pub use status::{Stamp, Status, Summary};
