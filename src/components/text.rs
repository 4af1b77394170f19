//! Text that a registry controls: shown as text, whatever it holds.

use std::fmt::{self, Write as _};

use waybill_core::humanize::{number, start};
use waybill_core::lenient::find_hidden;

use super::element::{Content, Element, Value, el};
use crate::language::phrase;
use crate::limits::{MARKS_DRAWN, SHOWN_CHARACTERS};

/// How much stands in front of a text that is folded away, in characters.
const SUMMARY: usize = 200;

/// Draws text from outside: isolated from the direction of the text around it, hidden characters drawn as marks, long
/// text folded away.
pub fn text(value: &str) -> Element {
    let whole = pieces(el("bdi"), value);
    if start(value, SHOWN_CHARACTERS).len() == value.len() {
        return whole;
    }
    let first = pieces(el("bdi"), start(value, SUMMARY));
    el("details")
        .class("long")
        .child(
            el("summary")
                .child(first)
                .child(format_args!("… {} bytes in all", value.len())),
        )
        .child(whole)
}

/// Draws words of the program's own that may hold text from outside: in the language of the page, and otherwise as
/// [`text`] does.
pub fn words(value: &str) -> Element {
    text(&phrase(value))
}

fn pieces(mut parent: Element, value: &str) -> Element {
    let stamp = |title: &'static str| el("span").attr("title", title).class("hidden-character");
    let mut from = 0;
    for _ in 0..MARKS_DRAWN {
        let Some(run) = Run::next(value, from, hidden) else {
            return parent.child(part(value, from, value.len()));
        };
        let name = stamp("a character that does not show").child(format_args!("{run}"));
        parent = parent.child(part(value, from, run.from)).child(name);
        from = run.end;
    }
    let (rest, more) = write_out(value, from, hidden);
    match more {
        0 => parent.child(part(value, from, value.len())),
        more => {
            let name = stamp("characters that do not show")
                .child(format_args!("and {} more", number(more as u64)));
            parent.child(rest).child(name)
        }
    }
}

/// Counts the marks that are drawn of a text.
#[must_use]
pub fn marks(value: &str) -> usize {
    let mut from = 0;
    let next = || Run::next(value, from, hidden).map(|run| from = run.end);
    std::iter::from_fn(next).take(MARKS_DRAWN).count()
}

/// A part of a text between two of its characters.
fn part(value: &str, from: usize, to: usize) -> &str {
    value.get(from..to).unwrap_or_default()
}

/// Finds the next character to mark, from a place on.
type Find = fn(&str, usize) -> Option<usize>;

fn hidden(value: &str, from: usize) -> Option<usize> {
    find_hidden(value, from).map(|(at, _)| at)
}

/// An attribute is one line: what ends a line or stands for white space is marked too.
fn hidden_in_line(value: &str, from: usize) -> Option<usize> {
    let control = part(value, from, value.len())
        .find(char::is_control)
        .map(|at| from + at);
    // What is hidden is looked for up to there only.
    match (
        hidden(part(value, 0, control.unwrap_or(value.len())), from),
        control,
    ) {
        (Some(hidden), Some(control)) => Some(hidden.min(control)),
        (hidden, control) => hidden.or(control),
    }
}

/// A character that does not show, where it stands, and how often there.
struct Run {
    from: usize,
    end: usize,
    character: char,
    times: usize,
}

impl Run {
    /// Finds the next one from a place on.
    fn next(value: &str, from: usize, find: Find) -> Option<Self> {
        let from = find(value, from)?;
        let character = part(value, from, value.len()).chars().next()?;
        let (mut end, mut times) = (from, 0);
        while part(value, end, value.len()).starts_with(character) && find(value, end) == Some(end)
        {
            end += character.len_utf8();
            times += 1;
        }
        Some(Self {
            from,
            end,
            character,
            times,
        })
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", self.character as u32)?;
        if self.times > 1 {
            write!(f, " × {}", number(self.times as u64))
        } else {
            Ok(())
        }
    }
}

/// Returns a text from a place on with those characters written out, and how many there are.
fn write_out(value: &str, mut from: usize, find: Find) -> (String, usize) {
    let (mut text, mut count) = (String::with_capacity(value.len() - from), 0);
    while let Some(run) = Run::next(value, from, find) {
        text.push_str(part(value, from, run.from));
        // Writing to a String cannot fail.
        let _ = write!(text, "[{run}]");
        from = run.end;
        count += run.times;
    }
    (text + part(value, from, value.len()), count)
}

/// Prepares text from outside for an attribute, which can hold no marks: hidden characters are written out, and the
/// end of a long text is left out.
#[must_use]
pub fn written_out(value: &str) -> String {
    let shown = start(value, SHOWN_CHARACTERS);
    let (mut text, _) = write_out(shown, 0, hidden_in_line);
    if shown.len() < value.len() {
        text.push('…');
    }
    text
}

/// Draws text from outside, as a link where it is an http(s) address, and only then.
pub fn text_or_link(value: &str) -> Element {
    if is_web_address(value) {
        link_out(value.to_owned()).child(text(value))
    } else {
        text(value)
    }
}

/// Makes a link to a page that is not ours; that page learns nothing of this one (no referrer, no opener).
pub fn link_out(address: impl Value) -> Element {
    el("a")
        .attr("href", address)
        .attr("rel", "noopener noreferrer nofollow")
        .attr("target", "_blank")
}

/// Tells whether a text is wholly one http(s) address: printable ASCII, a host, and no user name in front of it.
fn is_web_address(value: &str) -> bool {
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty()
            && !host.contains(['@', '\\'])
            && rest.len() < 2_000
            && rest.bytes().all(|b| b.is_ascii_graphic())
    })
}

/// Makes a labelled box, as on a consignment note, for what is put inside.
pub fn field(label: &str) -> Element {
    el("div").child(el("span").class("label").child(label))
}

/// Makes a labelled box that takes the whole width.
pub fn wide_field(label: &str) -> Element {
    field(label).class("wide")
}

/// Draws words in the quiet colour.
pub fn quiet(words: impl Content) -> Element {
    el("span").class("quiet").child(words)
}

/// Draws a paragraph in the quiet colour.
pub fn quiet_line(words: impl Content) -> Element {
    el("p").class("quiet").child(words)
}

/// Draws text from outside as code.
pub fn code(value: &str) -> Element {
    el("code").child(text(value))
}

/// Appends a term and what it says to a list of such pairs.
pub fn pair(list: Element, term: impl Content, says: impl Content) -> Element {
    list.child(el("dt").child(term)).child(el("dd").child(says))
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert!(
            is_web_address("https://example.com/a?b#c") && is_web_address("http://example.com")
        );
        for text in [
            "javascript:alert(1)",
            "https://",
            "https://a@b/",
            "https://a\u{202e}b",
            "data:text/html,x",
            "ftp://a",
        ] {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
