//! Parts of the typed text, each with its place in it.

/// A part of the typed text that knows where it stands.
///
/// All reading goes by pieces, so that an error inside a quoted word of a command is still
/// placed in what was typed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Piece<'_> {
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// Without the first `bytes` bytes; empty where that is no boundary of a character.
    pub(super) fn skip(self, bytes: usize) -> Self {
        Self {
            text: self.text.get(bytes..).unwrap_or_default(),
            start: self.start + bytes,
        }
    }

    /// The first `bytes` bytes; all of it where there are fewer, or no boundary of a
    /// character.
    pub(super) fn first(self, bytes: usize) -> Self {
        Self {
            text: self.text.get(..bytes).unwrap_or(self.text),
            ..self
        }
    }

    /// Up to `separator`, and what follows it.
    pub(super) fn cut(self, separator: &str) -> (Self, Option<Self>) {
        match self.text.find(separator) {
            Some(at) => (self.first(at), Some(self.skip(at + separator.len()))),
            None => (self, None),
        }
    }

    /// At each `separator`, as [`str::split`] does: two of them in a row have an empty piece
    /// between.
    pub(super) fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut start = self.start;
        self.text.split(separator).map(move |text| {
            let piece = Self { text, start };
            start += text.len() + separator.len_utf8();
            piece
        })
    }

    /// Without white space, byte order marks and zero-width spaces around it.
    pub(super) fn trimmed(self) -> Self {
        let is_space = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}';
        let text = self.text.trim_start_matches(is_space);
        let start = self.end() - text.len();
        Self {
            text: text.trim_end_matches(is_space),
            start,
        }
    }

    /// Without the punctuation and open quotes of a text around one word, which are in no name.
    pub(super) fn bare(self) -> Self {
        let is_mark = |c: char| ",;(){}\"'`*|&!“”‘’«»„".contains(c);
        let text = self.text.trim_start_matches(is_mark);
        let start = self.end() - text.len();
        Self {
            text: text.trim_end_matches(is_mark),
            start,
        }
    }

    /// What stands between a pair of quotes around the whole, of a shell or of a printed text;
    /// `None` where there is none, or where a quote stands inside as well, as in `"a" "b"`.
    pub(super) fn unquoted(self) -> Option<Self> {
        for (open, close) in [
            ('"', '"'),
            ('\'', '\''),
            ('`', '`'),
            ('<', '>'),
            ('“', '”'),
            ('‘', '’'),
        ] {
            let inside = self
                .text
                .strip_prefix(open)
                .and_then(|text| text.strip_suffix(close));
            // <image> stands for something, <h.example/x> is a name.
            let is_name = |text: &&str| open != '<' || text.contains(['/', '.', ':', '@']);
            let inside = inside.filter(|text| !text.contains([open, close]));
            if let Some(text) = inside.filter(is_name) {
                return Some(Self {
                    text,
                    start: self.start + open.len_utf8(),
                });
            }
        }
        None
    }
}
