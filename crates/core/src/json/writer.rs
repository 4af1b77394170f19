//! Writing compact JSON, member by member, where the order of members and the escapes matter.

use super::style::Escapes;

/// Writes compact JSON piece by piece: no tree is built, so that a list of 15,000 entries costs
/// one text.
///
/// What is opened has to be closed, and a value follows each name: nothing here checks it.
pub(crate) struct Writer {
    /// The text so far.
    out: String,
    /// How texts and names are escaped.
    escapes: Escapes,
    /// Whether nothing stands yet in the object or array that is open: then no comma comes in
    /// front.
    ///
    /// One flag does for all levels: what was opened is new, and what is around something that
    /// was closed has that in it.
    first: bool,
}

impl Writer {
    /// Begins an empty text.
    pub(crate) fn new(escapes: Escapes) -> Self {
        Self {
            out: String::new(),
            escapes,
            first: true,
        }
    }

    /// The text that was written.
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    /// Writes a member whose value is JSON already. It is not looked at: what is no JSON here
    /// would be none in the text.
    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.value(json);
    }

    /// Writes a member that is a text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.string(text);
    }

    /// Writes a member that is a text, where there is one.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Writes a member that is a list of texts, in the order in which they stand; none where
    /// it is empty.
    pub(crate) fn texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.name(name);
            self.open('[');
            for text in texts {
                self.element(text);
            }
            self.close(']');
        }
    }

    /// Writes a member that is a map of texts, in the order in which they stand; none where it
    /// is empty.
    pub(crate) fn map(&mut self, name: &str, map: &[(String, String)]) {
        if !map.is_empty() {
            self.name(name);
            self.open('{');
            for (key, value) in map {
                self.text(key, value);
            }
            self.close('}');
        }
    }

    /// Writes the name of a member, and what stands between it and the one before. Its value
    /// comes next.
    pub(crate) fn name(&mut self, name: &str) {
        self.next();
        self.string(name);
        self.out.push(':');
    }

    /// Writes an element of an array that is a text.
    pub(crate) fn element(&mut self, text: &str) {
        self.next();
        self.string(text);
    }

    /// Writes the value behind a name: JSON already.
    pub(crate) fn value(&mut self, json: &str) {
        self.out.push_str(json);
    }

    /// Writes a text in quotes, the value behind a name, escaped as the tool escapes: `<`, `>`
    /// and `&` become `\u003c` and so on in the forms of Go tools, and so do the line separators
    /// U+2028 and U+2029; the canonical form leaves all of these as they are.
    pub(crate) fn string(&mut self, text: &str) {
        self.escapes.write(&mut self.out, text);
    }

    /// Opens an object or an array.
    pub(crate) fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = true;
    }

    /// Closes the one that is open last. What is around it has something in it now.
    pub(crate) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = false;
    }

    /// Starts the next member or element: with a comma in front, unless it is the first.
    pub(crate) fn next(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
    }
}
