//! What a check says: its steps, each with a verdict and its evidence, and one conclusion.

use std::fmt;

use waybill_core::humanize;

use crate::limits;

/// What came of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was compared here, and is so.
    Holds,
    /// It was compared here, and is not so; or it cannot be read.
    Fails,
    /// It was not compared; the evidence says why.
    NotChecked,
    /// Something to know, which decides nothing.
    Note,
}

/// What a step looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The bytes, against the digest and size that name them.
    Bytes,
    /// The form of the envelope, the bundle or the payload.
    Form,
    /// The signature itself.
    Signature,
    /// The type of what was signed.
    PayloadType,
    /// What was signed, against the image.
    Subject,
    /// The reference that was signed for.
    SignedFor,
    /// What the statement is about.
    Predicate,
    /// Which image of an index is looked at.
    Coverage,
    /// Whom the certificate names.
    Certificate,
    /// The chain of certificates.
    Chain,
    /// The times for which the certificates were made, against the time of signing.
    Validity,
    /// The entry of a log, against this signature.
    LogEntry,
    /// Whether the entry is in the log, by its promise or its proof.
    Log,
    /// The log's promise, a signed entry timestamp.
    LogPromise,
    /// The proof that the entry is in the log.
    InclusionProof,
    /// What the log signed of itself.
    Checkpoint,
    /// The log of certificates.
    CertificateLog,
    /// A time stamp by an authority.
    TimeStamp,
    /// The algorithm, against the key.
    Algorithm,
    /// What a reader has to understand.
    Critical,
    /// The thumbprints that the manifest names.
    Thumbprints,
    /// The time at which the signature ends.
    Expiry,
    /// A plugin that is needed.
    Plugin,
}

impl What {
    /// Its name for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "Bytes",
            Self::Form => "Form",
            Self::Signature => "Signature",
            Self::PayloadType => "Payload type",
            Self::Subject => "Subject",
            Self::SignedFor => "Signed for",
            Self::Predicate => "Statement",
            Self::Coverage => "Covers",
            Self::Certificate => "Certificate",
            Self::Chain => "Chain",
            Self::Validity => "Validity",
            Self::LogEntry => "Log entry",
            Self::Log => "Log",
            Self::LogPromise => "Log promise",
            Self::InclusionProof => "Inclusion proof",
            Self::Checkpoint => "Checkpoint",
            Self::CertificateLog => "Certificate log",
            Self::TimeStamp => "Time stamp",
            Self::Algorithm => "Algorithm",
            Self::Critical => "Critical headers",
            Self::Thumbprints => "Thumbprints",
            Self::Expiry => "Expiry",
            Self::Plugin => "Plugin",
        }
    }
}

/// One step of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it looked at.
    pub what: What,
    /// What came of it.
    pub verdict: Verdict,
    /// What was compared with what, or why nothing was. It holds texts from outside: draw it as text only.
    pub evidence: String,
}

/// What all steps together say: never better than what was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// Whether it holds; never a [`Verdict::Note`].
    pub verdict: Verdict,
    /// The same in a sentence. It holds texts from outside: draw it as text only.
    pub words: String,
}

/// A check that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The form, for a heading: `cosign signature`.
    pub form: &'static str,
    /// The steps in the order in which they were taken.
    pub steps: Vec<Step>,
    /// What they say together.
    pub conclusion: Conclusion,
}

impl Report {
    /// The steps that looked at this.
    pub fn of(&self, what: What) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.what == what)
    }

    /// Whether everything that was needed was compared here, and holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.conclusion.verdict == Verdict::Holds
    }
}

/// Says of all signatures of one image how many hold.
#[must_use]
pub fn summary(reports: &[Report]) -> String {
    let holding = reports.iter().filter(|report| report.holds()).count();
    let of = reports.len();
    match (reports.len(), holding) {
        (0, _) => "no signature was checked".to_owned(),
        (1, 1) => "the one signature or signed statement holds with what you gave".to_owned(),
        (1, _) => {
            "the one signature or signed statement does not hold with what you gave".to_owned()
        }
        (_, 0) => format!("none of {of} signatures and signed statements holds with what you gave"),
        (_, holding) => {
            format!("{holding} of {of} signatures and signed statements hold with what you gave")
        }
    }
}

/// Steps under way.
#[derive(Debug, Default)]
pub(crate) struct Steps(pub(crate) Vec<Step>);

impl Steps {
    pub(crate) fn add(&mut self, what: What, verdict: Verdict, evidence: impl Into<String>) {
        let evidence = evidence.into();
        self.0.push(Step {
            what,
            verdict,
            evidence,
        });
    }

    pub(crate) fn holds(&mut self, what: What, evidence: impl Into<String>) {
        self.add(what, Verdict::Holds, evidence);
    }

    pub(crate) fn fails(&mut self, what: What, evidence: impl Into<String>) {
        self.add(what, Verdict::Fails, evidence);
    }

    pub(crate) fn not_checked(&mut self, what: What, evidence: impl Into<String>) {
        self.add(what, Verdict::NotChecked, evidence);
    }

    pub(crate) fn note(&mut self, what: What, evidence: impl Into<String>) {
        self.add(what, Verdict::Note, evidence);
    }

    /// Adds whether two things are equal.
    pub(crate) fn equal(&mut self, what: What, equal: bool, holds: String, fails: String) -> bool {
        if equal {
            self.holds(what, holds);
        } else {
            self.fails(what, fails);
        }
        equal
    }

    fn first(&self, verdict: Verdict, what: impl Fn(What) -> bool) -> Option<&Step> {
        self.0
            .iter()
            .find(|step| step.verdict == verdict && what(step.what))
    }

    /// Draws the conclusion: what failed stands first; then what was needed and
    /// does not hold; only then `words`.
    pub(crate) fn conclude(
        self,
        form: &'static str,
        needed: &[What],
        words: impl fmt::Display,
    ) -> Report {
        let said = |step: &Step| {
            let name = step.what.name().to_lowercase();
            format!("{name}: {}", step.evidence)
        };
        let missing = needed
            .iter()
            .find(|what| self.first(Verdict::Holds, |one| one == **what).is_none());
        let conclusion = if let Some(step) = self.first(Verdict::Fails, |_| true) {
            let words = match step.what {
                What::Signature => format!("the signature {}", step.evidence),
                _ => format!("does not hold: {}", said(step)),
            };
            Conclusion {
                verdict: Verdict::Fails,
                words,
            }
        } else if let Some(what) = missing {
            let why = self.first(Verdict::NotChecked, |one| one == *what);
            let why = why.map_or_else(
                || format!("{}: there is none", what.name().to_lowercase()),
                said,
            );
            Conclusion {
                verdict: Verdict::NotChecked,
                words: format!("not all of it was checked: {why}"),
            }
        } else {
            Conclusion {
                verdict: Verdict::Holds,
                words: words.to_string(),
            }
        };
        Report {
            form,
            steps: self.0,
            conclusion,
        }
    }
}

/// A text from outside, short enough for a step.
pub(crate) fn cut(text: &str) -> String {
    let start = humanize::start(text, limits::TEXT);
    if start.len() == text.len() {
        text.to_owned()
    } else {
        format!("{start}… (cut)")
    }
}
