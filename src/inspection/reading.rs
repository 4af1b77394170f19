//! How a person reads a content in the tabs JSON and Config: what is sought in it, and what is folded. Only what draws the
//! tabs makes and reads this, and comes with its part of the program; an inspection holds it without knowing what it is.

use std::rc::Rc;

use waybill_core::finding::Finding;
use waybill_core::json::{Place, style};
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::inspect::Current;

use super::{Effect, Inspection};
use crate::components::code::find::{Hits, Words};
use crate::components::code::lines::{Folds, Lines};
use crate::components::code::{HIT, Shown};
use crate::limits::LINES_DRAWN;
use crate::route::Tab;

/// What a person does with the content that is drawn.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Words to seek are typed; none ends it.
    Find(String),
    /// Go to the next hit, or to the one before.
    Step(bool),
    /// Fold the block that begins on a line, counted from 0, or unfold it.
    Fold(usize),
    /// Fold every entry, or unfold everything.
    FoldAll(bool),
}

/// The content that is drawn as it is read, and what was sought and folded.
#[derive(Default)]
pub(super) struct Readings {
    /// What is sought: in whatever content is drawn.
    sought: String,
    words: Option<Words>,
    /// The content that was drawn last. Only of one the text and its lines are kept.
    here: Option<Reading>,
    /// What is folded in the others.
    left: Vec<Left>,
}

/// What is folded in a content that is not drawn now.
struct Left {
    bytes: Rc<[u8]>,
    indented: bool,
    folds: Folds,
}

/// A content with what is made of it once.
pub(super) struct Reading {
    bytes: Rc<[u8]>,
    /// Whether somebody wants it indented.
    indented: bool,
    /// Whether it is: these are not its bytes then.
    pub(super) is_indented: bool,
    text: String,
    lines: Lines,
    folds: Folds,
    hits: Hits,
    /// Which hit is looked at.
    at: usize,
    found: Vec<Finding>,
    places: Rc<[Option<Place>]>,
}

/// Takes a message about the content that is drawn, and returns the effects to run.
pub(super) fn update(inspection: &mut Inspection, msg: Msg) -> Vec<Effect> {
    let from = inspection.drawn_from();
    let is_hit = matches!(msg, Msg::Find(_) | Msg::Step(_));
    let turned = look(inspection, |readings| readings.update(msg, from));
    let Some(turned) = turned.flatten() else {
        return Vec::new();
    };
    inspection.draw_from(turned);
    let scrolls = is_hit.then_some(Effect::ScrollTo(HIT));
    scrolls.into_iter().collect()
}

/// Has `look` look at the content that is drawn, which is read here where nobody did yet; `None` where there is none.
pub(super) fn look<T>(inspection: &Inspection, look: impl FnOnce(&mut Readings) -> T) -> Option<T> {
    let (bytes, is_json) = content(inspection)?;
    let held = inspection.reading.take();
    let held = held.and_then(|held| held.downcast::<Readings>().ok());
    let mut readings = held.unwrap_or_default();
    readings.turn_to(bytes, inspection.indented, is_json);
    let looked = look(&mut readings);
    inspection.reading.replace(Some(readings));
    Some(looked)
}

/// Finds the bytes that are drawn, and whether they are JSON.
fn content(inspection: &Inspection) -> Option<(&Rc<[u8]>, bool)> {
    let model = &inspection.model;
    match (inspection.place.tab, model.current()) {
        (Tab::Config, Current::Image(_, image)) => {
            let config = model.config(image).and_then(Fetch::done)?;
            Some((&config.arrival.bytes, config.config.is_ok()))
        }
        (Tab::Json, Current::List(node, _) | Current::Image(node, _) | Current::Other(node)) => {
            Some((&node.arrival.bytes, node.manifest.is_ok()))
        }
        _ => None,
    }
}

impl Readings {
    /// Returns what is sought.
    pub(super) fn sought(&self) -> &str {
        &self.sought
    }

    /// Reads a content unless it was the last. What was folded in it is folded again, unless it was indented otherwise.
    fn turn_to(&mut self, bytes: &Rc<[u8]>, indented: bool, is_json: bool) {
        let is_it =
            |reading: &Reading| Rc::ptr_eq(&reading.bytes, bytes) && reading.indented == indented;
        if self.here.as_ref().is_some_and(is_it) {
            return;
        }
        if let Some(before) = self.here.take().filter(|before| !before.folds.is_empty()) {
            self.left.push(Left {
                bytes: before.bytes,
                indented: before.indented,
                folds: before.folds,
            });
        }
        let mut here = Reading::new(bytes, indented, is_json);
        let known = self.left.iter().position(|it| Rc::ptr_eq(&it.bytes, bytes));
        if let Some(left) = known.map(|index| self.left.swap_remove(index))
            && left.indented == indented
        {
            here.folds = left.folds;
        }
        here.find(self.words.as_ref(), 0);
        self.here = Some(here);
    }

    /// Takes a message, and returns which of the lines that are not folded away is drawn first; `None` where nothing
    /// changed. That was `from`.
    fn update(&mut self, msg: Msg, from: usize) -> Option<usize> {
        let here = self.here.as_mut()?;
        match msg {
            Msg::Find(sought) => {
                // Who types on stays at the hit, if it still is one.
                let place = here
                    .hit()
                    .map_or_else(|| here.place_of(from), |hit| hit.start);
                self.words = Words::new(&sought);
                self.sought = sought;
                here.find(self.words.as_ref(), place);
                Some(here.show_hit(from))
            }
            Msg::Step(on) => {
                here.step(on);
                Some(here.show_hit(from))
            }
            Msg::Fold(line) => {
                here.folds.toggle(here.lines.block(line)?);
                Some(from)
            }
            Msg::FoldAll(on) => {
                let first = here
                    .folds
                    .drawn(&here.lines, from)
                    .next()
                    .unwrap_or_default();
                if on {
                    here.folds.fold_all(&here.lines);
                } else {
                    here.folds = Folds::default();
                }
                Some(page_of(here.folds.index_of(first)))
            }
        }
    }

    /// Returns the content, and what is to be drawn of it: `found` with its places in what is shown, which are looked for
    /// unless they are known of the bytes.
    pub(super) fn shown<'a>(
        &'a mut self,
        found: &'a [Finding],
        known: Option<&'a [Option<Place>]>,
        from: usize,
    ) -> Option<(Shown<'a>, &'a Reading)> {
        let here = self.here.as_mut()?;
        let known = known.filter(|_| !here.is_indented);
        if known.is_none() {
            here.locate(found);
        }
        let here = &*here;
        let count = here.folds.count(&here.lines);
        let shown = Shown {
            text: &here.text,
            lines: &here.lines,
            folds: &here.folds,
            words: self.words.as_ref(),
            hit: here.hit(),
            found,
            places: known.unwrap_or(&here.places),
            // The content may be another by now.
            from: if from < count {
                from
            } else {
                page_of(count - 1)
            },
        };
        Some((shown, here))
    }
}

impl Reading {
    fn new(bytes: &Rc<[u8]>, indented: bool, is_json: bool) -> Self {
        let reading = indented.then(|| style::indented(bytes)).flatten();
        let is_indented = reading.is_some();
        let text = reading.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        Self {
            bytes: Rc::clone(bytes),
            indented,
            is_indented,
            lines: Lines::of(&text, is_json),
            text,
            folds: Folds::default(),
            hits: Hits::default(),
            at: 0,
            found: Vec::new(),
            places: Rc::default(),
        }
    }

    /// Counts the bytes of the content itself.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Returns how many hits there are, whether there are more, and which is looked at.
    pub(super) fn counted(&self) -> (usize, bool, usize) {
        (self.hits.count(), self.hits.more, self.at)
    }

    /// Tells whether "Fold all" and "Unfold all" would do anything; `None` where nothing can be folded.
    pub(super) fn folding(&self) -> Option<(bool, bool)> {
        let can_fold = self.lines.can_fold();
        can_fold.then(|| (self.lines.has_entries(), !self.folds.is_empty()))
    }

    fn hit(&self) -> Option<std::ops::Range<usize>> {
        self.hits.place(self.at)
    }

    /// Returns the place of a drawn line in the text.
    fn place_of(&self, index: usize) -> usize {
        let line = self.folds.drawn(&self.lines, index).next();
        self.lines.place(line.unwrap_or_default()).start
    }

    /// Seeks words, and looks at the first hit from a place on.
    fn find(&mut self, words: Option<&Words>, place: usize) {
        self.hits = words.map_or_else(Hits::default, |words| Hits::of(words, &self.text));
        self.at = self.hits.first_from(place);
    }

    /// Goes to the next hit, or to the one before; behind the last comes the first.
    fn step(&mut self, on: bool) {
        let count = self.hits.count();
        let by = if on { 1 } else { count.saturating_sub(1) };
        self.at = (self.at + by).checked_rem(count).unwrap_or_default();
    }

    /// Unfolds what hides the hit, and returns the first line of the page that has it: of the one that began with the
    /// line `from`, where that has it.
    fn show_hit(&mut self, from: usize) -> usize {
        let Some(hit) = self.hit() else {
            return from;
        };
        let line = self.lines.line_of(hit.start);
        self.folds.unfold_around(line);
        let index = self.folds.index_of(line);
        if (from..from + LINES_DRAWN).contains(&index) {
            from
        } else {
            page_of(index)
        }
    }

    /// Finds the places of findings, unless they were the last.
    fn locate(&mut self, found: &[Finding]) {
        if self.found != found {
            self.places = Finding::places(found, self.text.as_bytes()).into();
            self.found = found.to_vec();
        }
    }
}

/// Returns the first line of the page that a line is on.
fn page_of(index: usize) -> usize {
    index / LINES_DRAWN * LINES_DRAWN
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of so many entries, indented: the entry `n` begins on line `4 * n + 2`.
    fn index(entries: usize) -> Rc<[u8]> {
        let entry = |number| format!("{{\n\"digest\": \"D{number}\",\n\"size\": 1\n}}");
        let entries: Vec<_> = (0..entries).map(entry).collect();
        let text = format!("{{\"manifests\":\n[\n{}\n]}}", entries.join(",\n"));
        text.into_bytes().into()
    }

    fn readings(bytes: &Rc<[u8]>) -> Readings {
        let mut readings = Readings::default();
        readings.turn_to(bytes, false, true);
        readings
    }

    fn here(readings: &Readings) -> &Reading {
        readings.here.as_ref().expect("a content")
    }

    #[test]
    fn the_page_turns_to_the_hit() {
        let mut readings = readings(&index(1_000));
        assert_eq!(readings.update(Msg::Find("d100".into()), 0), Some(0));
        assert_eq!(
            here(&readings).counted(),
            (1, false, 0),
            "line 404 is on that page"
        );
        assert_eq!(readings.update(Msg::Find("d20".into()), 0), Some(500));
        let counted = here(&readings).counted();
        assert_eq!(counted, (11, false, 1), "who types on goes on from there");
        assert_eq!(readings.update(Msg::Step(false), 500), Some(0));
        let last = readings.update(Msg::Step(false), 0);
        assert_eq!(last, Some(500), "the last comes before the first");
        assert_eq!(here(&readings).counted(), (11, false, 10));
        assert_eq!(readings.update(Msg::Step(true), 500), Some(0));
        assert_eq!(readings.update(Msg::Find("zzz".into()), 500), Some(500));
        assert_eq!(here(&readings).counted(), (0, false, 0));
        assert_eq!(readings.update(Msg::Step(true), 500), Some(500));
        readings.update(Msg::Find("\"".into()), 0);
        assert_eq!(here(&readings).counted(), (6_002, false, 0));
    }

    #[test]
    fn a_hit_in_a_folded_part_unfolds_it() {
        let mut readings = readings(&index(1_000));
        assert_eq!(readings.update(Msg::FoldAll(true), 3_500), Some(1_500));
        let folded = here(&readings).folds.count(&here(&readings).lines);
        assert_eq!(folded, 2 + 2 * 1_000 + 1);
        assert_eq!(readings.update(Msg::Find("d900".into()), 0), Some(1_500));
        let count = here(&readings).folds.count(&here(&readings).lines);
        assert_eq!(count, folded + 2);
        assert_eq!(readings.update(Msg::FoldAll(false), 1_500), Some(2_500));
        assert_eq!(here(&readings).folding(), Some((true, false)));
    }

    #[test]
    fn folds_are_kept_until_the_content_or_its_indentation_changes() {
        let (one, other) = (index(2), index(2));
        let mut readings = readings(&one);
        let is_folded = |readings: &Readings| !here(readings).folds.is_empty();
        readings.update(Msg::Fold(2), 0);
        readings.turn_to(&other, false, true);
        assert!(!is_folded(&readings));
        readings.turn_to(&one, false, true);
        assert!(is_folded(&readings) && readings.left.is_empty());
        readings.turn_to(&one, true, true);
        assert!(!is_folded(&readings));
        readings.turn_to(&one, false, true);
        assert!(!is_folded(&readings));
    }

    #[test]
    fn what_is_sought_is_sought_in_the_next_content_too() {
        let mut readings = readings(&index(2));
        readings.update(Msg::Find("D1".into()), 0);
        readings.turn_to(&index(12), true, true);
        assert_eq!(here(&readings).counted(), (3, false, 0));
    }

    #[test]
    fn no_content_is_too_strange() {
        for bytes in [
            &b""[..],
            b"\xff\xfe{\n",
            b"\r\n\r\n",
            b"no JSON\n{\n\n}",
            b"{\n",
        ] {
            let mut readings = readings(&bytes.into());
            for msg in [
                Msg::Find("{".into()),
                Msg::Step(true),
                Msg::Step(false),
                Msg::Fold(0),
                Msg::Fold(7),
                Msg::FoldAll(true),
                Msg::FoldAll(false),
            ] {
                readings.update(msg, 700);
                let (shown, _) = readings.shown(&[], None, 700).expect("a content");
                assert_eq!(shown.from, 0);
            }
        }
    }
}
