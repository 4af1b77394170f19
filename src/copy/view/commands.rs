//! The same copy by other tools.

use waybill_core::reference::RegistryHost;
use waybill_core::workflow::copy::commands;

use crate::components::custody::step;
use crate::components::element::Element;
use crate::components::text::quiet_line;
use crate::copy::state::{Destination, State};
use crate::pushing::commands::drawn;
use crate::shell::RegistryChoices;

/// Draws this stop of the line; nothing before source and target are known.
pub(super) fn stop(state: &State, registries: &RegistryChoices) -> Option<Element> {
    let target = state
        .target()
        .filter(|_| state.destination == Destination::Registry);
    let (source, target) = (state.source.as_ref()?, target?);
    let chosen = registries.all().iter().filter(|(_, one)| one.plain_http);
    let plain_http: Vec<RegistryHost> = chosen.map(|(host, _)| host.clone()).collect();
    let tools = commands(
        source,
        target,
        &state.tags().unwrap_or_default(),
        &plain_http,
    );
    if tools.is_empty() {
        return None;
    }
    let words = if source.source().archive().is_some() {
        "The same copy, but for what each says it leaves out. The name stands for the file that is \
         open here; of several images in it skopeo wants the name behind a colon, and a folder is \
         oci: or dir: in place of what is named here."
    } else {
        "The same copy, but for what each says it leaves out."
    };
    let body = drawn(&tools, quiet_line(words));
    Some(step("Commands", "the same by other tools", body))
}
