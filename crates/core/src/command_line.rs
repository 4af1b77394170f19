//! Command lines for POSIX shells, made to be copied, pasted into a terminal and run with Enter.
//!
//! What is pasted has two readers. The first is the terminal with its line editor, which takes
//! each character as a key: ETX gives up the line, ^U empties it, a line break runs it, and
//! the end of a bracketed paste is the five characters `ESC [201~`; quotes mean nothing to it.
//! The second is the shell's parser. Only printable ASCII passes both, whatever the locale: a
//! word that has anything else is written as what `printf` prints, by the octal numbers of its
//! bytes. `$'\x03'` would be shorter, and dash knows it only since 0.5.13.
//!
//! A terminal without a line editor cuts what it is given in one line: Linux after 4,095
//! bytes, macOS after 1,024, where busybox's editor stops too. So a long command is broken by
//! `\` and a line break, and its long words by such breaks outside of their quotes. Each line
//! closes the quotes that it opens, so that bash finds no history (`!`) in it.
//!
//! Source: POSIX.1 "Shell Command Language", 2.2 "Quoting" and 2.6.3 "Command Substitution";
//! `printf`; termios(3).

use std::fmt::{self, Write as _};
use std::mem;

/// How long one line of a command gets, without its line break.
const LINE_BYTES: usize = 1_000;
/// How long a piece of a word gets when it is quoted.
const PIECE_BYTES: usize = 900;
/// Linux takes no longer argument: `MAX_ARG_STRLEN` has room for the NUL behind it as well.
const WORD_BYTES: usize = 131_071;

/// `$(…)` takes line breaks from the end of what is printed, so one at the end of a word
/// stands in a variable, with a dot behind it that is taken off where it is used. The subshell
/// keeps the variable from the person's own.
const BREAK_BEFORE: &str = r#"(n="$(printf '\n.')"; "#;
const BREAK: &str = "${n%.}";
/// How long a line gets before what may be put around it: a break, the subshell, `&&`.
const ROOM: usize = LINE_BYTES - BREAK_BEFORE.len() - ") &&".len();

/// One command, word by word.
///
/// ```
/// use waybill_core::command_line::Line;
///
/// let mut line = Line::new("crane manifest");
/// line.word("[::1]:5000/a:1");
/// line.flag("--note", "it's\u{3}\ntouch X");
/// assert_eq!(line.finish()?, r#"crane manifest '[::1]:5000/a:1' --note "$(printf 'it\047s\003\ntouch X')""#);
/// # Ok::<(), waybill_core::command_line::Unsayable>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Line {
    text: String,
    /// How long the last line is.
    column: usize,
    /// Whether a word ends with a line break.
    breaks: bool,
    unsayable: Option<Unsayable>,
}

impl Line {
    /// A command that begins with these words, which spaces part.
    #[must_use]
    pub fn new(words: &str) -> Self {
        let mut line = Self::default();
        line.words(words);
        line
    }

    /// Adds words that spaces part.
    pub fn words(&mut self, words: &str) {
        for word in words.split(' ') {
            self.word(word);
        }
    }

    /// Adds one word, which may be any text.
    pub fn word(&mut self, text: &str) {
        self.add("a word of it", text);
    }

    /// Adds a flag and its value, which may be any text.
    pub fn flag(&mut self, flag: &'static str, value: &str) {
        self.word(flag);
        self.add(flag, value);
    }

    /// The command.
    pub fn finish(self) -> Result<String, Unsayable> {
        match self.unsayable {
            Some(unsayable) => Err(unsayable),
            None if self.breaks => Ok([BREAK_BEFORE, &self.text, ")"].concat()),
            None => Ok(self.text),
        }
    }

    fn add(&mut self, place: &'static str, text: &str) {
        let why = if text.contains('\0') {
            Why::Nul
        } else if text.len() > WORD_BYTES {
            Why::Long
        } else {
            return self.pieces(text);
        };
        self.unsayable.get_or_insert(Unsayable { place, why });
    }

    fn pieces(&mut self, text: &str) {
        // In front of a command, NAME=VALUE would set a variable.
        let is_first = self.text.is_empty();
        let (mut piece, mut bytes, mut continues) = (String::new(), 0, false);
        for character in text.chars() {
            let more = longest(character);
            if bytes + more > PIECE_BYTES {
                self.push(&mem::take(&mut piece), is_first, continues);
                (bytes, continues) = (0, true);
            }
            piece.push(character);
            bytes += more;
        }
        self.push(&piece, is_first, continues);
    }

    fn push(&mut self, piece: &str, is_first: bool, continues: bool) {
        let quoted = self.quoted(piece, is_first);
        if continues || self.column + quoted.len() > ROOM {
            self.text.push_str(if continues { "\\\n" } else { " \\\n" });
            self.column = 0;
        } else if !is_first {
            self.text.push(' ');
            self.column += 1;
        }
        self.text.push_str(&quoted);
        self.column += quoted.len();
    }

    fn quoted(&mut self, piece: &str, is_first: bool) -> String {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./-_".contains(&byte);
        // zsh takes `=name` for the path of a program.
        let assigns = piece.starts_with('=') || (is_first && piece.contains('='));
        if !piece.is_empty() && !assigns && piece.bytes().all(is_plain) {
            return piece.to_owned();
        }
        if piece.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return ["'", &piece.replace('\'', r"'\''"), "'"].concat();
        }
        let printed = piece.trim_end_matches('\n');
        let breaks = BREAK.repeat(piece.len() - printed.len());
        self.breaks |= !breaks.is_empty();
        if printed.is_empty() {
            ["\"", &breaks, "\""].concat()
        } else {
            ["\"", &print(printed), &breaks, "\""].concat()
        }
    }
}

/// The most bytes that a character takes when it is quoted, in whatever way.
fn longest(character: char) -> usize {
    match character {
        '\n' => BREAK.len(),
        '\'' | '!' => 4,
        '\\' | '%' => 2,
        ' '..='~' => 1,
        _ => 4 * character.len_utf8(),
    }
}

/// What prints the text, which ends with no line break.
fn print(text: &str) -> String {
    let mut format = "$(printf '".to_owned();
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => format.push_str(r"\n"),
            b'\t' => format.push_str(r"\t"),
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str(r"\\"),
            // A dash in front would be a flag of printf; bash finds history in double quotes.
            b'-' if index == 0 => octal(&mut format, byte),
            b'\'' | b'!' => octal(&mut format, byte),
            b' '..=b'~' => format.push(char::from(byte)),
            _ => octal(&mut format, byte),
        }
    }
    format + "')"
}

fn octal(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\{byte:03o}");
}

/// Commands to be pasted together: none runs before the last was entered, nor after one that
/// failed.
///
/// ```
/// assert_eq!(waybill_core::command_line::chain(&["true".to_owned(), "false".to_owned()]), "true &&\nfalse");
/// ```
#[must_use]
pub fn chain(lines: &[String]) -> String {
    lines.join(" &&\n")
}

/// Whether only a POSIX shell reads the command as it is meant: PowerShell and cmd know other
/// quotes, and take `%` or `,` for their own.
///
/// ```
/// use waybill_core::command_line::is_for_posix;
///
/// assert!(is_for_posix("crane manifest 'a b'") && !is_for_posix("crane manifest localhost:5000/a@sha256:12"));
/// ```
#[must_use]
pub fn is_for_posix(line: &str) -> bool {
    line.contains(['\'', '"', '\\', '%', ',']) || line.contains(" @")
}

/// Why no shell can say a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsayable {
    place: &'static str,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Nul,
    Long,
}

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Nul => "a NUL character (U+0000), where every argument of a program ends",
            Why::Long => "more than 131,071 bytes, which Linux gives to no program in one argument",
        };
        write!(f, "no shell can say this command: {} has {why}", self.place)
    }
}

impl std::error::Error for Unsayable {}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> String {
        let mut line = Line::default();
        for word in words {
            line.word(word);
        }
        line.finish().expect("sayable")
    }

    #[test]
    fn words_are_quoted_only_where_a_shell_would_read_them_in_another_way() {
        assert_eq!(
            said(&[
                "/bin/sh",
                "-c",
                "ghcr.io/o/a:1@sha256:0f",
                "--host",
                "reg=a,tls=disabled"
            ]),
            "/bin/sh -c \
             ghcr.io/o/a:1@sha256:0f --host reg=a,tls=disabled"
        );
        assert_eq!(
            said(&["nginx", "-g", "daemon off;"]),
            "nginx -g 'daemon off;'"
        );
        assert_eq!(
            said(&["echo", "it's", "", "=ls", "~", "a!b"]),
            r"echo 'it'\''s' '' '=ls' '~' 'a!b'"
        );
        assert_eq!(said(&["PATH=/tmp", "PATH=/tmp"]), "'PATH=/tmp' PATH=/tmp");
    }

    #[test]
    fn what_is_not_printable_ascii_is_printed_by_its_numbers() {
        assert_eq!(
            said(&["echo", "-%\\'!\t\u{3}1\u{7f}"]),
            r#"echo "$(printf '\055%%\\\047\041\t\0031\177')""#
        );
        assert_eq!(
            said(&["echo", "é\u{85}\u{202e}"]),
            r#"echo "$(printf '\303\251\302\205\342\200\256')""#
        );
        let hostile = (1..=0x9f).chain(0x2028..0x206f).filter_map(char::from_u32);
        for character in hostile {
            let line = said(&[
                "echo",
                &["a", &character.to_string(), "\ntouch X\n"].concat(),
            ]);
            assert!(
                line.bytes().all(|byte| matches!(byte, b' '..=b'~')),
                "{line}"
            );
        }
    }

    #[test]
    fn line_breaks_at_the_end_of_a_word_are_kept() {
        assert_eq!(
            said(&["echo", "a\n\n"]),
            r#"(n="$(printf '\n.')"; echo "$(printf 'a')${n%.}${n%.}")"#
        );
        assert_eq!(
            said(&["echo", "\n"]),
            r#"(n="$(printf '\n.')"; echo "${n%.}")"#
        );
    }

    #[test]
    fn a_long_command_is_broken_into_lines_that_a_terminal_takes_whole() {
        for word in ["a", "a b", "é", "\n", "'", "x\n\n\n"] {
            let long = word.repeat(20_000 / word.len());
            let line = said(&["echo", &long, "b", &long]);
            let lines: Vec<&str> = line.split('\n').collect();
            assert!(
                lines.len() > 40 && lines.iter().all(|line| line.len() <= 1_000),
                "{word:?}"
            );
            let (last, others) = lines.split_last().expect("lines");
            assert!(
                !last.ends_with('\\') && others.iter().all(|line| line.ends_with('\\')),
                "{word:?}"
            );
        }
        let many = vec!["ghcr.io/o/app@sha256:0f"; 100];
        assert_eq!(said(&many).replace(" \\\n", " "), many.join(" "));
    }

    #[test]
    fn what_no_argument_can_hold_is_refused_with_the_reason() {
        let mut line = Line::new("crane");
        line.flag("--annotation", "a\0b");
        let told = line.finish().expect_err("NUL").to_string();
        assert!(told.contains("--annotation has a NUL character"), "{told}");
        let mut line = Line::new("crane");
        line.word(&"a".repeat(WORD_BYTES + 1));
        assert!(
            line.finish()
                .expect_err("too long")
                .to_string()
                .contains("131,071")
        );
    }
}
