//! What is typed for a source or a target: a reference, also as tools write it.

use waybill_core::reference::{Reference, ReferenceError};

/// A text and what it names.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// As it was typed.
    pub text: String,
    /// What it names; `None` where nothing is typed.
    pub read: Option<Result<Reference, ReferenceError>>,
    /// Whether it says that its registry speaks plain http.
    pub plain_http: bool,
}

impl Place {
    /// Reads a text: a reference, or one behind `docker://`, `https://` or `http://`.
    #[must_use]
    pub fn new(text: String) -> Self {
        let named = text.trim();
        let bare = ["docker://", "https://", "http://"]
            .iter()
            .find_map(|scheme| named.strip_prefix(scheme))
            .unwrap_or(named);
        let read = (!bare.is_empty()).then(|| bare.parse());
        Self {
            read,
            plain_http: named.starts_with("http://"),
            text,
        }
    }

    /// The reference, where there is one.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.read.as_ref()?.as_ref().ok()
    }

    /// The text for an address.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.plain_http { "http://" } else { "" };
        let named = self.reference().map(Reference::familiar);
        [scheme, &named.unwrap_or_default()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_tools_write_it() {
        let read = |text: &str| Place::new(text.to_owned()).address();
        assert_eq!(read(" docker://nginx:1.27 "), "nginx:1.27");
        assert_eq!(read("http://r.example/a"), "http://r.example/a");
        assert_eq!(read("https://r.example/a:1"), "r.example/a:1");
        assert_eq!(
            (read(""), read("not a reference")),
            (String::new(), String::new())
        );
    }
}
