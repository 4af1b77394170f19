//! What every page says in the same words: core's second storey.
//!
//! Here facts become sentences for a person: [`Status`] is how good something is, [`Stamp`]
//! and [`Summary`] are the verdict in a word and in a sentence, [`CustodyStep`] is one step
//! from what was asked to what was found, and [`Explanation`] is what happened, the evidence,
//! and what to do next. The methods that give them hang on the types of
//! [`workflow`](crate::workflow) and [`registry`](crate::registry): `model.summary()`,
//! `error.explain()`.
//!
//! | file | methods | told of |
//! | --- | --- | --- |
//! | `summary` | `inspect::Model::summary` | the place of an inspection that is looked at |
//! | `stamp`, `failed` | | its stamp; its words where nothing came |
//! | `choice` | [`choices`] | what each client takes of a list for a machine |
//! | `custody` | `Model::custody`, `Model::entry_status` | each stop, each entry of a list |
//! | `verify` | `verify::Report::summary` | a content that was given, and the digest expected |
//! | `layers` | the types of `workflow::layers` | what is offered, each layer, what came of it |
//! | `explain` | `RegistryError::explain` | a read that failed |
//! | `explain_push` | `explain_push`, `push::Failure::explain` | a push that failed |
//! | `rate_limit` | `RateLimit::sentence` | how many more manifests a registry gives |
//! | `report` | [`Report::of`](crate::report::Report::of) | an inspection, to be kept or sent to somebody |
//! | `status` | the types above, and how a comparison or a failure becomes a [`Status`] | |
//!
//! All of it is plain text without markup. Evidence quotes a registry's own words, and titles
//! hold names that a person typed or a file had, so whoever draws them has to treat them as
//! the text of strangers. Nothing is kept between two calls: each method reads the model or
//! error as it is now, so a page calls it at each drawing.
//!
//! Nothing else in this crate knows this module, so what a fact is never hangs on how it is
//! told. The words of findings belong to the rules and stand in [`finding`](crate::finding).

mod choice;
mod custody;
mod diff;
mod explain;
mod explain_push;
mod failed;
mod layers;
mod rate_limit;
mod report;
mod stamp;
mod status;
mod summary;
mod verify;

pub use choice::{ChoiceWords, choices};
pub use custody::{CustodyStep, CustodyStepKind};
pub use explain::{Action, CORS_SNIPPET, Explanation};
pub use explain_push::CORS_PUSH_SNIPPET;
pub use layers::{LayerWords, TotalWords, rate_words, total_words};
pub use status::{Stamp, Status, Summary};
