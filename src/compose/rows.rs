//! What is done to rows: their order, their platforms.

use std::rc::Rc;

use waybill_core::compose::eligibility::attested_among;
use waybill_core::descriptor::Descriptor;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::compose::{Msg as Change, Row};

use super::message::{Effect, Field, PARTS};
use super::state::State;
use crate::limits::ROWS_DRAWN;

/// Returns the places of rows in their order, each followed by the attestations of it; true marks those.
pub(super) fn in_reading_order(rows: &[Rc<Row>]) -> Vec<(usize, bool)> {
    let empty = Descriptor::default();
    let descriptors: Vec<_> = rows
        .iter()
        .map(|row| row.entry.as_ref().map_or(&empty, |one| &one.descriptor))
        .collect();
    let attested = attested_among(&descriptors);
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for (place, image) in attested.iter().enumerate() {
        if let Some(image) = image {
            below[*image].push(place);
        }
    }
    let mut shown = Vec::with_capacity(rows.len());
    for place in (0..rows.len()).filter(|place| attested[*place].is_none()) {
        shown.push((place, false));
        shown.extend(below[place].iter().map(|place| (*place, true)));
    }
    shown
}

/// Says what a row is called: its platform, or what else it is.
pub(super) fn name(row: &Row) -> String {
    let Some(entry) = &row.entry else {
        return row.source.name();
    };
    let descriptor = &entry.descriptor;
    match (&descriptor.platform, descriptor.attests()) {
        (_, Some(_)) => "attestation".to_owned(),
        (Some(platform), None) => platform.to_string(),
        (None, None)
            if descriptor
                .media_type
                .as_ref()
                .is_some_and(MediaType::is_list) =>
        {
            "nested list".to_owned()
        }
        (None, None) => "no platform".to_owned(),
    }
}

impl State {
    /// Returns the platform that is typed for a row: of what was not typed, that of its entry.
    pub(super) fn platform(&self, id: RowId) -> Result<Option<Platform>, &'static str> {
        let part = |part| self.part(id, part);
        let [os, architecture, variant, version, features] =
            [part(0), part(1), part(2), part(3), part(4)];
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if [&os, &architecture, &variant, &version, &features]
            .iter()
            .all(|text| text.is_empty())
        {
            return Ok(None);
        }
        match (os.is_empty(), architecture.is_empty()) {
            (true, true) => return Err("os and architecture are missing"),
            (true, false) => return Err("os is missing"),
            (false, true) => return Err("architecture is missing"),
            (false, false) => {}
        }
        let row = self
            .model
            .composition()
            .row(id)
            .and_then(|row| row.entry.as_ref());
        let before = row.and_then(|entry| entry.descriptor.platform.as_ref());
        Ok(Some(Platform {
            os,
            architecture,
            variant: some(&variant),
            os_version: some(&version),
            os_features: features.split_whitespace().map(str::to_owned).collect(),
            ..before.cloned().unwrap_or_default()
        }))
    }

    /// Returns a part of a row's platform, as it stands in its box.
    pub(super) fn part(&self, id: RowId, part: usize) -> String {
        if let Some(typed) = self.typed(&Field::Platform(id, part)) {
            return if part + 1 == PARTS.len() {
                typed.to_owned()
            } else {
                typed.trim().to_owned()
            };
        }
        let entry = self
            .model
            .composition()
            .row(id)
            .and_then(|row| row.entry.as_ref());
        let Some(platform) = entry.and_then(|entry| entry.descriptor.platform.as_ref()) else {
            return String::new();
        };
        match part {
            0 => platform.os.clone(),
            1 => platform.architecture.clone(),
            2 => platform.variant.clone().unwrap_or_default(),
            3 => platform.os_version.clone().unwrap_or_default(),
            _ => platform.os_features.join(" "),
        }
    }

    /// Puts a row one place up or down among those that stand on their own, and says where it is then. The focus goes
    /// back to where it was.
    pub(super) fn shift(&mut self, id: RowId, up: bool, focus: Option<String>) {
        let focus = focus.unwrap_or_else(|| super::ids::row_id(if up { "up" } else { "down" }, id));
        self.queue(Effect::Focus(focus));
        let alone: Vec<usize> = self
            .derived
            .shown
            .iter()
            .filter(|(_, below)| !below)
            .map(|(at, _)| *at)
            .collect();
        let rows = &self.model.composition().rows;
        let Some(at) = alone.iter().position(|place| rows[*place].id == id) else {
            "An attestation stands with its image".clone_into(&mut self.said);
            return;
        };
        let name = name(&rows[alone[at]]);
        let to = if up {
            at.checked_sub(1)
        } else {
            Some(at + 1).filter(|to| *to < alone.len())
        };
        let Some(to) = to else {
            let end = if up {
                " is the first already"
            } else {
                " is the last already"
            };
            self.said = [&name, end].concat();
            return;
        };
        self.said = format!("{name} is {} of {}", to + 1, alone.len());
        self.change(Change::Move { id, to: alone[to] });
        // It stays on the part of the table that is drawn.
        let rows = &self.model.composition().rows;
        let row = in_reading_order(rows)
            .iter()
            .position(|(place, _)| rows[*place].id == id);
        self.drawn.row = row.unwrap_or_default() / ROWS_DRAWN * ROWS_DRAWN;
    }

    /// Takes a row away; the focus goes to the one behind it.
    pub(super) fn remove(&mut self, id: RowId) {
        let ids: Vec<RowId> = self
            .derived
            .shown
            .iter()
            .map(|(place, _)| self.model.composition().rows[*place].id)
            .collect();
        let at = ids
            .iter()
            .position(|known| *known == id)
            .unwrap_or_default();
        self.said = [
            &self
                .model
                .composition()
                .row(id)
                .map(name)
                .unwrap_or_default(),
            " removed",
        ]
        .concat();
        self.change(Change::Remove(id));
        let is_there = |id: &&RowId| self.model.composition().row(**id).is_some();
        let next = ids[at..]
            .iter()
            .find(is_there)
            .or_else(|| ids[..at].iter().rev().find(is_there));
        let focus = next.map_or_else(
            || super::ids::SOURCES.to_owned(),
            |id| super::ids::row_id("remove", *id),
        );
        self.queue(Effect::Focus(focus));
        self.draw_rows_that_are();
    }
}
