//! What is related to a manifest, as an inspection has it: what looks for it and draws it is a part of the program
//! ([`crate::related`]), loaded when somebody goes to its tab.

use std::fmt;
use std::rc::Rc;

use waybill_core::workflow::inspect::{Current, InspectTarget};
use yew::{Callback, Html};

use super::drawing::Drawing;
use super::{Effect, Inspection, Msg};
use crate::components::element::Element;
use crate::components::listener::send;
use crate::related::{Around, Draw};
use crate::route::Tab;
use crate::shell::Shell;

/// The part of the program, and the shell that it runs in.
#[derive(Clone)]
pub struct Part {
    shell: Rc<Shell>,
    draw: Draw,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Related")
    }
}

impl Inspection {
    /// Tells whether the tab has something to look around: a manifest of a registry.
    #[must_use]
    pub(super) fn has_related(&self) -> bool {
        matches!(self.model.subject, InspectTarget::Registry(_))
            && matches!(self.model.current(), Current::Image(..) | Current::List(..))
    }

    /// Loads the part where its tab is looked at and it is not here.
    pub(super) fn load_related(&self) -> Option<Effect> {
        let is_wanted = self.place.tab == Tab::Related && !matches!(self.related, Some(Ok(_)));
        is_wanted.then_some(Effect::LoadRelated)
    }
}

/// Draws what is related, once its part of the program is here: it stays on the page while other tabs are looked at.
#[must_use]
pub fn drawn(drawing: Drawing<'_>) -> Option<Html> {
    let inspection = drawing.inspection;
    let Some(Ok(part)) = &inspection.related else {
        return None;
    };
    let host = inspection.host()?;
    inspection.has_related().then(|| {
        (part.draw)(Around {
            shell: &part.shell,
            model: &inspection.model,
            source: &inspection.source,
            place: &inspection.place,
            is_shown: inspection.place.tab == Tab::Related,
            choice: drawing.registries.get(host),
        })
    })
}

/// Draws the tab as long as its part of the program is not here.
#[must_use]
pub fn waiting(inspection: &Inspection, link: &Callback<Msg>) -> Option<Element> {
    let fault = match &inspection.related {
        Some(Ok(_)) => return None,
        Some(Err(error)) => Some(("What finds what is related", *error)),
        None => None,
    };
    Some(super::view::waiting(fault, send(link, Msg::LoadRelated)))
}

/// Loads what finds and draws what is related, and sends it back.
pub async fn load(shell: Rc<Shell>, link: Callback<Msg>) {
    let loaded = crate::related::load().await;
    link.emit(Msg::RelatedLoaded(loaded.map(|draw| Part { shell, draw })));
}
