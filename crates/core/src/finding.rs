//! What is wrong or noteworthy in a manifest, with its place and the rule it comes from.

mod rules;

use std::fmt;

pub use rules::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Allowed, and worth knowing.
    Note,
    /// Allowed or common, and likely to surprise somebody.
    Warning,
    /// Against the specification, or two clients may see two different things.
    Error,
}

impl Severity {
    /// The word for people and for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// The place as a JSON pointer (RFC 6901) into the manifest; empty for the whole.
    pub pointer: String,
    /// What was found here, lower case and without a full stop.
    pub message: String,
}

impl Finding {
    /// A finding at `pointer`.
    #[must_use]
    pub fn new(code: Code, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), message: message.into() }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.rule().severity
    }
}

/// A rule: how bad it is to break it, why it matters, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The code's name in kebab case, stable: scripts may compare it.
    pub name: &'static str,
    /// What the rule is about: a heading that it shares with others.
    pub topic: &'static str,
    /// A heading of a few words.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    /// The name of the source.
    pub source: &'static str,
    /// The source's address.
    pub url: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_complete_and_its_name_is_its_own() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.rule().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let rule = code.rule();
            assert!(rule.url.starts_with("https://"), "{code}");
            assert!(rule.why.ends_with('.') && !rule.title.ends_with('.'), "{code}");
            assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{code}");
        }
    }
}
