//! What the page of archives does in the browser.

use std::rc::Rc;

use yew::Callback;

use super::message::{Effect, Heard, Msg};
use crate::browser::archives::{Archives, Said};
use crate::inspection::prepare;
use crate::page::spawn;
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
