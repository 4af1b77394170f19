//! Texts of strangers in texts that a person pastes elsewhere.

use std::fmt::Write as _;

use crate::humanize::start;
use crate::lenient::find_hidden;

/// How much of one text from outside stands in a report for people, in characters.
const CHARACTERS: usize = 300;

/// A text as one line: its end is cut where it is long, and what does not show, or ends a line, is
/// written out as `[U+202E]`.
pub(super) fn one_line(text: &str) -> String {
    let shown = start(text, CHARACTERS);
    let mut line = String::with_capacity(shown.len());
    let mut hidden = find_hidden(shown, 0);
    for (at, character) in shown.char_indices() {
        let is_hidden = hidden.is_some_and(|(next, _)| next == at);
        if is_hidden {
            hidden = find_hidden(shown, at + character.len_utf8());
        }
        if is_hidden || character.is_control() {
            // Writing to a text does not fail.
            let _ = write!(line, "[U+{:04X}]", character as u32);
        } else {
            line.push(character);
        }
    }
    if shown.len() < text.len() {
        line.push('…');
    }
    line
}

/// A text as one line that reads the same where Markdown is drawn: what would be markup there, a
/// link or the name of somebody stands as code, between backticks.
///
/// Source: `CommonMark` 0.31, 6.1, code spans: nothing in them is markup; GitHub's own links and
/// names (`https://…`, `www.`, `@name`, `#1`).
pub(super) fn plain(text: &str) -> String {
    let line = one_line(text);
    let is_word = |c: char| c.is_alphanumeric() || " .,:;/-+=()%?'\"…·×".contains(c);
    // A digest behind a name is nobody's name.
    let rest = ["@sha256:", "@sha384:", "@sha512:"];
    let rest = rest
        .iter()
        .fold(line.clone(), |rest, it| rest.replace(it, ":"));
    let starts_a_list = || {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        line.starts_with([' ', '-', '+', '='])
            || (rest != line && [". ", ") "].iter().any(|it| rest.starts_with(it)))
    };
    if rest.chars().all(is_word)
        && !["://", "www."]
            .iter()
            .any(|it| rest.to_ascii_lowercase().contains(it))
        && !starts_a_list()
    {
        return line;
    }
    code(&line)
}

/// A line as code: between more backticks than follow each other anywhere in it.
fn code(line: &str) -> String {
    let runs = line.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default() + 1);
    let is_close = |c: Option<char>| c.is_none_or(|c| c == '`' || c == ' ');
    // A space on each side is taken away again, and keeps a backtick inside from the outer ones.
    let space = if is_close(line.chars().next()) || is_close(line.chars().next_back()) {
        " "
    } else {
        ""
    };
    [&fence, space, line, space, &fence].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_stands_as_code() {
        for (text, shown) in [
            ("linux/arm/v7", "linux/arm/v7"),
            ("windows(10.0.20348)/amd64", "windows(10.0.20348)/amd64"),
            ("nginx@sha256:ab", "nginx@sha256:ab"),
            ("a_b", "`a_b`"),
            ("](javascript:alert(1))", "`](javascript:alert(1))`"),
            (
                "![x](https://evil.example/a.png)",
                "`![x](https://evil.example/a.png)`",
            ),
            ("https://evil.example/", "`https://evil.example/`"),
            ("WWW.evil.example", "`WWW.evil.example`"),
            ("@everyone", "`@everyone`"),
            ("#1", "`#1`"),
            (
                "<img src=x onerror=alert(1)>",
                "`<img src=x onerror=alert(1)>`",
            ),
            ("a`b", "``a`b``"),
            ("``` a", "```` ``` a ````"),
            ("`", "`` ` ``"),
            ("1. one", "`1. one`"),
            ("127.0.0.1:5000/a:1", "127.0.0.1:5000/a:1"),
            ("- one", "`- one`"),
            ("    indented", "`     indented `"),
            ("a\n# b", "`a[U+000A]# b`"),
            ("a\r\n\tb", "`a[U+000D][U+000A][U+0009]b`"),
            ("a\u{202e}b", "`a[U+202E]b`"),
            ("", ""),
        ] {
            assert_eq!(plain(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let line = one_line(&"x".repeat(5_000));
        assert_eq!(line.chars().count(), CHARACTERS + 1);
        assert!(line.ends_with('…'));
    }
}
