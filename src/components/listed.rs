//! Names in one line, some of them the program's own words.

use super::element::Element;
use super::text::text;
use crate::language::phrase;

/// Draws names of which some are words of the program's own, such as what a tool leaves out: each of these in the
/// language of the page.
pub fn listed(names: &[String]) -> Element {
    let said: Vec<_> = names.iter().map(|name| phrase(name)).collect();
    text(&said.join(&*phrase(", ")))
}
