//! A report as plain text, as a person pastes it into a chat or an issue.

use std::fmt::Write as _;

use crate::humanize::number;
use crate::time;

use super::words::plain;
use super::{Entry, Report};

/// How many findings and entries are listed; the rest are counted.
const LISTED: usize = 30;

impl Report {
    /// The verdict as plain text: what it is and how good, the reference, the digest and the format,
    /// each stop, the findings, the platforms.
    ///
    /// ```text
    /// r.example/a:1 is an OCI image of 72.1 MB in 6 layers
    /// ✓ Verified here: manifest and config
    /// Its bytes hash to the digest the registry named.
    ///
    /// Reference: r.example/a:1
    /// Digest: sha256:…
    /// Format: OCI image manifest, 1,412 bytes
    ///
    /// Custody:
    /// - ○ reference: a tag can move, it promises no digest
    /// - ✓ manifest: verified
    /// - ✓ config: verified
    /// - ○ layers: not downloaded
    ///
    /// Findings: none
    ///
    /// Inspected by Waybill, 2026-11-29 10:00:00 UTC
    /// ```
    ///
    /// It reads the same where Markdown is drawn. Every text of a stranger is one line, in which
    /// what does not show is written out, and stands as code where it would be markup.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |words: &str| {
            text.push_str(words.trim_end());
            text.push('\n');
        };
        let verdict = &self.verdict;
        line(&plain(&verdict.sentence));
        line(&[mark(&verdict.status), " ", &plain(&verdict.stamp)].concat());
        line(&plain(&verdict.detail));
        line("");
        match &self.reference {
            Some(reference) => line(&["Reference: ", &plain(reference)].concat()),
            None => line(&["Name: ", &plain(&self.name)].concat()),
        }
        let manifest = &self.manifest;
        let digest = manifest.digest.as_deref().unwrap_or("cannot be told");
        line(&["Digest: ", &plain(digest)].concat());
        let format = manifest.format.as_deref().unwrap_or("unknown");
        let size = number(manifest.size);
        line(&["Format: ", &plain(format), ", ", &size, " bytes"].concat());
        match self.via.as_deref() {
            Some("direct") => line("Answered: directly from the registry"),
            Some(_) => line("Answered: through a proxy"),
            None => {}
        }
        line("");
        line("Custody:");
        for step in &self.custody {
            let (step, status, note) = (plain(&step.step), mark(&step.status), plain(&step.note));
            line(&format!("- {status} {step}: {note}"));
        }
        line("");
        self.findings_in(&mut line);
        if !self.manifests.is_empty() {
            line("");
            line("Platforms:");
            for entry in self.manifests.iter().take(LISTED) {
                line(&entry.line());
            }
            rest(self.manifests.len(), &mut line);
        }
        line("");
        let time = time::in_utc(&self.created).unwrap_or_default();
        line(&["Inspected by Waybill, ", &plain(&time)].concat());
        text
    }

    fn findings_in(&self, line: &mut impl FnMut(&str)) {
        if self.findings.is_empty() {
            return line("Findings: none");
        }
        line("Findings:");
        for found in self.findings.iter().take(LISTED) {
            let mut words = String::new();
            // Writing to a text does not fail.
            let _ = write!(
                words,
                "- {}, {}",
                plain(&found.severity),
                plain(&found.code)
            );
            if found.r#in == "config" {
                words.push_str(", config");
            }
            if !found.pointer.is_empty() {
                let _ = write!(words, " {}", plain(&found.pointer));
            }
            if let (Some(at), Some(column)) = (found.line, found.column) {
                let _ = write!(words, " (line {at}, column {column})");
            }
            let _ = write!(words, ": {}", plain(&found.message));
            line(&words);
        }
        rest(self.findings.len(), line);
    }
}

impl Entry {
    fn line(&self) -> String {
        let (platform, digest) = (plain(&self.platform), plain(&self.digest));
        let (status, note) = (mark(&self.status), plain(&self.note));
        format!("- {status} {platform}, {digest}: {note}")
    }
}

/// Says how many there are behind those that are listed.
fn rest(all: usize, line: &mut impl FnMut(&str)) {
    if let Some(more @ 1..) = all.checked_sub(LISTED) {
        line(&format!("- and {} more", number(more as u64)));
    }
}

/// The seal of a status as a character. Words stand behind it.
fn mark(status: &str) -> &'static str {
    match status {
        "verified" => "✓",
        "failed" => "✗",
        "pending" => "…",
        _ => "○",
    }
}
