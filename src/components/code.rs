//! Bytes as they are, line by line: digests are links, media types and sizes are explained, findings stand at their
//! line, and so do what was found by somebody and the buttons that fold.

pub mod find;
pub mod lines;

use std::ops::Range;

use waybill_core::digest::Digest;
use waybill_core::finding::{Finding, Severity};
use waybill_core::humanize::{count, size, start};
use waybill_core::json::Place;
use waybill_core::json::style;
use waybill_core::lenient::find_hidden;
use waybill_core::media_type::MediaType;
use yew::{Callback, Event};

use self::find::Words;
use self::lines::{Folds, Lines};
use super::element::{Element, EventKind, as_it_is, el};
use super::table::PageOfRows;
use super::text::{self, marks, quiet, text, written_out};
use crate::limits::{FINDINGS_DRAWN, LINES_DRAWN};

/// The id of the hit that is looked at.
pub const HIT: &str = "hit";

/// The most characters of a line that is drawn whole, and how many are drawn of a longer one: few, since all of them are
/// drawn anew at each key of what is sought.
const COLUMNS: usize = 20_000;
const LONG: usize = 4_000;
/// The characters of a page behind which its lines are cut short, and how short.
const CHARACTERS: usize = 200_000;
const CUT: usize = 200;
/// The pieces of a page behind which its lines are plain text.
const PIECES: usize = 5_000;
/// The hits of a page behind which only the one that is looked at is marked.
const HITS: usize = 2_000;
/// How much of a line stands in front of a hit that lies behind its cut, in bytes; a quarter where it is cut shorter.
const BEFORE: usize = 400;

/// What a piece of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Key(&'a str),
    Text(&'a str),
    Digest(&'a str, Digest),
    MediaType(&'a str, &'static str),
    Size(&'a str, u64),
}

impl<'a> Piece<'a> {
    fn words(&self) -> &'a str {
        match self {
            Self::Plain(words)
            | Self::Key(words)
            | Self::Text(words)
            | Self::Digest(words, _)
            | Self::MediaType(words, _)
            | Self::Size(words, _) => words,
        }
    }
}

/// Names the bytes to draw, what was found in them, and the first line.
#[derive(Clone, Copy, Debug)]
pub struct ContentView<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// What was found in them.
    pub found: &'a [Finding],
    /// Where the first of these stand.
    pub places: &'a [Option<Place>],
    /// The first line that is drawn, counted from 0.
    pub from: usize,
}

/// Draws bytes into `parent` with the switch that indents them, which `on_indent` hears, and `buttons`; the rest is as in
/// [`code`].
pub fn bytes(
    parent: Element,
    content: ContentView<'_>,
    (indented, on_indent): (bool, Callback<Event>),
    buttons: [Element; 2],
    link: &dyn Fn(&Digest) -> Option<String>,
    go: &dyn Fn(usize) -> Callback<Event>,
) -> Element {
    let reading = indented.then(|| style::indented(content.bytes)).flatten();
    let bytes = content.bytes.len();
    let parent = parent.child(head(
        (indented, on_indent),
        (reading.is_some(), bytes),
        buttons,
    ));
    let Some(reading) = reading else {
        return code(parent, content, link, go);
    };
    let (bytes, found) = (
        reading.as_bytes(),
        &content.found[..content.found.len().min(FINDINGS_DRAWN)],
    );
    code(
        parent,
        ContentView {
            bytes,
            found,
            places: &Finding::places(found, bytes),
            ..content
        },
        link,
        go,
    )
}

/// Draws what stands over so many bytes: the switch that indents them, `buttons`, and whether they are a reading.
pub fn head(
    (indented, on_indent): (bool, Callback<Event>),
    (is_reading, bytes): (bool, usize),
    buttons: [Element; 2],
) -> Element {
    let note = match (is_reading, indented) {
        (true, _) => quiet("Indented: these are not the bytes that the digest covers."),
        (false, true) => quiet("This is no JSON object, or too long to indent: the exact bytes."),
        (false, false) => quiet(format_args!("The exact bytes, {}.", count(bytes, "byte"))),
    };
    el("p")
        .class("row code-head")
        .child(
            el("label")
                .class("check")
                .child(
                    el("input")
                        .attr("type", "checkbox")
                        .checked(indented)
                        .on(EventKind::Input, on_indent),
                )
                .child("Indent for reading"),
        )
        .children(buttons)
        .child(note)
}

/// Draws a page of `content` into `parent`; `link` gives the address of the view of a digest, where there is one, and
/// `go` turns to the page from a line on.
pub fn code(
    parent: Element,
    content: ContentView<'_>,
    link: &dyn Fn(&Digest) -> Option<String>,
    go: &dyn Fn(usize) -> Callback<Event>,
) -> Element {
    let text = String::from_utf8_lossy(content.bytes);
    let shown = Shown {
        text: &text,
        lines: &Lines::of(&text, false),
        folds: &Folds::default(),
        words: None,
        hit: None,
        found: content.found,
        places: content.places,
        from: content.from,
    };
    page(parent, &shown, link, go, &|_| Callback::noop())
}

/// Names a text to draw, what is folded and sought in it, and what was found in it.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The text.
    pub text: &'a str,
    /// Its lines.
    pub lines: &'a Lines,
    /// What of it is folded.
    pub folds: &'a Folds,
    /// What is sought.
    pub words: Option<&'a Words>,
    /// Where the hit stands that is looked at.
    pub hit: Option<Range<usize>>,
    /// What was found in it.
    pub found: &'a [Finding],
    /// Where the first of these stand.
    pub places: &'a [Option<Place>],
    /// Which of the lines that are not folded away is drawn first, counted from 0.
    pub from: usize,
}

impl Shown<'_> {
    /// Lists what is marked in a part of the text. A hit that is looked at splits it, since the search of a part could
    /// find the places of `aa` in `aaa` otherwise.
    fn hits(&self, part: Range<usize>, left: &mut Budget) -> Vec<Range<usize>> {
        let here = self.hit.clone().filter(|hit| part.contains(&hit.start));
        let (end, behind) = match &here {
            Some(hit) => (hit.start, hit.end.min(part.end)),
            None => (part.end, part.end),
        };
        let room = left.hits;
        let of = |part: Range<usize>| {
            let text = self.text.get(part.clone()).unwrap_or_default();
            let found = self.words.into_iter().flat_map(|words| words.find(text));
            found
                .map(move |hit| part.start + hit.start..part.start + hit.end)
                .take(room + 1)
        };
        let mut hits: Vec<_> = of(part.start..end).collect();
        hits.extend(here.clone());
        hits.extend(of(behind..part.end));
        if hits.len() > room {
            left.hits = 0;
            return here.into_iter().collect();
        }
        left.hits -= hits.len();
        hits
    }
}

/// Draws a page of a text into `parent`; `link` and `go` are as in [`code`], and `fold` folds or unfolds the block that
/// begins on a line.
pub fn page(
    parent: Element,
    shown: &Shown<'_>,
    link: &dyn Fn(&Digest) -> Option<String>,
    go: &dyn Fn(usize) -> Callback<Event>,
    fold: &dyn Fn(usize) -> Callback<Event>,
) -> Element {
    let page = PageOfRows {
        from: shown.from,
        length: LINES_DRAWN,
        of: shown.folds.count(shown.lines),
    };
    let lines = shown
        .found
        .iter()
        .zip(shown.places)
        .filter(|(finding, _)| !finding.is_of_the_whole());
    let at_line: Vec<(usize, &Finding)> = lines
        .filter_map(|(finding, place)| Some((place.as_ref()?.position.line, finding)))
        .collect();
    let class = if shown.lines.can_fold() {
        "code folds"
    } else {
        "code"
    };
    let mut rows = el("pre")
        .attr("tabindex", "0")
        .attr("aria-label", "Content with line numbers")
        .class(class);
    let mut left = Budget {
        characters: CHARACTERS,
        pieces: PIECES,
        hits: HITS,
    };
    let drawn = shown.folds.drawn(shown.lines, page.from);
    for index in drawn.take(page.length) {
        let here = at_line
            .iter()
            .filter(|(line, _)| *line == index + 1)
            .map(|(_, finding)| *finding);
        let row = row(index, shown, link, fold, &mut left);
        rows = rows.child(row.children(here.map(remark)));
    }
    parent
        .child(page.turner("Lines", go))
        .child(rows)
        .child(page.turner("Lines", go))
}

/// How much a page still has room for: 4 MiB of commas and quotes would be a million pieces.
struct Budget {
    characters: usize,
    pieces: usize,
    hits: usize,
}

fn row(
    index: usize,
    shown: &Shown<'_>,
    link: &dyn Fn(&Digest) -> Option<String>,
    fold: &dyn Fn(usize) -> Callback<Event>,
    left: &mut Budget,
) -> Element {
    let place = shown.lines.place(index);
    let line = shown.text.get(place.clone()).unwrap_or_default();
    let columns = match line.len() {
        _ if left.characters == 0 => CUT,
        ..=COLUMNS => COLUMNS,
        _ => LONG,
    };
    let from = beginning(line, place.start, shown.hit.as_ref(), columns);
    let drawn = start(line.get(from..).unwrap_or_default(), columns);
    left.characters = left.characters.saturating_sub(drawn.len());
    let mut pieces = pieces(drawn);
    // A mark weighs as much as a piece.
    let mut weight: usize = pieces.iter().map(|piece| 1 + marks(piece.words())).sum();
    if weight > left.pieces {
        pieces = vec![Piece::Plain(drawn)];
        weight = left.pieces;
    }
    left.pieces -= weight;
    let mut at = place.start + from;
    let hits = shown.hits(at..at + drawn.len(), left);
    let note = |words: &'static str| el("i").class("quiet").child(words);
    let mut source = el("span")
        .class("source")
        .child((from > 0).then(|| note("this line begins before … ")));
    for piece in pieces {
        let words = Marked {
            words: piece.words(),
            at,
            hits: &hits,
            hit: shown.hit.as_ref(),
        };
        at += words.words.len();
        source = draw(source, piece, words, link);
    }
    if from + drawn.len() < line.len() {
        source = source.child(note(" … this line goes on; copy or download has all"));
    }
    let number = (index + 1).to_string();
    let block = shown.lines.block(index);
    let folded = block.filter(|_| shown.folds.is_folded(index));
    let button = block.map(|_| {
        let (word, open) = if folded.is_some() {
            ("Unfold ", "false")
        } else {
            ("Fold ", "true")
        };
        // Its sign is the style's, so that copied lines are the bytes.
        el("button")
            .attr("type", "button")
            .attr("aria-expanded", open)
            .attr("aria-label", [word, &name(line, &number)].concat())
            .class("fold")
            .on(EventKind::Click, fold(index))
    });
    let away = folded.map(|block| {
        let lines = count(block.within().len(), "line");
        el("i").class("quiet away").child(" … ").child(lines)
    });
    el("span")
        .attr("id", format_args!("L{number}"))
        .class("line")
        // So that the button that folds stays, and the focus with it.
        .key(&number)
        .child(
            el("span")
                .attr("aria-hidden", "true")
                .class("number")
                .child(number),
        )
        .child(button)
        .child(source.child(away).child("\n"))
}

/// Returns the byte from which a line is drawn: the first, unless the hit lies behind where it is cut. Then it is a little
/// before that, from the beginning of an object where one is there, so that strings are cut out at the right quotes.
fn beginning(line: &str, at: usize, hit: Option<&Range<usize>>, columns: usize) -> usize {
    let Some(hit) = hit.filter(|hit| at <= hit.start && hit.end <= at + line.len()) else {
        return 0;
    };
    let (hit, end) = (hit.start - at, hit.end - at);
    if end <= start(line, columns).len() {
        return 0;
    }
    let before = line.floor_char_boundary(hit.saturating_sub(BEFORE.min(columns / 4)));
    let object = line.get(before..hit).and_then(|part| part.find("{\""));
    before + object.unwrap_or_default()
}

/// Names the block that begins on a line: by its member, where the line begins with that.
fn name(line: &str, number: &str) -> String {
    let line = line.trim_start();
    let is_text = line.starts_with('"');
    let member = string_length(line)
        .filter(|_| is_text)
        .and_then(|length| line.split_at_checked(length))
        .filter(|(_, behind)| {
            let behind = behind.trim_start().strip_prefix(':');
            behind.is_some_and(|value| value.trim_start().starts_with(['{', '[']))
        });
    match member {
        Some((quoted, _)) => written_out(quoted.get(1..quoted.len() - 1).unwrap_or_default()),
        None => ["line ", number].concat(),
    }
}

fn remark(finding: &Finding) -> Element {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "remark bad",
        Severity::Warning => "remark warn",
        Severity::Note => "remark note",
    };
    let head = format_args!("{}: {}", rule.severity.name(), rule.title);
    el("span")
        .class(class)
        .child(head)
        .child(": ")
        .child(text::words(&finding.message))
        .child("\n")
}

/// The words of a piece, where they stand in the text, and what of the text is marked.
#[derive(Clone, Copy)]
struct Marked<'a> {
    words: &'a str,
    at: usize,
    hits: &'a [Range<usize>],
    hit: Option<&'a Range<usize>>,
}

impl Marked<'_> {
    /// Draws the words into `parent` by `plain`, in marks where they were sought. A hit goes over as many pieces as it
    /// likes, and has a mark in each.
    fn put(self, mut parent: Element, plain: fn(Element, &str) -> Element) -> Element {
        let end = self.at + self.words.len();
        let part = |from: usize, to: usize| {
            let words = self.words.get(from - self.at..to - self.at);
            words.unwrap_or_default()
        };
        let first = self.hits.partition_point(|hit| hit.end <= self.at);
        let mut from = self.at;
        for hit in self.hits[first..].iter().take_while(|hit| hit.start < end) {
            let (begin, until) = (hit.start.max(from), hit.end.min(end));
            if from < begin {
                parent = plain(parent, part(from, begin));
            }
            let is_here = self.hit.is_some_and(|here| here.start == hit.start);
            let id = (is_here && begin == hit.start).then_some(HIT);
            let mark = el("mark")
                .attr("id", id)
                .attr("aria-current", is_here.then_some("true"));
            parent = parent.child(plain(mark, part(begin, until)));
            from = until;
        }
        if from < end {
            parent = plain(parent, part(from, end));
        }
        parent
    }
}

fn draw(
    line: Element,
    piece: Piece<'_>,
    words: Marked<'_>,
    link: &dyn Fn(&Digest) -> Option<String>,
) -> Element {
    let span = |class| el("span").class(class);
    let plain = |parent: Element, words: &str| parent.child(as_it_is(words));
    let outside = |parent: Element, words: &str| parent.child(text(words));
    let piece = match piece {
        Piece::Plain(whole) if find_hidden(whole, 0).is_some() => return words.put(line, outside),
        Piece::Plain(_) => return words.put(line, plain),
        Piece::Key(_) => words.put(span("key"), outside),
        Piece::Text(_) => words.put(span("string"), outside),
        Piece::Digest(_, digest) => match link(&digest) {
            Some(href) => words.put(el("a").attr("href", href), plain),
            None => words.put(span("string"), plain),
        },
        Piece::MediaType(_, meaning) => words.put(
            el("span").attr("title", meaning).class("string explained"),
            plain,
        ),
        Piece::Size(_, bytes) => words.put(
            el("span").attr("title", size(bytes)).class("explained"),
            plain,
        ),
    };
    line.child(piece)
}

/// Cuts a line at its strings and at the numbers behind `"size"`. A JSON string cannot go over a line's end, so each
/// line stands alone; what is not JSON comes out as plain text.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let mut last_key = "";
    while let Some(start) = rest.find('"') {
        let (before, behind) = rest.split_at(start);
        let Some(length) = string_length(behind) else {
            break;
        };
        push_plain(&mut pieces, before, last_key);
        let (quoted, behind) = behind.split_at(length);
        rest = behind;
        let inner = quoted.get(1..length - 1).unwrap_or_default();
        if rest.trim_start().starts_with(':') {
            last_key = inner;
            pieces.push(Piece::Key(quoted));
            continue;
        }
        last_key = "";
        pieces.push(
            match (inner.parse::<Digest>(), MediaType::new(inner).meaning()) {
                (Ok(digest), _) if digest.algorithm().is_some() => Piece::Digest(quoted, digest),
                (_, Some(meaning)) => Piece::MediaType(quoted, meaning),
                _ => Piece::Text(quoted),
            },
        );
    }
    push_plain(&mut pieces, rest, last_key);
    pieces
}

/// Adds what stands between strings; the number behind `"size":` is a size.
fn push_plain<'a>(pieces: &mut Vec<Piece<'a>>, words: &'a str, last_key: &str) {
    let start = words.find(|character: char| character.is_ascii_digit());
    if let (true, Some(start)) = (last_key.eq_ignore_ascii_case("size"), start) {
        let (before, rest) = words.split_at(start);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) = rest.split_at(digits);
        if let Ok(bytes) = digits.parse() {
            pieces.push(Piece::Plain(before));
            pieces.push(Piece::Size(digits, bytes));
            pieces.push(Piece::Plain(behind));
            return;
        }
    }
    if !words.is_empty() {
        pieces.push(Piece::Plain(words));
    }
}

/// Returns the length of the string that `text` begins with, its quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_what_it_means() {
        let digest = Digest::sha256(b"{}");
        let line = format!(
            r#"  "size": 1234, "digest":"{digest}","mediaType":"application/vnd.oci.image.config.v1+json", "a\"":"#
        );
        let cut = pieces(&line);
        assert!(cut.contains(&Piece::Key("\"size\"")) && cut.contains(&Piece::Size("1234", 1234)));
        assert!(cut.contains(&Piece::Digest(&format!("\"{digest}\""), digest.clone())));
        assert!(cut.contains(&Piece::MediaType(
            "\"application/vnd.oci.image.config.v1+json\"",
            "OCI image config"
        )));
        assert!(cut.contains(&Piece::Key(r#""a\"""#)));
    }

    #[test]
    fn a_line_is_drawn_from_around_a_hit_behind_its_cut() {
        let long =
            |before: &str| [&"é".repeat(COLUMNS), before, "hit", &"x".repeat(COLUMNS)].concat();
        let begins = |line: &str, columns| {
            let at = line.find("hit").expect("the hit");
            let from = beginning(line, 100, Some(&(100 + at..100 + at + 3)), columns);
            line.get(from..at).expect("between characters").to_owned()
        };
        assert_eq!(begins(&long(""), COLUMNS), "é".repeat(BEFORE / 2));
        assert_eq!(begins(&long("x"), COLUMNS), "é".repeat(BEFORE / 2) + "x");
        assert_eq!(begins(&long("{\"a\":\""), COLUMNS), "{\"a\":\"");
        assert_eq!(begins(&long("x"), CUT).chars().count(), CUT / 4 / 2 + 1);
        let line = ["é".repeat(7), "hit".to_owned()].concat();
        assert_eq!(beginning(&line, 0, Some(&(14..17)), COLUMNS), 0);
        assert_eq!(
            beginning(&line, 0, Some(&(20_000..20_003)), 5),
            0,
            "it is in another line"
        );
        assert_eq!(beginning(&line, 0, None, 5), 0);
    }

    #[test]
    fn a_block_is_named_by_its_member() {
        for (line, expected) in [
            (r#"  "manifests": ["#, "manifests"),
            (r#""a\"b":{"#, r#"a\"b"#),
            (r#""a": 1, "b": {"#, "line 7"),
            ("  {", "line 7"),
            ("}, {", "line 7"),
            (r#"["a": {"#, "line 7"),
            ("\"", "line 7"),
            ("\"\u{202e}\": [", "[U+202E]"),
        ] {
            assert_eq!(name(line, "7"), expected, "{line}");
        }
    }

    #[test]
    fn what_is_not_json_comes_out_whole() {
        let whole = |line| -> String { pieces(line).iter().map(Piece::words).collect() };
        for line in [
            "",
            "<html \"a",
            "\"size\": \"7\" 8",
            "é\"ü\\",
            "{\"size\":99999999999999999999999}",
        ] {
            assert_eq!(whole(line), line);
        }
    }
}
