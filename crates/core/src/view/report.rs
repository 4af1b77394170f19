//! The report of an inspection, made of what is known of it now.

use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::finding::Finding;
use crate::json::Place;
use crate::manifest::{Format, Manifest};
use crate::media_type::MediaType;
use crate::registry::transport::Via;
use crate::report::{Content, Entry, Found, Report, Step, Verdict};
use crate::time;
use crate::workflow::fetch::Fetch;
use crate::workflow::inspect::{Config, Current, InspectTarget, Model, Node};

use super::custody::{CustodyStep, CustodyStepKind};
use super::status::Status;

impl Report {
    /// Makes the report of what is looked at; `None` where that is not here. `seconds` is the time
    /// now, counted from the beginning of 1970.
    ///
    /// It says how things stand: what is still on its way is `pending` in it.
    #[must_use]
    pub fn of(model: &Model, seconds: i64) -> Option<Self> {
        let (node, image) = match model.current() {
            Current::List(node, _) | Current::Other(node) => (node, None),
            Current::Image(node, image) => (node, Some(image)),
            Current::Loading | Current::Failed(_) => return None,
        };
        let created = time::from_1970(seconds)
            .replace(" UTC", "Z")
            .replace(' ', "T");
        let mut report = Self::new(created, model.place(), content(node));
        if let (InspectTarget::Registry(reference), None) =
            (&model.subject, model.subject.archive())
        {
            report.reference = Some(reference.to_string());
        }
        let via = model
            .root()
            .and_then(Fetch::done)
            .and_then(|root| root.arrival.via);
        report.via = via.map(|via| match via {
            Via::Direct => "direct".to_owned(),
            Via::Proxy => "proxy".to_owned(),
        });
        let summary = model.summary();
        report.verdict = Verdict {
            status: name_of(summary.stamp.status),
            stamp: [summary.stamp.text, summary.stamp.small].join(": "),
            sentence: summary.title,
            detail: summary.detail,
        };
        report.custody = model.custody().iter().map(|it| step(model, it)).collect();
        report.config = image.and_then(|image| {
            let named = image.config.as_ref()?;
            let config = model.config(image)?.done()?;
            Some(content_of_config(named, config))
        });
        let chain = model.chain();
        let above = chain.iter().take(model.path.len());
        report.lists = above.map(|(node, _)| content(node)).collect();
        if let Some(list) = node.list() {
            report.manifests = list.entries.iter().map(|it| entry(model, it)).collect();
        }
        let findings = model.findings();
        let places = model.places(findings.len());
        report.findings = findings.iter().zip(&*places).map(found).collect();
        Some(report)
    }
}

fn name_of(status: Status) -> String {
    let name = match status {
        Status::Verified => "verified",
        Status::Unchecked => "unchecked",
        Status::Pending => "pending",
        Status::Failed => "failed",
    };
    name.to_owned()
}

fn content(node: &Node) -> Content {
    let manifest = node.manifest.as_ref().ok();
    let stated = manifest.and_then(|manifest| manifest.format.media_type());
    Content {
        media_type: stated.as_ref().map(MediaType::to_string),
        digest: node.digest.as_ref().map(ToString::to_string),
        size: node.arrival.bytes.len() as u64,
        format: Some(manifest.map_or("not JSON".to_owned(), |it| it.format.to_string())),
        content_type: node.arrival.content_type.as_ref().map(MediaType::to_string),
        docker_content_digest: node.arrival.docker_content_digest.clone(),
        data: Rc::clone(&node.arrival.bytes),
    }
}

/// The config as the manifest names it, with the bytes that came.
fn content_of_config(named: &Descriptor, config: &Config) -> Content {
    Content {
        media_type: named.media_type.as_ref().map(MediaType::to_string),
        digest: Some(named.digest_text.clone()),
        size: config.arrival.bytes.len() as u64,
        content_type: config
            .arrival
            .content_type
            .as_ref()
            .map(MediaType::to_string),
        data: Rc::clone(&config.arrival.bytes),
        ..Content::default()
    }
}

fn step(model: &Model, at: &CustodyStep) -> Step {
    let of_list = |format: Option<Format>| match format {
        Some(Format::DockerList) => "list",
        _ => "index",
    };
    let format = |node: &Node| node.manifest.as_ref().ok().map(|it: &Manifest| it.format);
    let name = match (at.kind, model.current()) {
        (CustodyStepKind::Asked, _) => match (&model.subject, model.subject.archive()) {
            (InspectTarget::Registry(_), None) => "reference",
            (InspectTarget::Registry(_), Some(_)) => "archive",
            (InspectTarget::Bundle { .. }, _) => "opened",
        },
        (CustodyStepKind::Above(index), _) => {
            let chain = model.chain();
            of_list(chain.get(index).and_then(|(node, _)| format(node)))
        }
        (CustodyStepKind::List, Current::List(node, _)) => of_list(format(node)),
        (CustodyStepKind::List, _) => "index",
        (CustodyStepKind::Manifest | CustodyStepKind::Missing, _) => "manifest",
        (CustodyStepKind::Entries, _) => "entries",
        (CustodyStepKind::Config, _) => "config",
        (CustodyStepKind::Layers, _) => "layers",
        (CustodyStepKind::Other, _) => "content",
    };
    Step {
        step: name.to_owned(),
        status: name_of(at.status),
        note: at.note.clone().into_owned(),
    }
}

fn entry(model: &Model, entry: &Descriptor) -> Entry {
    let (status, note) = model.entry_status(entry);
    let platform = match entry.attests() {
        Some(_) => "attestation".to_owned(),
        None => entry.title(),
    };
    Entry {
        platform,
        media_type: entry.media_type.as_ref().map(MediaType::to_string),
        digest: entry.digest_text.clone(),
        size: entry.size,
        status: name_of(status),
        note: note.into_owned(),
    }
}

fn found((finding, place): (&Finding, &Option<Place>)) -> Found {
    let rule = finding.code.rule();
    let position = place.as_ref().map(|place| place.position);
    Found {
        severity: rule.severity.name().to_owned(),
        code: rule.name.to_owned(),
        title: rule.title.to_owned(),
        r#in: if finding.in_config {
            "config"
        } else {
            "manifest"
        }
        .to_owned(),
        pointer: finding.pointer.as_str().to_owned(),
        line: position.map(|at| at.line),
        column: position.map(|at| at.column),
        message: finding.message.clone(),
        source: rule.url.to_owned(),
    }
}

#[cfg(test)]
mod tests;
