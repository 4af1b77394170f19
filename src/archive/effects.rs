//! What the page of archives does in the browser.

use std::rc::Rc;

use yew::Callback;

use super::message::{Effect, Heard, Msg};
use crate::browser::archives::{Archives, Said};
use crate::browser::dom;
use crate::browser::workers::thread;
use crate::inspection::layers::{part, validate};
use crate::inspection::{causes, files, load_machine, tabs};
use crate::page::spawn;
use crate::schema1;
use crate::shell::Shell;

/// Runs effects, and holds what the browser has of the archives.
pub(super) struct Effects {
    archives: Archives,
    shell: Rc<Shell>,
}

impl Effects {
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        Self {
            archives: Archives::new(),
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&self, effect: Effect, link: &Callback<Msg>) {
        match effect {
            Effect::Open(number, given) => {
                let tell = link.reform(|(number, said)| Msg::Heard(number, heard(said)));
                self.archives.open(number, given.number, tell);
            }
            Effect::Unpack(number) => self.archives.unpack(number),
            Effect::Read(number, all) => self.archives.read(number, all),
            Effect::Cancel(number) => self.archives.cancel(number),
            Effect::Serve(number, name, contents) => self.archives.serve(number, name, contents),
            Effect::Close(number) => self.archives.close(number),
            Effect::Prepare => spawn(prepare()),
            Effect::Request(request) => self.shell.request.emit(request),
        }
    }
}

fn heard(said: Said) -> Heard {
    match said {
        Said::Event(event) => Heard::Event(event),
        Said::Unpacked(size) => Heard::Unpacked(size),
        Said::Stopped(why) => Heard::Stopped(why),
    }
}

/// Loads all that shows an image, and the programs of its workers, before somebody wants them: what was opened in this
/// tab is looked at without a network. What does not come is loaded again when it is wanted.
async fn prepare() {
    if dom::is_offline() {
        return;
    }
    let _ = tabs::load_styled().await;
    part::prepare().await;
    files::part::prepare().await;
    let _ = validate::load().await;
    let _ = causes::load().await;
    let _ = load_machine().await;
    let _ = schema1::load_reading().await;
    thread::prepare();
}
