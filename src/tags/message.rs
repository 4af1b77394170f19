//! What happens on the page of Tags, and what it needs done.

use waybill_core::digest::Digest;
use waybill_core::reference::Tag;
use waybill_core::tags::{Kind, Order};
use waybill_core::view::Action;
use waybill_core::workflow::{catalog, tags as workflow};

use crate::shell::{PageCommand, Request};

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(PageCommand),
    /// Something happened to the list.
    Workflow(workflow::Msg),
    /// Something happened to the list of repositories.
    Catalog(catalog::Msg),
    /// The filter changed.
    Filter(String),
    /// Another order was chosen.
    Order(Order),
    /// Tags of that kind are to be shown, or folded again.
    Fold(Kind),
    /// The page of rows from that one on was chosen.
    Rows(usize),
    /// A key was pressed in the filter or on a row.
    Key(Place, Key),
    /// A tag was ticked, or is not any more.
    Tick(Tag),
    /// Nothing is to be ticked.
    Untick,
    /// All tags of that digest are to be found.
    Find(Digest),
    /// All tags are to be shown again.
    ShowAll,
    /// A button of an error was pressed.
    Action(Action),
}

/// Where the focus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the filter.
    Filter,
    /// On the row of that number, of all rows.
    Row(usize),
}

/// A key that does something there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The row above.
    Up,
    /// The row below.
    Down,
    /// A page of rows up.
    PageUp,
    /// A page of rows down.
    PageDown,
    /// The first row.
    Home,
    /// The last row.
    End,
    /// Tick the row.
    Space,
    /// In the filter: inspect the first tag.
    Enter,
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// For the list.
    Workflow(workflow::Effect),
    /// For the list of repositories.
    Catalog(catalog::Effect),
    /// Move the focus to the row of that number.
    FocusRow(usize),
    /// Move the focus to the heading, where what had it is gone.
    KeepFocus,
    /// Ask the shell.
    Request(Request),
}
