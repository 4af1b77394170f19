//! Checks signatures of container images, step by step: bytes in, a [`Report`] out.
//!
//! **What it reads.** Signatures of cosign as they stood beside images until its third version, bundles of sigstore's
//! (0.1 to 0.3), envelopes of signed statements (DSSE), and Notation's envelopes, JWS and COSE.
//!
//! **What it says.** Each step says what was compared with what: bytes with their digest, the signature with a key that
//! somebody gave, what was signed with the image, a certificate with a root, an entry of a log with this very
//! signature. The conclusion is never better than the steps, and nothing is called trusted: a person gave the key, and
//! the person trusts.
//!
//! **What it does not.** It has no clock, no network and no browser. Of signatures it computes Ed25519 by a library,
//! and asks an [`Arithmetic`] for all others.
//!
//! | module | holds |
//! | --- | --- |
//! | `limits` | how much is read and checked |
//! | `report` | steps, verdicts, the conclusion |
//! | `question` | what is asked: a signature, an image, what was given; bytes against digests |
//! | `arithmetic`, `key` | algorithms, public keys, whether a signature holds |
//! | `walk`, `pem` | DER element by element, PEM |
//! | `signing`, `certificate`, `chain`, `sct` | certificates, their chains, the logs of them |
//! | `root`, `given` | sigstore's root; what a person gave |
//! | `log`, `stamp` | logs of signatures, time stamps |
//! | `signer` | who signed: all of the above together |
//! | `statement`, `dsse`, `cosign`, `bundle`, `notation` | the forms |

#![cfg_attr(test, allow(clippy::expect_used))]

pub mod limits;

mod arithmetic;
mod bundle;
mod certificate;
mod chain;
mod cosign;
mod dsse;
mod given;
mod key;
mod log;
mod notation;
mod pem;
mod question;
mod report;
mod root;
mod sct;
mod signer;
mod signing;
mod stamp;
mod statement;
mod walk;

pub use arithmetic::{Algorithm, Arithmetic, Curve, Hash, Unavailable};
pub use certificate::Certificate;
pub use given::{FORMS, Given, GivenError};
pub use key::{KeyKind, PublicKey};
pub use question::{Form, Question, Signed, Subject};
pub use report::{Conclusion, Report, Step, Verdict, What, summary};
pub use root::TrustedRoot;

/// Checks a signature.
pub async fn check(question: &Question<'_>, arithmetic: &impl Arithmetic) -> Report {
    match question.signed.form {
        Form::Cosign => cosign::check(question, arithmetic).await,
        Form::Bundle => bundle::check(question, arithmetic).await,
        Form::Envelope => bundle::check_bare(question, arithmetic).await,
        Form::NotationJws | Form::NotationCose => notation::check(question, arithmetic).await,
    }
}
