//! Bytes as they are, line by line: digests are links, media types and sizes are explained, findings stand at their
//! line.

use waybill_core::digest::Digest;
use waybill_core::finding::{Finding, Severity};
use waybill_core::humanize::{count, size, start};
use waybill_core::json::Place;
use waybill_core::json::style;
use waybill_core::lenient::find_hidden;
use waybill_core::media_type::MediaType;
use yew::{Callback, Event};

use super::element::{Element, EventKind, el};
use super::table::PageOfRows;
use super::text::{marks, quiet, text};
use crate::limits::{FINDINGS_DRAWN, LINES_DRAWN};

/// The most characters of one line that are drawn.
const COLUMNS: usize = 20_000;
/// The characters of a page behind which its lines are cut short, and how short.
const CHARACTERS: usize = 200_000;
const CUT: usize = 200;
/// The pieces of a page behind which its lines are plain text.
const PIECES: usize = 5_000;

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
    let note = match &reading {
        Some(_) => quiet("Indented: these are not the bytes that the digest covers."),
        None if indented => {
            quiet("This is no JSON object, or too long to indent: the exact bytes.")
        }
        None => quiet(format_args!(
            "The exact bytes, {}.",
            count(content.bytes.len(), "byte")
        )),
    };
    let parent = parent.child(
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
            .child(note),
    );
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

/// Draws a page of `content` into `parent`; `link` gives the address of the view of a digest, where there is one, and
/// `go` turns to the page from a line on.
pub fn code(
    parent: Element,
    content: ContentView<'_>,
    link: &dyn Fn(&Digest) -> Option<String>,
    go: &dyn Fn(usize) -> Callback<Event>,
) -> Element {
    let whole = String::from_utf8_lossy(content.bytes);
    let page = PageOfRows {
        from: content.from,
        length: LINES_DRAWN,
        of: whole.split('\n').count(),
    };
    let lines = content
        .found
        .iter()
        .zip(content.places)
        .filter(|(finding, _)| !finding.is_of_the_whole());
    let at_line: Vec<(usize, &Finding)> = lines
        .filter_map(|(finding, place)| Some((place.as_ref()?.position.line, finding)))
        .collect();
    let mut rows = el("pre")
        .attr("tabindex", "0")
        .attr("aria-label", "Content with line numbers")
        .class("code");
    let mut left = Budget {
        characters: CHARACTERS,
        pieces: PIECES,
    };
    for (index, line) in whole
        .split('\n')
        .enumerate()
        .skip(page.from)
        .take(page.length)
    {
        let here = at_line
            .iter()
            .filter(|(line, _)| *line == index + 1)
            .map(|(_, finding)| *finding);
        rows = rows.child(row(index + 1, line, link, &mut left).children(here.map(remark)));
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
}

fn row(
    number: usize,
    line: &str,
    link: &dyn Fn(&Digest) -> Option<String>,
    left: &mut Budget,
) -> Element {
    let columns = if left.characters == 0 { CUT } else { COLUMNS };
    let shown = start(line, columns);
    left.characters = left.characters.saturating_sub(shown.len());
    let mut pieces = pieces(shown);
    // A mark weighs as much as a piece.
    let mut weight: usize = pieces.iter().map(|piece| 1 + marks(piece.words())).sum();
    if weight > left.pieces {
        pieces = vec![Piece::Plain(shown)];
        weight = left.pieces;
    }
    left.pieces -= weight;
    let mut source = el("span").class("source");
    for piece in pieces {
        source = draw(source, piece, link);
    }
    if shown.len() < line.len() {
        source = source.child(
            el("i")
                .class("quiet")
                .child(" … this line goes on; copy or download has all"),
        );
    }
    let number = number.to_string();
    el("span")
        .attr("id", format_args!("L{number}"))
        .class("line")
        .child(
            el("span")
                .attr("aria-hidden", "true")
                .class("number")
                .child(number),
        )
        .child(source.child("\n"))
}

fn remark(finding: &Finding) -> Element {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "remark bad",
        Severity::Warning => "remark warn",
        Severity::Note => "remark note",
    };
    let head = format_args!("{}: {}: ", rule.severity.name(), rule.title);
    el("span")
        .class(class)
        .child(head)
        .child(text(&finding.message))
        .child("\n")
}

fn draw(line: Element, piece: Piece<'_>, link: &dyn Fn(&Digest) -> Option<String>) -> Element {
    let span = |class| el("span").class(class);
    let piece = match piece {
        Piece::Plain(words) if find_hidden(words, 0).is_some() => text(words),
        Piece::Plain(words) => return line.child(words),
        Piece::Key(words) => span("key").child(text(words)),
        Piece::Text(words) => span("string").child(text(words)),
        Piece::Digest(words, digest) => match link(&digest) {
            Some(href) => el("a").attr("href", href).child(words),
            None => span("string").child(words),
        },
        Piece::MediaType(words, meaning) => el("span")
            .attr("title", meaning)
            .class("string explained")
            .child(words),
        Piece::Size(words, bytes) => el("span")
            .attr("title", size(bytes))
            .class("explained")
            .child(words),
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
