//! The strict scan: the whole grammar of RFC 8259 over the raw text, and what the grammar allows but clients read
//! differently. It keeps its own stack, so that no nesting can exhaust the program's.
//!
//! It runs before `serde_json`, which makes the values: that one keeps silent on duplicate names and on the form of
//! numbers, and refuses two things that are JSON (a number beyond 64 bits of floating point, half a surrogate pair).

use std::ops::Range;

use crate::finding::{Code, Finding};
use crate::limits;

use super::error::Reason;
use super::names::{Clash, Name, clashes, may_clash};
use super::number::{self, NumberForm};
use super::places::Search;
use super::{child_pointer, is_space, push_step};

/// The members whose value is a map of the author's own names: in those, case tells names apart for every client.
const MAPS: [&str; 2] = ["annotations", "Labels"];

/// The longest pointer to an object whose names are told one by one, in bytes; for a longer one the pointer ends at the
/// last object within it. Otherwise one long name around many short ones would be written out for each of them. The same
/// goes for what is around a fault.
const POINTER_BYTES: usize = 512;

/// What the scan learnt of a text.
pub(super) struct Scanned<'a> {
    /// Where the value ends.
    pub(super) end: usize,
    /// Every number as it was written, in order.
    pub(super) numbers: Vec<&'a str>,
    /// What `serde_json` would refuse.
    pub(super) repairs: Vec<Repair>,
    /// What the grammar allows and clients read differently.
    pub(super) findings: Vec<Finding>,
}

/// Something that is JSON, and that `serde_json` refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// An escape of half a surrogate pair, six bytes from here.
    Surrogate(usize),
    /// A number of a magnitude beyond or near the end of what 64 bits of floating point hold.
    Number(Range<usize>),
}

/// Why the text is not JSON, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    /// The pointer to the array or object in which it is.
    pub(super) pointer: String,
    pub(super) reason: Reason,
}

/// Scans the value that the text begins with.
pub(super) fn scan(text: &str) -> Result<Scanned<'_>, Fault> {
    let mut scan = Scan::of(text);
    scan.value()?;
    let mut findings = scan.findings;
    let tallies =
        scan.forms
            .into_iter()
            .zip([Code::NumberForm, Code::NumberPrecision, Code::NumberRange]);
    for (tally, code) in tallies.chain([(scan.surrogates, Code::LoneSurrogate)]) {
        findings.extend(tally.finding(code));
    }
    Ok(Scanned {
        end: scan.at,
        numbers: scan.numbers,
        repairs: scan.repairs,
        findings,
    })
}

/// Scans the value that the text begins with for the places of pointers, and for nothing else.
pub(super) fn search(text: &str, search: &mut Search<'_>) -> Result<(), Fault> {
    let mut scan = Scan::of(text);
    scan.search = Some(search);
    scan.value()
}

/// What scanning the string at the beginning of a text says of its escapes.
pub(super) fn repairs_of_string(token: &str) -> Vec<Repair> {
    let mut scan = Scan::of(token);
    // A token is a string that was scanned before.
    let _ = scan.string();
    scan.repairs
}

/// The first of many findings of one kind, and how many there are: `[1e2,1e2,…]` is one finding, not a million.
#[derive(Default)]
struct Tally {
    times: usize,
    pointer: String,
    what: String,
}

impl Tally {
    fn finding(self, code: Code) -> Option<Finding> {
        let message = match self.times {
            0 => return None,
            1 => self.what,
            times => format!("{}, and {} more like it", self.what, times - 1),
        };
        Some(Finding::new(code, self.pointer, message))
    }
}

/// An array or object that is open.
struct Frame {
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
    rest: Range<usize>,
}

/// The scan under way.
struct Scan<'a, 's, 'p> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    /// The names of every open object, each behind those of the objects around it.
    names: Vec<Name>,
    numbers: Vec<&'a str>,
    repairs: Vec<Repair>,
    findings: Vec<Finding>,
    forms: [Tally; 3],
    surrogates: Tally,
    search: Option<&'s mut Search<'p>>,
}

/// What was seen of a string's inside.
struct Inside {
    escaped: bool,
    lone_surrogate: bool,
}

impl<'a> Scan<'a, '_, '_> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            frames: Vec::new(),
            names: Vec::new(),
            numbers: Vec::new(),
            repairs: Vec::new(),
            findings: Vec::new(),
            forms: Default::default(),
            surrogates: Tally::default(),
            search: None,
        }
    }

    /// The byte at hand; 0, which no rule takes, behind the end.
    #[expect(
        clippy::inline_always,
        reason = "compiled for size, it would be called a million times"
    )]
    #[inline(always)]
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[expect(
        clippy::inline_always,
        reason = "compiled for size, it would be called a million times"
    )]
    #[inline(always)]
    fn space(&mut self) {
        while is_space(self.byte()) {
            self.at += 1;
        }
    }

    fn fault<T>(&self, rule: &'static str) -> Result<T, Fault> {
        let found = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next());
        Err(self.fault_of(Reason::Syntax { found, rule }))
    }

    fn fault_of(&self, reason: Reason) -> Fault {
        let (pointer, _) = self.pointer_within(self.frames.len().saturating_sub(1), POINTER_BYTES);
        Fault {
            offset: self.at,
            pointer,
            reason,
        }
    }

    /// One whole value, with everything inside it.
    fn value(&mut self) -> Result<(), Fault> {
        loop {
            self.space();
            let start = self.at;
            let wanted = self.wanted();
            match self.byte() {
                open @ (b'{' | b'[') => {
                    if self.frames.len() == limits::DEPTH {
                        return Err(self.fault_of(Reason::Depth));
                    }
                    self.at += 1;
                    self.space();
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
                    match (is_object, self.byte()) {
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
                self.space();
                let byte = self.byte();
                let Some(frame) = self.frames.last_mut() else {
                    return Ok(());
                };
                match (byte, frame.is_object) {
                    (b',', true) => {
                        self.at += 1;
                        self.space();
                        self.name("a name in quotes belongs behind a comma")?;
                        break;
                    }
                    (b',', false) => {
                        self.at += 1;
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
    fn close(&mut self) {
        self.at += 1;
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
    fn name(&mut self, rule: &'static str) -> Result<(), Fault> {
        if self.byte() != b'"' {
            return self.fault(rule);
        }
        let start = self.at;
        let inside = self.string()?;
        self.names
            .push(Name::of(self.text, start..self.at, inside.escaped));
        if inside.lone_surrogate {
            self.lone_surrogate();
        }
        self.space();
        if self.byte() != b':' {
            return self.fault("a colon belongs behind a name");
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, wanted: Range<usize>) -> Result<(), Fault> {
        let start = self.at;
        if !self.text.as_bytes()[start..].starts_with(word.as_bytes()) {
            return self.fault("a value belongs here");
        }
        self.at += word.len();
        self.found(wanted, start);
        Ok(())
    }

    /// A string, from its first quote to behind its last.
    fn string(&mut self) -> Result<Inside, Fault> {
        let mut inside = Inside {
            escaped: false,
            lone_surrogate: false,
        };
        self.at += 1;
        loop {
            self.at = plain_until(self.text.as_bytes(), self.at);
            match self.byte() {
                b'"' => {
                    self.at += 1;
                    return Ok(inside);
                }
                b'\\' => {
                    inside.escaped = true;
                    inside.lone_surrogate |= self.escape()?;
                }
                _ if self.at < self.text.len() => {
                    return self.fault("a control character has to be escaped");
                }
                _ => return self.fault("the string has no end"),
            }
        }
    }

    /// An escape; whether it is half a surrogate pair.
    fn escape(&mut self) -> Result<bool, Fault> {
        let start = self.at;
        self.at += 1;
        match self.byte() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                return Ok(false);
            }
            b'u' => self.at += 1,
            _ => return self.fault("one of \" \\ / b f n r t u belongs behind a backslash"),
        }
        let unit = self.hex()?;
        let is_lone = match unit {
            0xD800..=0xDBFF if self.text.as_bytes()[self.at..].starts_with(b"\\u") => {
                let second = self.at;
                self.at += 2;
                let is_pair = (0xDC00..=0xDFFF).contains(&self.hex()?);
                if !is_pair {
                    self.at = second;
                }
                !is_pair
            }
            0xD800..=0xDFFF => true,
            _ => false,
        };
        if is_lone {
            self.repairs.push(Repair::Surrogate(start));
        }
        Ok(is_lone)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.byte()).to_digit(16) else {
                return self.fault("four hexadecimal digits belong behind \\u");
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
            if self.byte().is_ascii_digit() {
                return self.fault("a number has no leading zero");
            }
        } else {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.byte() == b'.' {
            is_integer = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            is_integer = false;
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.search.is_some() {
            return Ok(());
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.numbers.push(text);
        if is_integer && text.len() <= number::PLAIN_DIGITS && text != "-0" {
            return Ok(());
        }
        if number::is_near_the_end(text) {
            self.repairs.push(Repair::Number(start..self.at));
        }
        if let Some((form, words)) = number::form(text) {
            let index = match form {
                NumberForm::NotPlain => 0,
                NumberForm::Imprecise => 1,
                NumberForm::OutOfRange => 2,
            };
            if self.forms[index].times == 0 {
                let what = format!("{} {words}", number::short(text));
                self.forms[index] = Tally {
                    times: 0,
                    pointer: self.pointer(),
                    what,
                };
            }
            self.forms[index].times += 1;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Fault> {
        if !self.byte().is_ascii_digit() {
            return self.fault("a digit belongs here");
        }
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn lone_surrogate(&mut self) {
        if self.surrogates.times == 0 {
            let what = "the text holds half a surrogate pair".to_owned();
            self.surrogates = Tally {
                times: 0,
                pointer: self.pointer(),
                what,
            };
        }
        self.surrogates.times += 1;
    }

    /// The pointer to the value at hand.
    fn pointer(&self) -> String {
        self.pointer_within(self.frames.len(), usize::MAX).0
    }

    /// The pointer to the value that the first `depth` open arrays and objects lead to, and whether it is the whole:
    /// it ends where it would be longer than `limit` bytes.
    fn pointer_within(&self, depth: usize, limit: usize) -> (String, bool) {
        let mut pointer = String::new();
        for at in 0..depth {
            if self.frames[at].is_object {
                let Some(name) = self.current_name(at) else {
                    continue;
                };
                if pointer.len() + name.token.len() > limit {
                    return (pointer, false);
                }
                push_step(&mut pointer, &name.decode(self.text));
            } else {
                push_step(&mut pointer, &self.frames[at].index.to_string());
            }
        }
        (pointer, true)
    }

    /// The name of the member at hand in the object that is the open value number `at`.
    fn current_name(&self, at: usize) -> Option<&Name> {
        let end = self
            .frames
            .get(at + 1)
            .map_or(self.names.len(), |inner| inner.names);
        self.names[..end].last()
    }

    /// Tells which names of the innermost object clash.
    fn clashes(&mut self, first: usize) {
        let depth = self.frames.len() - 1;
        let (object, is_whole) = self.pointer_within(depth, POINTER_BYTES);
        let outer = depth
            .checked_sub(1)
            .filter(|outer| self.frames[*outer].is_object);
        let outer = outer.and_then(|outer| self.current_name(outer));
        let is_map = outer.is_some_and(|name| {
            self.text
                .get(name.token.clone())
                .is_some_and(|name| MAPS.contains(&name))
        });
        let names: Vec<_> = self.names[first..]
            .iter()
            .map(|name| name.decode(self.text))
            .collect();
        for (index, clash) in clashes(&names) {
            let name = &names[index];
            let (code, message) = match clash {
                Clash::Times(times) => (
                    Code::DuplicateName,
                    format!("{name:?} stands here {times} times"),
                ),
                Clash::Variant { .. } if is_map => continue,
                Clash::Variant { of } => (
                    Code::CaseVariantName,
                    format!("{name:?} differs only in case from {:?}", names[of]),
                ),
            };
            let pointer = if is_whole {
                child_pointer(&object, name)
            } else {
                object.clone()
            };
            self.findings.push(Finding::new(code, pointer, message));
        }
    }

    /// The paths of the search that lead to the value at hand or into it.
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
                    .map(|name| name.decode(self.text))
                    .unwrap_or_default();
                search.member(&frame.wanted, depth - 1, &name)
            }
            Some(frame) => search.element(&mut frame.rest, depth - 1, frame.index),
        }
    }

    /// The value from `start` to here has ended.
    fn found(&mut self, wanted: Range<usize>, start: usize) {
        if let Some(search) = &mut self.search {
            search.found(wanted, self.frames.len(), &(start..self.at));
        }
    }
}

/// The offset, from `at` on, of the first byte that ends the plain part of a string: a quote, a backslash or a control
/// character. Eight bytes at once: most of a manifest is text.
fn plain_until(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        // The high bit of each byte that is below `limit`; above the first such byte it may be wrong.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let ends = (quote | backslash | below(word, 0x20)) & HIGHS;
        if ends != 0 {
            return at + (ends.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while text
        .get(at)
        .is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        at += 1;
    }
    at
}
