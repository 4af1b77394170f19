//! What the shell tells Inspect.

use waybill_core::reference::RegistryHost;

use crate::route::{InspectSource, View};

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show this place. What is inspected there already is not fetched again.
    Show(InspectSource, View),
    /// Show this place, and fetch it again.
    ShowAnew(InspectSource, View),
    /// Another page is shown: stop what is under way.
    Hide,
    /// Try again what failed.
    Retry,
    /// What is set for that registry changed: try again what failed there, and lead to what comes of it.
    SettingsChanged(RegistryHost),
    /// Everything set for that registry is forgotten: what is still to come from there is asked for without it.
    Forgotten(RegistryHost),
}
