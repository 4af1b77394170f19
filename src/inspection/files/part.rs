//! The part of the program that lists files and draws them.

use std::rc::Rc;

use yew::Callback;

use super::page::draw;
use super::{Draw, Files};
use crate::inspection::Msg;
use crate::lazy::{apart, styled};
use crate::shell::Shell;

apart! {
    files:
    /// Brings what draws files.
    fn bring() -> Draw {
        draw
    }
}

/// Loads it before somebody wants it.
pub async fn prepare() {
    let _ = bring().await;
}

/// Loads what lists and draws files.
pub async fn load(shell: Rc<Shell>, link: Callback<Msg>) {
    let loaded = styled(bring()).await.map(|draw| Files { shell, draw });
    link.emit(Msg::FilesLoaded(loaded));
}
