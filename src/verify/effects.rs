//! What Verify does in the browser.

use yew::html::Scope;

use super::command::Command;
use super::page::VerifyPage;
use super::state::{Effect, Msg};
use crate::browser::clipboard;
use crate::inspection::{self, check_signatures};
use crate::shell::Props;

/// Runs one effect. What comes of it is sent back as a message.
pub(super) fn run(effect: Effect, props: &Props<Command>, link: &Scope<VerifyPage>) {
    match effect {
        Effect::Request(request) | Effect::Inspection(inspection::Effect::Request(request)) => {
            props.shell.emit(request);
        }
        Effect::Inspection(inspection::Effect::CheckSignatures { key, signed }) => {
            link.send_future(async move { Msg::Inspection(check_signatures(key, signed).await) });
        }
        // Its contents are here, so nothing is fetched.
        Effect::Inspection(inspection::Effect::Fetch { .. } | inspection::Effect::Abort) => {}
        Effect::ReadClipboard => {
            link.send_future(async { Msg::ClipboardRead(clipboard::read().await) });
        }
    }
}
