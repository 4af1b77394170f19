//! Splits a line into commands and words as a POSIX shell does, without expanding anything: a
//! variable stays a variable, and is no part of a reference.
//!
//! Source: POSIX.1 "Shell Command Language", 2.2 "Quoting", 2.3 "Token Recognition" and 2.7
//! "Redirection". The box of a page takes line breaks out of what is pasted, so a `\` before
//! white space counts as one at the end of a line too.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

use super::Piece;

/// How deep `$(…)` is looked into: each level is read once more.
const DEPTH: usize = 4;

/// One word, with its quotes and without them.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    /// As it was typed, but without quotes around the whole.
    pub(super) typed: Piece<'a>,
    /// What a program is given.
    pub(super) text: Cow<'a, str>,
}

impl<'a> Word<'a> {
    /// Takes off the quotes.
    pub(super) fn new(typed: Piece<'a>) -> Self {
        let whole = typed
            .unquoted()
            .filter(|_| typed.text.starts_with(['"', '\'', '`']));
        let typed = whole.unwrap_or(typed);
        let text = if typed.text.contains(['"', '\'', '`', '\\']) {
            Cow::Owned(unquoted(typed.text).map(|(_, c)| c).collect())
        } else {
            Cow::Borrowed(typed.text)
        };
        Self { typed, text }
    }

    /// What follows `separator`, without quotes around it.
    pub(super) fn after(&self, separator: &str) -> Option<Self> {
        self.typed.cut(separator).1.map(Self::new)
    }

    /// What a program is given, placed where the word begins. [`Self::place`] tells where a
    /// byte of it was typed.
    pub(super) fn piece(&self) -> Piece<'_> {
        Piece {
            text: &self.text,
            start: self.typed.start,
        }
    }

    /// Where a byte of [`Self::piece`] stands in what was typed.
    pub(super) fn place(&self, position: usize) -> usize {
        let (mut left, start) = (position.saturating_sub(self.typed.start), self.typed.start);
        if let Cow::Borrowed(_) = self.text {
            return position;
        }
        for (at, c) in unquoted(self.typed.text) {
            if left < c.len_utf8() {
                return start + at;
            }
            left -= c.len_utf8();
        }
        self.typed.end()
    }
}

/// The characters that are left when quotes and escapes are taken off, with their places.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quote, mut escaped) = (None, false);
    text.char_indices().filter(move |&(_, c)| {
        if std::mem::take(&mut escaped) {
            // A line that goes on.
            return c != '\n';
        }
        match (quote, c) {
            (None | Some('"'), '\\') => {
                escaped = true;
                false
            }
            (None, '"' | '\'' | '`') => {
                quote = Some(c);
                false
            }
            (Some(open), _) if open == c => {
                quote = None;
                false
            }
            _ => true,
        }
    })
}

/// The commands of a line, each with its words; what stands in `$(…)` follows them.
///
/// Operators and line breaks end a command, with or without white space around them. A
/// redirection and what it names are left out, and so is a comment. A quote that is never
/// closed holds all that follows.
pub(super) fn commands(line: Piece<'_>) -> Vec<Vec<Word<'_>>> {
    let mut found = Vec::new();
    let mut rest = vec![line];
    for _ in 0..DEPTH {
        let mut inner = Vec::new();
        for piece in rest {
            let mut reader = Reader::new(piece);
            reader.read();
            found.append(&mut reader.commands);
            inner.append(&mut reader.inner);
        }
        rest = inner;
    }
    found
}

struct Reader<'a> {
    line: Piece<'a>,
    chars: Peekable<CharIndices<'a>>,
    /// Where the word begins that is being read.
    word: Option<usize>,
    /// Whether the next word is a file of a redirection.
    is_file: bool,
    command: Vec<Word<'a>>,
    commands: Vec<Vec<Word<'a>>>,
    /// What stands in `$(…)`.
    inner: Vec<Piece<'a>>,
}

impl<'a> Reader<'a> {
    fn new(line: Piece<'a>) -> Self {
        Self {
            line,
            chars: line.text.char_indices().peekable(),
            word: None,
            is_file: false,
            command: Vec::new(),
            commands: Vec::new(),
            inner: Vec::new(),
        }
    }

    fn read(&mut self) {
        while let Some((at, c)) = self.chars.next() {
            let next = self.chars.peek().map(|(_, c)| *c);
            match c {
                '\n' | ';' | '|' | '(' | ')' => self.end_command(at),
                '&' if next != Some('>') => self.end_command(at),
                // PowerShell's lines go on behind a backquote, those of cmd behind a caret.
                '\\' | '`' | '^' if next.is_none_or(char::is_whitespace) => {
                    // With it the line break is gone, and nothing else.
                    if c == '\\' && self.word.is_some() && next == Some('\n') {
                        self.chars.next();
                        continue;
                    }
                    self.end_word(at);
                    while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
                }
                _ if c.is_whitespace() => self.end_word(at),
                '#' if self.word.is_none() => {
                    while self.chars.next_if(|(_, c)| *c != '\n').is_some() {}
                }
                '<' | '>' | '&' => self.redirect(at),
                _ => {
                    self.word = self.word.or(Some(at));
                    match c {
                        '\\' => {
                            self.chars.next();
                        }
                        '\'' | '`' => {
                            while self.chars.next().is_some_and(|(_, inside)| inside != c) {}
                        }
                        '"' => self.read_quoted(),
                        '$' if next == Some('(') => self.read_inner(),
                        _ => {}
                    }
                }
            }
        }
        self.end_command(self.line.text.len());
    }

    /// Reads on to the `"` that closes.
    fn read_quoted(&mut self) {
        while let Some((_, c)) = self.chars.next() {
            match c {
                '"' => return,
                '\\' => {
                    self.chars.next();
                }
                '$' if self.chars.peek().is_some_and(|(_, c)| *c == '(') => self.read_inner(),
                _ => {}
            }
        }
    }

    /// Reads on to the `)` that closes; the `(` is next.
    fn read_inner(&mut self) {
        let (mut depth, mut quote, mut start) = (0_usize, None, self.line.text.len());
        while let Some((at, c)) = self.chars.next() {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None | Some('"'), '\\') => {
                    self.chars.next();
                }
                (None, '"' | '\'') => quote = Some(c),
                (None, '(') => {
                    depth += 1;
                    start = start.min(at + 1);
                }
                (None, ')') if depth == 1 => {
                    self.inner.push(self.line.first(at).skip(start));
                    return;
                }
                (None, ')') => depth -= 1,
                _ => {}
            }
        }
        self.inner.push(self.line.skip(start));
    }

    /// Reads `<`, `>`, `>>`, `2>`, `2>&1`, `&>` and their like; the first of it is read.
    fn redirect(&mut self, at: usize) {
        let number = self.word.is_some_and(|start| {
            let word = self.line.first(at).skip(start);
            word.text.bytes().all(|b| b.is_ascii_digit())
        });
        if number {
            self.word = None;
        }
        self.end_word(at);
        while self
            .chars
            .next_if(|(_, c)| matches!(c, '<' | '>' | '&' | '|'))
            .is_some()
        {}
        if self.chars.peek().is_some_and(|(_, c)| *c == '(') {
            self.read_inner();
        } else {
            self.is_file = true;
        }
    }

    fn end_word(&mut self, at: usize) {
        if let Some(start) = self.word.take()
            && !std::mem::take(&mut self.is_file)
        {
            self.command
                .push(Word::new(self.line.first(at).skip(start)));
        }
    }

    fn end_command(&mut self, at: usize) {
        self.end_word(at);
        self.is_file = false;
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        commands(Piece { text, start: 0 })
            .iter()
            .map(|words| words.iter().map(|word| word.text.to_string()).collect())
            .collect()
    }

    #[test]
    fn words_and_commands_end_as_in_a_shell() {
        for (text, expected) in [
            ("a b|c", &[&["a", "b"][..], &["c"]][..]),
            ("a b| c", &[&["a", "b"], &["c"]]),
            ("a&&b||c;d&", &[&["a"], &["b"], &["c"], &["d"]]),
            ("a>x b 2>/dev/null>&1 c >>y<z", &[&["a", "b", "c"]]),
            ("a &>x b2>c d", &[&["a", "b2", "d"]]),
            ("a # b | c\nd#e", &[&["a"], &["d#e"]]),
            ("a \\\n  b \\ c", &[&["a", "b", "c"]]),
            ("a\\\nb 'c d'\"e f\" \\'", &[&["ab", "c de f", "'"]]),
            ("a \"x?b&c|d\" 'e;f'", &[&["a", "x?b&c|d", "e;f"]]),
            (
                "A=$(b c; d) e",
                &[&["A=$(b c; d)", "e"], &["b", "c"], &["d"]],
            ),
            (
                "a -v \"$(pwd)\":/x $(b $(c)) d",
                &[
                    &["a", "-v", "$(pwd):/x", "$(b $(c))", "d"],
                    &["pwd"],
                    &["b", "$(c)"],
                    &["c"],
                ],
            ),
            ("diff <(a b) <(c)", &[&["diff"], &["a", "b"], &["c"]]),
            ("a `\n b", &[&["a", "b"]]),
            ("'a", &[&["a"]]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_place_is_that_of_what_was_typed() {
        let line = commands(Piece {
            text: "  a'b'\"c\"d",
            start: 0,
        });
        let word = &line[0][0];
        let places: Vec<usize> = (2..7).map(|at| word.place(at)).collect();
        assert_eq!((word.text.as_ref(), places), ("abcd", vec![2, 4, 7, 9, 10]));
    }

    #[test]
    fn what_is_nested_ends() {
        for text in ["$(", "\"$(", "('", "<(", "`\"", "\\"] {
            read(&text.repeat(100_000));
        }
    }
}
