//! What did not go well, line by line.

use super::element::{Element, el};

/// Draws lines, each an `li`, that are told to those too who do not see the page; `None` where there are none.
#[must_use]
#[inline(never)]
pub fn alert(lines: Vec<Element>) -> Option<Element> {
    let alert = el("div").attr("role", "alert");
    (!lines.is_empty()).then(|| alert.child(el("ul").children(lines)))
}
