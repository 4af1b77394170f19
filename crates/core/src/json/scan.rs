//! The strict scan: the whole grammar of RFC 8259 over the raw text, and what the grammar
//! allows but clients read differently. It keeps its own stack, so that no nesting can exhaust
//! the program's.
//!
//! It runs before `serde_json`, which makes the values: that one keeps silent on duplicate
//! names and on the form of numbers, and refuses two things that are JSON (a number beyond 64
//! bits of floating point, half a surrogate pair).
//!
//! Numbers and half surrogate pairs are told once each with a count, so that no document brings up
//! more anomalies than a person reads. The same walk feeds a [`Search`] for the places of pointers.
//!
//! `Scan::value` is one loop. Each turn begins a value; an open bracket pushes a `Frame` and
//! the next turn goes on inside. Where a value has ended, an inner loop takes the commas and
//! closing brackets that follow. The names of all open objects lie in one list, and each frame
//! knows where its own begin. So the pointer to any place can be made from the frames and the
//! names when it is needed, and none is kept while nothing is wrong.
//!
//! The first fault ends the scan. Offsets count bytes of the text, without a byte order mark.
//!
//! Longer than most files: every step of the loop moves the same cursor, frames and names, so
//! none can be understood, or changed, without the others.

use std::ops::Range;

use crate::limits;

mod anomalies;

use super::anomaly::{Anomaly, AnomalyKind};
use super::cursor::Cursor;
use super::error::Reason;
use super::names::{Name, may_clash};
use super::number::{self, NumberForm};
use super::pointer::Pointer;
use super::repair::Repair;
use super::search::Search;
use super::string::{self, Inside};

/// The members whose value is a map of the author's own names: in those, case tells names
/// apart for every client.
const MAPS: [&str; 2] = ["annotations", "Labels"];

/// The longest pointer to an object whose names are told one by one, in bytes; for a longer
/// one the pointer ends at the last object within it. Otherwise one long name around many
/// short ones would be written out for each of them. The same goes for what is around a fault.
const POINTER_BYTES: usize = 512;

/// What the scan learnt of a text.
pub(super) struct Scanned<'a> {
    /// Where the value ends.
    ///
    /// What follows is not looked at here.
    pub(super) end: usize,
    /// Every number as it was written, in order.
    ///
    /// The parser takes them one by one, so there has to be one for each number that
    /// `serde_json` meets.
    pub(super) numbers: Vec<&'a str>,
    /// What `serde_json` would refuse.
    ///
    /// In the order of the text and without overlaps, as `repaired` needs them.
    pub(super) repairs: Vec<Repair>,
    /// What the grammar allows and clients read differently.
    pub(super) anomalies: Vec<Anomaly>,
}

/// Why the text is not JSON, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// The byte of the text at which the scan stood.
    pub(super) offset: usize,
    /// The pointer to the array or object in which it is.
    ///
    /// The root also where nothing is open yet. A long one is cut, see [`POINTER_BYTES`].
    pub(super) pointer: Pointer,
    /// [`Reason::Syntax`] or [`Reason::Depth`]: the scan knows no others.
    pub(super) reason: Reason,
}

/// Scans the value that the text begins with.
///
/// White space in front is taken; what stands behind the value is left, and `Scanned::end`
/// says where that begins. The anomalies come in a fixed order: clashing names, an inner
/// object's before those of the object around it, then one for each form of number, then one
/// for half surrogate pairs.
pub(super) fn scan(text: &str) -> Result<Scanned<'_>, Fault> {
    let mut scan = Scan::new(text);
    scan.value()?;
    let mut anomalies = scan.anomalies;
    anomalies.extend(scan.forms.into_iter().flatten());
    anomalies.extend(scan.surrogate);
    Ok(Scanned {
        end: scan.cursor.at,
        numbers: scan.numbers,
        repairs: scan.repairs,
        anomalies,
    })
}

/// Scans the value that the text begins with for the places of pointers, and for nothing else.
///
/// Names are not compared and numbers not told, so this is cheaper than `scan`. An error means
/// that the text is not JSON; what was found before the fault is in `search` and is not used.
pub(super) fn search(text: &str, search: &mut Search<'_>) -> Result<(), Fault> {
    let mut scan = Scan::new(text);
    scan.search = Some(search);
    scan.value()
}

/// An array or object that is open.
///
/// One for each bracket that is open: its names, its index, and what is looked for in it.
struct Frame {
    /// Whether the bracket is `{`. The only other one is `[`.
    is_object: bool,
    /// The offset of its bracket.
    start: usize,
    /// Of an object: where its names begin in the list of names.
    names: usize,
    /// Of an array: the index of the current element.
    index: usize,
    /// The paths of the search that lead to this value or into it.
    wanted: Range<usize>,
    /// Of an array: those of them that lead to later elements.
    ///
    /// It begins as `wanted` and shrinks from the front with each element.
    rest: Range<usize>,
}

/// The scan under way.
struct Scan<'a, 's, 'p> {
    cursor: Cursor<'a>,
    frames: Vec<Frame>,
    /// The names of every open object, each behind those of the objects around it.
    ///
    /// Cut back where an object ends, so it never grows beyond the names of what is open.
    names: Vec<Name>,
    numbers: Vec<&'a str>,
    repairs: Vec<Repair>,
    anomalies: Vec<Anomaly>,
    /// The first number of each [`NumberForm`], with the count of all.
    ///
    /// In the order in which they are told: not plain, imprecise, out of range.
    forms: [Option<Anomaly>; 3],
    /// The first text with half a surrogate pair, with the count of all.
    surrogate: Option<Anomaly>,
    /// What is looked for; `None` in a scan for anomalies.
    search: Option<&'s mut Search<'p>>,
}

impl<'a> Scan<'a, '_, '_> {
    fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor { text, at: 0 },
            frames: Vec::new(),
            names: Vec::new(),
            numbers: Vec::new(),
            repairs: Vec::new(),
            anomalies: Vec::new(),
            forms: Default::default(),
            surrogate: None,
            search: None,
        }
    }

    /// Makes the error of a rule that is broken at the cursor, with the character that stands
    /// there; none where the text ends.
    fn fault<T>(&self, rule: &'static str) -> Result<T, Fault> {
        let rest = self.cursor.text.get(self.cursor.at..);
        let found = rest.and_then(|rest| rest.chars().next());
        Err(self.fault_of(Reason::Syntax { found, rule }))
    }

    /// Makes a fault at the cursor, in the innermost array or object that is open.
    ///
    /// The last frame is left out of the pointer because its own step would lead to the member
    /// or element at hand, and the fault may be in front of it.
    fn fault_of(&self, reason: Reason) -> Fault {
        let (pointer, _) = self.pointer_within(self.frames.len().saturating_sub(1), POINTER_BYTES);
        Fault {
            offset: self.cursor.at,
            pointer: pointer.into(),
            reason,
        }
    }

    /// One whole value, with everything inside it.
    ///
    /// A loop, and not a function that calls itself: depth costs memory of the heap only, and is
    /// bounded by [`limits::DEPTH`].
    fn value(&mut self) -> Result<(), Fault> {
        loop {
            self.cursor.space();
            let start = self.cursor.at;
            let wanted = self.wanted();
            match self.cursor.byte() {
                open @ (b'{' | b'[') => {
                    if self.frames.len() == limits::DEPTH {
                        return Err(self.fault_of(Reason::Depth));
                    }
                    self.cursor.at += 1;
                    self.cursor.space();
                    let is_object = open == b'{';
                    let rest = wanted.clone();
                    self.frames.push(Frame {
                        is_object,
                        start,
                        names: self.names.len(),
                        index: 0,
                        wanted,
                        rest,
                    });
                    match (is_object, self.cursor.byte()) {
                        (true, b'}') | (false, b']') => self.close(),
                        (true, _) => {
                            self.name("a name in quotes or } belongs here")?;
                            continue;
                        }
                        (false, _) => continue,
                    }
                }
                b'"' => {
                    let inside = self.string()?;
                    if inside.lone_surrogate {
                        self.lone_surrogate();
                    }
                    self.found(wanted, start);
                }
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                    self.found(wanted, start);
                }
                b't' => self.word("true", wanted)?,
                b'f' => self.word("false", wanted)?,
                b'n' => self.word("null", wanted)?,
                b']' if self.frames.last().is_some_and(|frame| !frame.is_object) => {
                    return self.fault("a value belongs behind a comma");
                }
                _ => return self.fault("a value belongs here"),
            }
            // A value has ended, and with it perhaps the arrays and objects around it.
            loop {
                if self.frames.is_empty() {
                    return Ok(());
                }
                self.cursor.space();
                let byte = self.cursor.byte();
                let Some(frame) = self.frames.last_mut() else {
                    return Ok(());
                };
                match (byte, frame.is_object) {
                    (b',', true) => {
                        self.cursor.at += 1;
                        self.cursor.space();
                        self.name("a name in quotes belongs behind a comma")?;
                        break;
                    }
                    (b',', false) => {
                        self.cursor.at += 1;
                        frame.index += 1;
                        break;
                    }
                    (b'}', true) | (b']', false) => self.close(),
                    (_, true) => return self.fault("a comma or } belongs here"),
                    (_, false) => return self.fault("a comma or ] belongs here"),
                }
            }
        }
    }

    /// The end of the innermost array or object, at its bracket.
    ///
    /// Names of an object are compared once it ends: only then are all of them there.
    fn close(&mut self) {
        self.cursor.at += 1;
        let Some(frame) = self.frames.last() else {
            return;
        };
        let (is_object, start, first, wanted) = (
            frame.is_object,
            frame.start,
            frame.names,
            frame.wanted.clone(),
        );
        if is_object {
            if self.search.is_none() && may_clash(&self.names[first..]) {
                self.clashes(first);
            }
            self.names.truncate(first);
        }
        self.frames.pop();
        self.found(wanted, start);
    }

    /// A member's name and the colon behind it.
    ///
    /// The cursor stands where the name has to begin; `rule` is what is broken if it does not.
    /// Behind `{` an object may end instead, behind a comma it may not, so the two places have
    /// two rules.
    fn name(&mut self, rule: &'static str) -> Result<(), Fault> {
        if self.cursor.byte() != b'"' {
            return self.fault(rule);
        }
        let start = self.cursor.at;
        let inside = self.string()?;
        self.names.push(Name::new(
            self.cursor.text,
            start..self.cursor.at,
            inside.escaped,
        ));
        if inside.lone_surrogate {
            self.lone_surrogate();
        }
        self.cursor.space();
        if self.cursor.byte() != b':' {
            return self.fault("a colon belongs behind a name");
        }
        self.cursor.at += 1;
        Ok(())
    }

    /// Reads `true`, `false` or `null`, exactly as the grammar spells it.
    fn word(&mut self, word: &str, wanted: Range<usize>) -> Result<(), Fault> {
        let start = self.cursor.at;
        if !self.cursor.is_at(word) {
            return self.fault("a value belongs here");
        }
        self.cursor.at += word.len();
        self.found(wanted, start);
        Ok(())
    }

    /// A number, which is told where not every client reads it alike.
    ///
    /// Its text is kept for the parser, but in a search. Nearly all numbers are short and
    /// whole, and are done with at once; of each unusual form the first number gives the place
    /// and the text, and all are counted.
    fn number(&mut self) -> Result<(), Fault> {
        let start = self.cursor.at;
        let is_integer = match number::scan(&mut self.cursor) {
            Ok(is_integer) => is_integer,
            Err(rule) => return self.fault(rule),
        };
        if self.search.is_some() {
            return Ok(());
        }
        let text = self
            .cursor
            .text
            .get(start..self.cursor.at)
            .unwrap_or_default();
        self.numbers.push(text);
        if is_integer && text.len() <= number::PLAIN_DIGITS && text != "-0" {
            return Ok(());
        }
        if number::is_near_the_end(text) {
            self.repairs.push(Repair::Number(start..self.cursor.at));
        }
        if let Some((form, what)) = number::form(text) {
            let index = match form {
                NumberForm::NotPlain => 0,
                NumberForm::Imprecise => 1,
                NumberForm::OutOfRange => 2,
            };
            if let Some(AnomalyKind::Number { times, .. }) = kind_of(&mut self.forms[index]) {
                *times += 1;
            } else {
                self.forms[index] = Some(self.anomaly(AnomalyKind::Number {
                    form,
                    first: number::short(text),
                    what,
                    times: 1,
                }));
            }
        }
        Ok(())
    }

    /// A string, from its first quote to behind its last.
    ///
    /// The string is a value or a name; the caller counts half surrogate pairs once it knows
    /// which, so that the pointer is right.
    fn string(&mut self) -> Result<Inside, Fault> {
        match string::scan(&mut self.cursor, &mut self.repairs) {
            Ok(inside) => Ok(inside),
            Err(rule) => self.fault(rule),
        }
    }

    /// Counts a text with half a surrogate pair; the first gives the place.
    fn lone_surrogate(&mut self) {
        if let Some(AnomalyKind::LoneSurrogate { times }) = kind_of(&mut self.surrogate) {
            *times += 1;
        } else {
            self.surrogate = Some(self.anomaly(AnomalyKind::LoneSurrogate { times: 1 }));
        }
    }

    /// The paths of the search that lead to the value at hand or into it.
    ///
    /// Empty where nobody looks for anything in here, which is nearly everywhere.
    ///
    /// Called once for each value, before it is scanned: for an element it moves the frame's
    /// `rest` on. A member's name has been read by then and is the last in the list.
    fn wanted(&mut self) -> Range<usize> {
        let Some(search) = &self.search else {
            return 0..0;
        };
        let depth = self.frames.len();
        match self.frames.last_mut() {
            None => search.all(),
            Some(frame) if frame.wanted.is_empty() => 0..0,
            Some(frame) if frame.is_object => {
                let name = self
                    .names
                    .last()
                    .map(|name| name.decode(self.cursor.text))
                    .unwrap_or_default();
                search.member(&frame.wanted, depth - 1, &name)
            }
            Some(frame) => search.element(&mut frame.rest, depth - 1, frame.index),
        }
    }

    /// The value from `start` to here has ended.
    ///
    /// Tells the search, if there is one. The frame of an array or object is gone by now, so
    /// the depth is that of the value itself.
    fn found(&mut self, wanted: Range<usize>, start: usize) {
        if let Some(search) = &mut self.search {
            search.found(wanted, self.frames.len(), &(start..self.cursor.at));
        }
    }
}

/// The kind of an anomaly that was met before, so that its count can grow; `None` where this
/// is the first.
fn kind_of(anomaly: &mut Option<Anomaly>) -> Option<&mut AnomalyKind> {
    anomaly.as_mut().map(|anomaly| &mut anomaly.kind)
}
