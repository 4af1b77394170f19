//! stub
use crate::local_content::{Import, LocalContent};
use crate::shell::Mount;
use waybill_core::reference::Reference;
/// x
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// x
    Show,
    /// x
    Hide,
    /// x
    Open(Content),
    /// x
    Add(Content),
    /// x
    Import(Import),
    /// x
    Retry,
}
/// x
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// x
    Registry(Reference),
    /// x
    Local(Vec<LocalContent>),
}
/// x
pub async fn load() -> Result<Mount<Command>, crate::lazy::LoadError> {
    Err(crate::lazy::LoadError::Failed)
}
/// x
#[derive(Debug)]
pub struct State;
/// x
#[derive(Clone, Debug)]
pub enum Msg {
    /// x
    Command(Command),
}
/// x
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// x
    Request(crate::shell::Request),
    /// x
    Other,
}
impl State {
    /// x
    pub fn new(_: Option<&str>) -> Self {
        Self
    }
    /// x
    pub fn update(&mut self, _: Msg) -> Vec<Effect> {
        Vec::new()
    }
}

/// x
pub mod view {
    /// x
    pub fn page(
        _: &super::State,
        _: &crate::shell::Registries,
        _: &yew::Callback<super::Msg>,
    ) -> yew::Html {
        yew::Html::default()
    }
}
