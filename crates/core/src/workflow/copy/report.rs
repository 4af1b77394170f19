//! What came of a copy, to be kept: as text, and as JSON for programs.

use super::{How, Model, Selection};
use crate::digest::Digest;
use crate::humanize;
use crate::json::Writer;
use crate::json::style::Escapes;
use crate::registry::push::Repository;
use crate::workflow::push::{self, Phase, StepState, Transfer};

/// A copy as far as it went.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The source.
    pub source: &'a Model,
    /// What goes along.
    pub selection: &'a Selection,
    /// The writing.
    pub push: &'a push::Model,
}

impl Report<'_> {
    /// How it ended, in a word: `copied`, `differs`, `stopped`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match (self.push.phase(), self.push.outcome()) {
            (Phase::Done, Some(outcome)) if outcome.verdict.is_verified() => "copied",
            (Phase::Done, _) => "differs",
            (Phase::Planning | Phase::Planned, _) => "planned",
            (Phase::Running, _) => "stopped",
        }
    }

    /// As text, a line a fact.
    #[must_use]
    pub fn text(&self) -> String {
        let task = self.push.task();
        let totals = self.push.totals();
        let mut lines = vec![
            ["outcome: ", self.outcome()].concat(),
            ["from: ", &self.source.source().to_string()].concat(),
            ["pinned: ", &self.pinned()].concat(),
            ["to: ", &named(&task.target)].concat(),
            ["digest: ", self.selection.digest.as_str()].concat(),
        ];
        lines.extend(self.push.tags().iter().map(|tag| {
            let before = tag.named.as_ref().map_or("nothing", Digest::as_str);
            let read_back = tag.outcome.as_ref();
            let read_back = match read_back.map(|outcome| outcome.verdict.is_verified()) {
                Some(true) => "read back",
                Some(false) => "names something else",
                None => "not read back",
            };
            [
                "tag: ",
                tag.tag.as_str(),
                ", ",
                read_back,
                ", named ",
                before,
                " before",
            ]
            .concat()
        }));
        lines.extend(self.source.moved().map(|moved| {
            [
                "the source's tag names something else by now: ",
                moved.as_str(),
            ]
            .concat()
        }));
        let (sent, all) = (
            humanize::number(totals.sent),
            humanize::number(totals.bytes),
        );
        lines.push(["bytes sent: ", &sent, " of ", &all].concat());
        lines.extend(self.selection.changes.iter().map(|change| {
            let text =
                |digest: &Option<Digest>| digest.as_ref().map_or("none", Digest::as_str).to_owned();
            let mut line = ["manifest: ", &text(&change.old), " -> ", &text(&change.new)].concat();
            line.push_str(", ");
            line.push_str(how(change.how));
            for lost in change.lost() {
                line.push_str(", without ");
                line.push_str(&lost);
            }
            line
        }));
        lines.extend(self.selection.others.iter().map(|(tag, digest)| {
            let digest = digest.as_str();
            [
                "manifest: ",
                digest,
                " -> ",
                digest,
                ", exact, tag ",
                tag.as_str(),
            ]
            .concat()
        }));
        lines.extend(self.failures().iter().map(|why| ["failed: ", why].concat()));
        lines.extend(self.push.blobs().iter().map(|blob| {
            let size = blob.size.map(humanize::number).unwrap_or_default();
            let said = said(&blob.state, blob.how);
            [
                "blob: ",
                blob.digest.as_str(),
                ", ",
                &size,
                " bytes, ",
                said,
            ]
            .concat()
        }));
        lines.push(String::new());
        lines.join("\n")
    }

    /// As JSON: one object.
    #[must_use]
    pub fn json(&self) -> String {
        let task = self.push.task();
        let totals = self.push.totals();
        let mut json = Writer::new(Escapes::Plain);
        json.open('{');
        json.text("outcome", self.outcome());
        json.text("from", &self.source.source().to_string());
        json.text("pinned", &self.pinned());
        json.text("to", &named(&task.target));
        json.text("digest", self.selection.digest.as_str());
        json.optional("sourceNamesNow", self.source.moved().map(Digest::as_str));
        json.texts("failures", &self.failures());
        json.raw("bytesSent", &totals.sent.to_string());
        json.raw("bytes", &totals.bytes.to_string());
        json.name("tags");
        json.open('[');
        for tag in self.push.tags() {
            json.next();
            json.open('{');
            json.text("tag", tag.tag.as_str());
            json.optional("before", tag.named.as_ref().map(Digest::as_str));
            let is_same = |outcome: &crate::verify::Comparison| outcome.verdict.is_verified();
            let read_back = tag.outcome.as_ref().is_some_and(is_same);
            json.raw("readBack", if read_back { "true" } else { "false" });
            json.close('}');
        }
        json.close(']');
        json.name("manifests");
        json.open('[');
        for change in &self.selection.changes {
            json.next();
            json.open('{');
            json.optional("source", change.old.as_ref().map(Digest::as_str));
            json.optional("target", change.new.as_ref().map(Digest::as_str));
            json.text("how", how(change.how));
            json.texts("lost", &change.lost());
            json.close('}');
        }
        json.close(']');
        json.name("blobs");
        json.open('[');
        for blob in self.push.blobs() {
            json.next();
            json.open('{');
            json.text("digest", blob.digest.as_str());
            if let Some(size) = blob.size {
                json.raw("size", &size.to_string());
            }
            json.text("how", said(&blob.state, blob.how));
            json.close('}');
        }
        json.close(']');
        json.close('}');
        json.into_text()
    }

    /// Why what failed did, each reason once.
    fn failures(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        for (_, why) in self.push.failures() {
            let why = why.to_string();
            if !reasons.contains(&why) {
                reasons.push(why);
            }
        }
        reasons
    }

    /// The digest that the source was pinned to.
    fn pinned(&self) -> String {
        let root = self.source.root().done();
        root.map(|root| root.digest.to_string()).unwrap_or_default()
    }
}

fn named(place: &Repository) -> String {
    [place.host.as_str(), "/", place.repository.as_str()].concat()
}

fn how(how: How) -> &'static str {
    match how {
        How::Exact => "exact",
        How::Sparse(_) => "exact, sparse",
        How::Shrunk(_) => "entries cut out",
        How::Types => "media types changed",
        How::Config => "config rewritten",
        How::Recompressed(_) => "layers compressed anew",
        How::Rewritten(_) => "list rewritten",
        How::LeftOut => "left out",
    }
}

fn said(state: &StepState, how: Option<Transfer>) -> &'static str {
    match (state, how) {
        (StepState::Present, _) => "there already",
        (StepState::NotDistributed, _) => "not distributed",
        (StepState::Done, Some(Transfer::Mount)) => "mounted",
        (StepState::Done, Some(Transfer::Copy)) => "copied",
        (StepState::Done, _) => "put",
        (StepState::Failed(_), _) => "failed",
        (
            StepState::Unknown | StepState::Asked | StepState::Planned | StepState::Running { .. },
            _,
        ) => "not written",
    }
}
