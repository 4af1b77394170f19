//! What the views of an inspection are given.

use yew::Callback;

use super::{Inspection, Msg};
use crate::shell::{PageOrigin, RegistryChoices};

/// What is drawn of an inspection, and what hears it.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'a> {
    /// The inspection.
    pub inspection: &'a Inspection,
    /// What is set, by registry.
    pub registries: &'a RegistryChoices,
    /// Where the page came from.
    pub origin: &'a PageOrigin,
    /// Takes what a person does.
    pub link: &'a Callback<Msg>,
}
