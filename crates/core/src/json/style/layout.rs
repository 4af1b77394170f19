//! White space between the parts of a JSON text.
//!
//! White space is exchanged in the text itself, without making values of it, so that strings,
//! numbers and repeated names stay what they are byte by byte.

/// The white space between the parts of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// None, as Go's `json.Marshal` and JavaScript's `JSON.stringify` write.
    Compact,
    /// One line with a space behind each comma and colon, as Python's `json.dumps` writes.
    Spaced,
    /// A line for each part, with this in front for each level.
    Indented(&'static str),
}

impl Layout {
    /// Those that tools write, the likeliest first: buildx and jq take 2 spaces, docker 3,
    /// editors 4 or tabs.
    pub const ALL: [Self; 6] = [
        Self::Compact,
        Self::Indented("  "),
        Self::Indented("   "),
        Self::Indented("    "),
        Self::Indented("\t"),
        Self::Spaced,
    ];

    /// How it looks, to stand behind `these bytes`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Compact => "on one line without white space",
            Self::Spaced => "on one line with a space behind each comma and colon",
            Self::Indented("  ") => "indented by 2 spaces",
            Self::Indented("   ") => "indented by 3 spaces",
            Self::Indented("    ") => "indented by 4 spaces",
            Self::Indented(_) => "indented by tabs",
        }
    }

    /// A JSON text with this white space between its parts, and none around it. Strings and
    /// numbers stay as they are written.
    ///
    /// ```
    /// use waybill_core::json::style::Layout;
    ///
    /// let text = br#"{"a": [1.0, {}], "b": "\u003c, :"}"#;
    /// assert_eq!(Layout::Compact.apply(text), br#"{"a":[1.0,{}],"b":"\u003c, :"}"#);
    /// assert_eq!(Layout::Indented("\t").apply(b"{\"a\":[1]}"), b"{\n\t\"a\": [\n\t\t1\n\t]\n}");
    /// ```
    #[must_use]
    pub fn apply(self, text: &[u8]) -> Vec<u8> {
        self.apply_within(text, usize::MAX).unwrap_or_default()
    }

    /// The same, unless that takes more than about `most` bytes: a million open brackets,
    /// indented, are a terabyte.
    ///
    /// `None` means that it takes more. The text is not checked: where it is cut off, inside a
    /// string or not, the result is cut off at the same place. An empty array or object stays
    /// on one line in every layout.
    pub(crate) fn apply_within(self, text: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len() + text.len() / 4);
        let mut depth = 0_usize;
        let mut rest = text;
        while let Some((&byte, behind)) = rest.split_first() {
            if out.len() > most {
                return None;
            }
            let mut taken = 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    taken = string_length(rest);
                    out.extend_from_slice(&rest[..taken]);
                }
                b'{' | b'[' => {
                    out.push(byte);
                    let inside = behind
                        .iter()
                        .position(|byte| !byte.is_ascii_whitespace())
                        .unwrap_or(0);
                    if let Some(close @ (b'}' | b']')) = behind.get(inside) {
                        out.push(*close);
                        taken = inside + 2;
                    } else {
                        depth += 1;
                        self.line(&mut out, depth);
                    }
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.line(&mut out, depth);
                    out.push(byte);
                }
                b',' => {
                    out.push(byte);
                    self.line(&mut out, depth);
                    if self == Self::Spaced {
                        out.push(b' ');
                    }
                }
                b':' => out.extend_from_slice(if self == Self::Compact { b":" } else { b": " }),
                _ => out.push(byte),
            }
            rest = &rest[taken..];
        }
        Some(out)
    }

    /// Begins a new line at this depth; nothing for layouts of one line.
    fn line(self, out: &mut Vec<u8>, depth: usize) {
        if let Self::Indented(unit) = self {
            out.push(b'\n');
            out.extend(std::iter::repeat_n(unit.as_bytes(), depth).flatten());
        }
    }
}

/// The length of the string that `text` begins with, its quotes included; all of `text` where
/// it does not end.
///
/// A backslash takes the byte behind it along, so a quote that is escaped ends nothing.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}
