//! What is looked at among the files, as text for the address.
//!
//! `image/etc/passwd`, `layer.2/usr;find=*.so`, `changes.3;only=setuid;by=size`: layers are counted from 1, as they are
//! shown. Every other byte than letters, digits and `/._-+@,*` is `~` and two hexadecimal digits, since an address has
//! a use of its own for some, and hides or changes others.

use std::fmt::Write as _;

use waybill_blobs::files::{Filter, Look, Sort};

/// A place among the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How they are looked at.
    pub look: Look,
    /// The path of what is chosen, with a `/` before it; `None` where nothing is.
    pub path: Option<String>,
    /// What is searched for.
    pub search: String,
    /// What alone is shown.
    pub filter: Option<Filter>,
    /// The order.
    pub sort: Sort,
}

/// The word of a filter in an address.
fn word(filter: Filter) -> &'static str {
    match filter {
        Filter::Setuid => "setuid",
        Filter::Capabilities => "capabilities",
        Filter::WorldWritable => "world-writable",
        Filter::Devices => "devices",
        Filter::Hidden => "hidden",
        Filter::Largest => "largest",
        Filter::Duplicates => "duplicates",
        Filter::EnginesDiffer => "engines-differ",
    }
}

impl Place {
    /// Reads the text of an address. What it does not know it leaves out.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut parts = text.split(';');
        let mut place = Self::default();
        let first = parts.next().unwrap_or_default();
        let (look, path) = match first.find('/') {
            Some(at) => first.split_at(at),
            None => (first, ""),
        };
        place.look = read_look(look).unwrap_or_default();
        place.path = (path.len() > 1).then(|| unescape(path));
        for part in parts {
            match part.split_once('=') {
                Some(("find", search)) => place.search = unescape(search),
                Some(("only", name)) => {
                    place.filter = Filter::ALL.into_iter().find(|it| word(*it) == name);
                }
                Some(("by", "size")) => place.sort = Sort::Size,
                Some(_) | None => {}
            }
        }
        place
    }

    /// Writes it for an address.
    #[must_use]
    pub fn written(&self) -> String {
        let mut text = match self.look {
            Look::Image => "image".to_owned(),
            Look::Layer(layer) => format!("layer.{}", layer + 1),
            Look::Changes(layer) => format!("changes.{}", layer + 1),
        };
        if let Some(path) = &self.path {
            text += &escape(path);
        }
        if !self.search.is_empty() {
            text += ";find=";
            text += &escape(&self.search);
        }
        if let Some(filter) = self.filter {
            text += ";only=";
            text += word(filter);
        }
        if self.sort == Sort::Size {
            text += ";by=size";
        }
        text
    }
}

fn read_look(text: &str) -> Option<Look> {
    let number = |text: &str| text.parse::<u32>().ok()?.checked_sub(1);
    match text.split_once('.') {
        Some(("layer", layer)) => number(layer).map(Look::Layer),
        Some(("changes", layer)) => number(layer).map(Look::Changes),
        Some(_) | None => None,
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-+@,*".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(escaped, "~{byte:02x}");
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (byte, behind) = match behind {
            [high, low, behind @ ..] if *first == b'~' => match (digit(*high), digit(*low)) {
                // Two digits are a byte.
                (Some(high), Some(low)) => (u8::try_from(high << 4 | low).unwrap_or(b'~'), behind),
                (None, _) | (_, None) => (b'~', &rest[1..]),
            },
            _ => (*first, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_reads_back_as_itself() {
        for (text, place) in [
            ("image", Place::default()),
            (
                "layer.3/etc/a~20b~3b~25~7e;find=~2a~2f;only=setuid;by=size",
                Place {
                    look: Look::Layer(2),
                    path: Some("/etc/a b;%~".into()),
                    search: "*/".into(),
                    filter: Some(Filter::Setuid),
                    sort: Sort::Size,
                },
            ),
            (
                "changes.1/~c3~a4~5cxff",
                Place {
                    look: Look::Changes(0),
                    path: Some("/ä\\xff".into()),
                    ..Place::default()
                },
            ),
        ] {
            assert_eq!(Place::read(text), place);
            assert_eq!(Place::read(&place.written()), place);
        }
        for filter in Filter::ALL {
            let place = Place {
                filter: Some(filter),
                ..Place::default()
            };
            assert_eq!(Place::read(&place.written()), place);
        }
    }

    #[test]
    fn what_no_place_is_written_like_is_left_out() {
        for text in [
            "",
            "x",
            "layer.0",
            "layer.x",
            "image/;only=x;by=x;find;~",
            "layer.1.2",
        ] {
            assert_eq!(Place::read(text), Place::default(), "{text}");
        }
        assert_eq!(Place::read("image/a~zz~4").path.as_deref(), Some("/a~zz~4"));
    }
}
