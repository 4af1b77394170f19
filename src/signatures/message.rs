//! What may happen on the panel, and what it needs done.

use std::rc::Rc;

use waybill_signatures::{Given, Report};

use super::{Asked, Kept};

/// What may happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Other signatures are to be checked.
    Came(Rc<Asked>),
    /// Something was pasted, dropped or opened: a name for it, and its bytes.
    Given(Vec<(String, Rc<[u8]>)>),
    /// Something is typed into the box; it is taken as soon as it can be read.
    Typed(String),
    /// Something was given that was not read, and why.
    NotRead(String),
    /// Sigstore's public root was chosen.
    UsePublicRoot,
    /// What was given is to be forgotten.
    Forget,
    /// Whom certificates have to name.
    SignerChanged(String),
    /// A check is done: which one, and what came of each signature.
    Checked(u32, Vec<Report>),
}

/// What needs done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Check all signatures; the number comes back with the answer.
    Check(u32, Rc<Asked>, Rc<Given>),
    /// Keep what was given, as long as the page is open.
    Keep(Kept),
}
