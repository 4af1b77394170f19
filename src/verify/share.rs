//! Links that hold a content: one is made of what is looked at, and one that somebody shared is opened.

use waybill_core::workflow::verify::{Report, from_link, to_link};

use super::message::Effect;
use super::state::{EXPECTED, State};
use crate::inspection;
use crate::inspection::share::SHARE;
use crate::limits::LINK_CHARACTERS;
use crate::local_content::{HistoryEntry, Import, LocalContent};
use crate::route::{InspectSource, Route, View};
use crate::shell::Request;

/// A link that holds a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLink {
    /// The link; `None` where it would be too long.
    pub text: Option<String>,
    /// Its length in characters.
    pub length: usize,
    /// The content's length in bytes.
    pub bytes: usize,
}

impl State {
    /// Makes a link with the content that is looked at and what is expected, and shows it.
    pub(super) fn share(&mut self) -> Vec<Effect> {
        let Some(given) = self.files().get(self.index()) else {
            return Vec::new();
        };
        let expected = self.report.as_ref().and_then(Report::asked);
        let expected = expected.map_or_else(String::new, |expected| expected.digest.to_string());
        // Base64 has 4 characters for 3 bytes: what would be far too long is not made.
        let bytes = given.bytes.len();
        let address = self.address();
        let route = |content| Route::Shared { content, expected }.to_string();
        let (text, length) = if bytes <= LINK_CHARACTERS {
            let text = [address, &route(to_link(&given.bytes))].concat();
            let length = text.len();
            ((length <= LINK_CHARACTERS).then_some(text), length)
        } else {
            let around = route(String::new()).len() + "content=&".len();
            (None, address.len() + around + (bytes * 4).div_ceil(3))
        };
        self.link = Some(SharedLink {
            text,
            length,
            bytes,
        });
        // The link is there at once; the verdict and the report come with their part of the program.
        vec![
            Effect::Request(Request::OpenDialog(SHARE)),
            Effect::Inspection(inspection::Effect::LoadShare),
        ]
    }

    /// Opens a link that somebody shared. The address loses the content; the history entry keeps it.
    pub(super) fn show_shared(&mut self, content: &str, expected: String) -> Vec<Effect> {
        let mut import = Import::default();
        match from_link(content) {
            Some(bytes) if !bytes.is_empty() => {
                let shared = LocalContent::new("The shared content", bytes, true);
                import.files.push(shared);
            }
            Some(_) => {}
            None => {
                let why = "it is not base64url any more: it was cut or changed on its way";
                import
                    .left_out
                    .push(("The content of this link".into(), why));
            }
        }
        let entry = HistoryEntry::new(import.without_credentials(), expected);
        let route = Route::Inspect(InspectSource::Verify(0), View::default());
        let mut effects = vec![Effect::Request(Request::SaveHistory(entry.clone(), route))];
        effects.extend(self.show(0, View::default(), Some(entry)));
        if self.inspection.is_none() {
            effects.push(Effect::Request(Request::Focus(EXPECTED)));
        }
        effects
    }
}
