//! What tables share.

use super::element::{Element, el};

/// A table's caption and head, for its body to be put into; each column has its class.
pub fn table(caption: &str, heads: &[(&str, Option<&'static str>)]) -> Element {
    let head = |(title, class): &(&str, _)| el("th").attr("scope", "col").attr("class", *class).child(*title);
    let heads = el("tr").children(heads.iter().map(head));
    el("table").child(el("caption").child(caption)).child(el("thead").child(heads))
}

/// A cell.
pub fn cell(class: &'static str) -> Element {
    el("td").class(class)
}
