//! What tables share, and how long ones are turned over page by page.

use waybill_core::humanize::number;
use yew::{Callback, Event};

use super::element::{Element, EventKind, el};
use super::text::quiet;

/// Draws a table's caption and head, for the caller to append the body; `heads` gives each column's title and class.
pub fn table(caption: &str, heads: &[(&str, Option<&'static str>)]) -> Element {
    let head = |(title, class): &(&str, _)| {
        el("th")
            .attr("scope", "col")
            .attr("class", *class)
            .child(*title)
    };
    el("table")
        .child(el("caption").child(caption))
        .child(el("thead").child(el("tr").children(heads.iter().map(head))))
}

/// Makes a cell of that class.
pub fn cell(class: &'static str) -> Element {
    el("td").class(class)
}

/// Says which rows of a long table, or lines of long content, are drawn: a browser that has to draw 15,000 stands
/// still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageOfRows {
    /// The first row, counted from 0.
    pub from: usize,
    /// How many rows a page has.
    pub length: usize,
    /// How many rows there are.
    pub of: usize,
}

impl PageOfRows {
    /// Tells whether there is more than one page.
    #[must_use]
    pub fn is_part(self) -> bool {
        self.of > self.length
    }

    /// Returns the first row of the last page.
    fn last(self) -> usize {
        self.of.saturating_sub(1) / self.length * self.length
    }

    /// Draws the buttons that turn the pages; `None` where there is one page only. `what` names the rows, `go` makes
    /// the listener that shows the page from a row on.
    pub fn turner(
        self,
        what: &'static str,
        go: &dyn Fn(usize) -> Callback<Event>,
    ) -> Option<Element> {
        let Self { from, length, of } = self;
        // A button stays where nothing is left in its direction, so that the focus stays on it.
        let turn = |name: &str, to: usize| {
            let off = (to == from).then_some("true");
            el("button")
                .attr("type", "button")
                .attr("aria-disabled", off)
                .on(EventKind::Click, go(to))
                .child(name)
        };
        let (last, end) = (self.last(), of.min(from + length));
        let shown = [
            what,
            " ",
            &number(from as u64 + 1),
            " to ",
            &number(end as u64),
            " of ",
            &number(of as u64),
        ];
        self.is_part().then(|| {
            el("nav")
                .attr("aria-label", what)
                .class("row")
                .child(turn("First", 0))
                .child(turn("Previous", from.saturating_sub(length)))
                .child(el("span").attr("role", "status").child(shown.concat()))
                .child(turn("Next", (from + length).min(last)))
                .child(turn("Last", last))
                .child(quiet("The browser's search finds only what is drawn."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PageOfRows;

    #[test]
    fn the_last_page_has_what_is_left() {
        let last = |of| {
            PageOfRows {
                from: 0,
                length: 50,
                of,
            }
            .last()
        };
        assert_eq!([0, 1, 50, 51, 100, 101].map(last), [0, 0, 0, 50, 50, 100]);
    }
}
