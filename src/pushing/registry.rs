//! Who asks at a registry.

use waybill_core::reference::RegistryHost;
use yew::{Callback, Event};

use crate::components::element::{Element, button, el};
use crate::components::text::quiet;
use crate::shell::RegistryChoices;

/// Draws who is asking at a registry, and where that is set.
pub fn registry(
    host: &RegistryHost,
    registries: &RegistryChoices,
    on_press: Callback<Event>,
) -> Element {
    let user = registries
        .get(host)
        .and_then(|choice| choice.username.as_deref());
    let words = user.map_or_else(
        || "without credentials".to_owned(),
        |user| ["as ", user].concat(),
    );
    let open = button("Settings", on_press)
        .attr("aria-label", ["Settings for ", host.as_str()].concat())
        .attr("aria-haspopup", "dialog")
        .class("link");
    el("span").class("registry").child(quiet(words)).child(open)
}
