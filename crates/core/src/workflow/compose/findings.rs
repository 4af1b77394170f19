//! Findings that need the rows: sources that are left out, entries that nobody verified.
//!
//! Those of the written bytes were found when they were written, from the draft alone. Here
//! they are taken over, and what the states of the rows say is added.

use std::rc::Rc;

use crate::compose::eligibility::Ineligible;
use crate::finding::{Code, Finding, worst_first};
use crate::humanize;
use crate::workflow::fetch::Failure;

use super::composition::Row;
use super::{Model, RowState};

impl Model {
    /// Gathers every finding, the worst first.
    ///
    /// - A row that is kept, and is refused or did not come, is left out of the list. So is
    ///   the subject. The finding has an empty pointer, since the bytes do not have it.
    /// - An entry whose manifest was asked for and did not come has a finding of its own, at
    ///   its place in the written list.
    /// - Entries that were not asked for yet, or are on the way, share one finding at
    ///   `/manifests` with their number: a list of 15,000 would otherwise drown all others.
    /// - An entry for another platform than its config's has one too.
    ///
    /// Rows that are only left out by a person, or are loading, are no findings.
    pub(super) fn find(&self) -> Vec<Finding> {
        let mut findings = self.written.findings.clone();
        let rows = || {
            self.composition
                .rows
                .iter()
                .map(Rc::as_ref)
                .chain(&self.composition.subject)
        };
        let states: Vec<RowState<'_>> = rows().map(|row| self.state(row)).collect();
        for (row, state) in rows().zip(&states).filter(|(row, _)| row.kept) {
            match state {
                RowState::Refused(refusal) => findings.push(left_out(row, &refusal.to_string())),
                RowState::Failed(failure) => findings.push(left_out(row, &why(failure))),
                RowState::Loading | RowState::Verified | RowState::Unverified(_) => {}
            }
        }
        let mut unverified = 0;
        for (place, of_draft) in self.written.order.iter().enumerate() {
            let of_work = self.written_places[*of_draft];
            match &states[of_work] {
                RowState::Unverified(Some(failure)) => {
                    findings.push(Finding::new(
                        Code::SourceUnverified,
                        format!("/manifests/{place}"),
                        why(failure),
                    ));
                }
                RowState::Unverified(None) => unverified += 1,
                RowState::Loading
                | RowState::Failed(_)
                | RowState::Refused(_)
                | RowState::Verified => {}
            }
            findings.extend(other_platform(&self.composition.rows[of_work], place));
        }
        if unverified > 0 {
            let message = format!("{} not fetched yet", humanize::count(unverified, "entry"));
            findings.push(Finding::new(Code::SourceUnverified, "/manifests", message));
        }
        worst_first(findings)
    }
}

/// A source that is not in the list, and why: `ghcr.io/o/app:arm64: its fetching was
/// cancelled`.
fn left_out(row: &Row, why: &str) -> Finding {
    Finding::new(
        Code::SourceRefused,
        "",
        format!("{}: {why}", row.source.name()),
    )
}

/// Why a manifest did not come, in words that follow a colon.
fn why(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.to_string(),
        Failure::TooLarge { size } => Ineligible::TooLarge { size: *size }.to_string(),
        Failure::Cancelled => "its fetching was cancelled".to_owned(),
        Failure::NotLoaded(why) => why.clone(),
        Failure::NotBundled | Failure::NotListed(_) => "it is not here".to_owned(),
    }
}

/// The finding where an entry states another platform than the config of its image.
///
/// Only entries that were made from an image can have it: one that was taken from a list has
/// no `origin`, and its config is not fetched. Other names of one platform are equal: `x86_64`
/// and `amd64`.
fn other_platform(row: &Row, place: usize) -> Option<Finding> {
    let entry = row.entry.as_ref()?;
    let (stated, config) = (
        entry.descriptor.platform.as_ref()?,
        entry.origin.as_ref()?.platform.as_ref()?,
    );
    (stated.normalized() != config.normalized()).then(|| {
        let message = format!("the list says {stated}, the config says {config}");
        Finding::new(
            Code::ListedPlatform,
            format!("/manifests/{place}/platform"),
            message,
        )
    })
}
