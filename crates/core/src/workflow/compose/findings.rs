//! Findings that need the rows: sources that are left out, entries that nobody verified.

use std::rc::Rc;

use crate::compose::eligibility::Ineligible;
use crate::finding::{Code, Finding, worst_first};
use crate::humanize;
use crate::workflow::fetch::Failure;

use super::composition::Row;
use super::{Model, RowState};

impl Model {
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

fn left_out(row: &Row, why: &str) -> Finding {
    Finding::new(
        Code::SourceRefused,
        "",
        format!("{}: {why}", row.source.name()),
    )
}

fn why(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.to_string(),
        Failure::TooLarge { size } => Ineligible::TooLarge { size: *size }.to_string(),
        Failure::Cancelled => "its fetching was cancelled".to_owned(),
        Failure::NotBundled | Failure::NotListed(_) => "it is not here".to_owned(),
    }
}

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
