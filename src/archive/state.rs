//! The state of the page of archives: messages in, effects out.

use std::collections::BTreeSet;

use waybill_blobs::archive::message::{Event, Failure, Told, ToldImage};
use waybill_blobs::archive::{Form, Verdict};
use waybill_blobs::sniff::Compression;
use waybill_core::reference::ARCHIVE_HOST;

use super::message::{Effect, Heard, Msg};
use crate::components::heading::HEADING;
use crate::local_content::GivenArchive;
use crate::route::Route;
use crate::shell::{PageCommand, Request};

/// How many characters of a file's name stand in an address.
const NAME_CHARACTERS: usize = 60;

/// Holds the archives that are open in this tab. Only [`State::update`] changes it.
#[derive(Debug, Default)]
pub struct State {
    /// What the address names, with what stands behind the archive's name; `None` while another page is shown.
    pub shown: Option<String>,
    /// All that were opened, in their order.
    pub opened: Vec<Opened>,
    /// The number of the next one.
    next: usize,
}

/// One archive.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The number by which the browser's side knows it.
    pub number: usize,
    /// Its name in addresses.
    pub name: String,
    /// The name of the file or folder.
    pub file: String,
    /// How many bytes the file has; `None` of a folder.
    pub size: Option<u64>,
    /// How it is compressed as a whole, where it is.
    pub compression: Option<Compression>,
    /// How many bytes came of unpacking that.
    pub unpacked: Option<u64>,
    /// How far it is.
    pub phase: Phase,
    /// The images that are chosen to go elsewhere, by their places.
    pub chosen: BTreeSet<usize>,
}

/// How far an archive is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Its headers and documents are read.
    Opening(Progress),
    /// It is compressed as a whole, and is unpacked.
    Unpacking(Progress),
    /// It is open.
    Open(Box<Told>, Task),
    /// It could not be opened.
    Failed(Failure),
}

/// So many bytes of so many, and what they unpacked to.
pub type Progress = (u64, u64, u64);

/// What is done with an open archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Nothing.
    None,
    /// All of it is read, or what its digests need alone.
    Reading {
        /// Whether all of it.
        all: bool,
        /// How far that is.
        progress: Progress,
    },
    /// Somebody stopped that.
    Cancelled,
    /// It could not be done.
    Failed(Failure),
}

impl State {
    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Command(PageCommand::Show(shown)) => {
                self.shown = Some(shown.trim_start_matches('/').to_owned());
                let mut effects = vec![self.title()];
                effects.push(Effect::Request(Request::Focus(HEADING)));
                effects
            }
            Msg::Command(PageCommand::Hide) => {
                self.shown = None;
                Vec::new()
            }
            Msg::Command(PageCommand::Open(given)) => self.open(given),
            // It asks no registry.
            Msg::Command(PageCommand::Retry) => Vec::new(),
            Msg::Heard(number, heard) => self.hear(number, heard),
            Msg::Read { all } => {
                let Some(opened) = self.current_mut() else {
                    return Vec::new();
                };
                let Phase::Open(told, task) = &mut opened.phase else {
                    return Vec::new();
                };
                let of = if all { told.to_verify } else { told.to_measure };
                let progress = (0, of, 0);
                *task = Task::Reading { all, progress };
                vec![Effect::Read(opened.number, all)]
            }
            Msg::Choose(place, is_chosen) => {
                let chosen = self.current_mut().map(|opened| &mut opened.chosen);
                if let Some(chosen) = chosen
                    && !(is_chosen && chosen.insert(place))
                {
                    chosen.remove(&place);
                }
                Vec::new()
            }
            Msg::Cancel => self.cancel(),
            Msg::Close => {
                let Some(number) = self.current().map(|opened| opened.number) else {
                    return Vec::new();
                };
                self.opened.retain(|opened| opened.number != number);
                vec![
                    Effect::Close(number),
                    self.tell_opened(),
                    Effect::Request(Request::Navigate(Route::archive(""))),
                ]
            }
        }
    }

    /// Tells whether the page looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Heard(number, _) => self
                .current()
                .is_some_and(|opened| opened.number == *number),
            Msg::Command(_) | Msg::Read { .. } | Msg::Choose(..) | Msg::Cancel | Msg::Close => true,
        }
    }

    /// Finds the archive that the address names.
    #[must_use]
    pub fn current(&self) -> Option<&Opened> {
        let name = self.wanted()?;
        self.opened.iter().find(|opened| opened.name == name)
    }

    fn current_mut(&mut self) -> Option<&mut Opened> {
        let name = self.wanted()?.to_owned();
        self.opened.iter_mut().find(|opened| opened.name == name)
    }

    /// Returns the name of the archive that the address names, whether it is open or not.
    #[must_use]
    pub fn wanted(&self) -> Option<&str> {
        let shown = self.shown.as_deref()?;
        shown.split(['@', '/', '?']).next()
    }

    fn title(&self) -> Effect {
        let name = match self.current() {
            Some(opened) => &opened.file,
            None => match self.wanted() {
                None | Some("") => "Archives",
                Some(name) => name,
            },
        };
        Effect::Request(Request::Title([name, " · Waybill"].concat()))
    }

    /// Opens what was given; one of a name that is open already takes its place, since it is that file once more.
    fn open(&mut self, given: Vec<GivenArchive>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut first = None;
        for given in given {
            let before = self
                .opened
                .iter()
                .position(|opened| opened.file == given.name);
            let before = before.map(|place| self.opened.remove(place));
            effects.extend(before.iter().map(|before| Effect::Close(before.number)));
            let name = before.map_or_else(|| self.name(&given.name), |before| before.name);
            first.get_or_insert_with(|| name.clone());
            self.opened.push(Opened {
                number: self.next,
                name,
                file: given.name.clone(),
                size: given.size,
                compression: None,
                unpacked: None,
                phase: Phase::Opening((0, given.size.unwrap_or_default(), 0)),
                chosen: BTreeSet::new(),
            });
            effects.push(Effect::Open(self.next, given));
            self.next += 1;
        }
        effects.push(self.tell_opened());
        // Who waits for something in an archive that was named stays there.
        if self.wanted().is_none() || self.wanted() != first.as_deref() {
            effects.extend(
                first.map(|name| Effect::Request(Request::Navigate(Route::archive(&name)))),
            );
        }
        effects
    }

    /// Makes the name of an archive in addresses, which has to be that of a repository.
    fn name(&self, file: &str) -> String {
        let mut name = String::new();
        for character in file.chars().take(NAME_CHARACTERS) {
            match character.to_ascii_lowercase() {
                letter @ ('a'..='z' | '0'..='9') => name.push(letter),
                '.' if !name.ends_with(['.', '-']) && !name.is_empty() => name.push('.'),
                _ if !name.ends_with(['.', '-']) && !name.is_empty() => name.push('-'),
                _ => {}
            }
        }
        let name = name.trim_end_matches(['.', '-']);
        let name = if name.is_empty() { "archive" } else { name };
        let is_free = |name: &str| self.opened.iter().all(|opened| opened.name != name);
        let mut candidates = (2..).map(|number: usize| format!("{name}-{number}"));
        if is_free(name) {
            name.to_owned()
        } else {
            candidates.find(|name| is_free(name)).unwrap_or_default()
        }
    }

    /// Tells the shell which archives are open.
    fn tell_opened(&self) -> Effect {
        let open = self.opened.iter();
        let open = open.filter(|opened| matches!(opened.phase, Phase::Open(..)));
        let names = open.map(|opened| opened.name.clone()).collect();
        Effect::Request(Request::Opened(names))
    }

    fn hear(&mut self, number: usize, heard: Heard) -> Vec<Effect> {
        let shown = self.current().map(|opened| opened.number);
        let Some(opened) = self.opened.iter_mut().find(|it| it.number == number) else {
            return Vec::new();
        };
        match heard {
            Heard::Event(Event::Progress { done, of, unpacked }) => {
                let now = (done, of, unpacked);
                match &mut opened.phase {
                    Phase::Opening(progress)
                    | Phase::Unpacking(progress)
                    | Phase::Open(_, Task::Reading { progress, .. }) => *progress = now,
                    Phase::Open(..) | Phase::Failed(_) => {}
                }
                Vec::new()
            }
            Heard::Event(Event::Packed(compression)) => {
                if opened.unpacked.is_some() {
                    let why = "what it unpacks to is compressed again: unpack it, and open that";
                    opened.phase = Phase::Failed(Failure::Other(why.to_owned()));
                    return Vec::new();
                }
                opened.compression = Some(compression);
                opened.phase = Phase::Unpacking((0, opened.size.unwrap_or_default(), 0));
                vec![Effect::Unpack(number)]
            }
            Heard::Unpacked(size) => {
                opened.unpacked = Some(size);
                opened.phase = Phase::Opening((0, size, 0));
                Vec::new()
            }
            Heard::Event(Event::Told(told)) => {
                let contents = told.contents.clone().into();
                let serve = Effect::Serve(number, opened.name.clone(), contents);
                let is_first = !matches!(opened.phase, Phase::Open(..));
                if is_first {
                    opened.chosen = first_choice(&told);
                }
                opened.phase = Phase::Open(told, Task::None);
                let mut effects = vec![serve];
                if is_first {
                    effects.push(self.tell_opened());
                    effects.push(Effect::Prepare);
                }
                // Who looked at it hears what came of it.
                if shown == Some(number) {
                    effects.push(Effect::Request(Request::Focus(HEADING)));
                }
                effects
            }
            Heard::Event(Event::Failed(failure)) => {
                opened.fail(failure);
                Vec::new()
            }
            Heard::Stopped(why) => {
                opened.fail(Failure::Other(why));
                Vec::new()
            }
            Heard::Event(Event::Ready | Event::Unpacked) => Vec::new(),
        }
    }

    fn cancel(&mut self) -> Vec<Effect> {
        let Some(opened) = self.current_mut() else {
            return Vec::new();
        };
        let number = opened.number;
        match &mut opened.phase {
            Phase::Open(_, task) => {
                *task = Task::Cancelled;
                vec![Effect::Cancel(number)]
            }
            Phase::Opening(_) | Phase::Unpacking(_) | Phase::Failed(_) => self.update(Msg::Close),
        }
    }
}

impl Opened {
    fn fail(&mut self, failure: Failure) {
        match &mut self.phase {
            Phase::Open(_, task) => *task = Task::Failed(failure),
            Phase::Opening(_) | Phase::Unpacking(_) | Phase::Failed(_) => {
                self.phase = Phase::Failed(failure);
            }
        }
    }
}

/// Says where an image is, for other pages: the reference by which the archive answers for it; `None` where there is
/// nothing to answer with.
#[must_use]
pub(super) fn reference(opened: &Opened, image: &ToldImage) -> Option<String> {
    let digest = image.digest.as_ref().filter(|_| image.is_here)?;
    let made = if image.made { "/made" } else { "" };
    Some([ARCHIVE_HOST, "/", &opened.name, made, "@", digest.as_str()].concat())
}

/// Tells whether an image is listed by an index of the same archive.
pub(super) fn is_listed(told: &Told, image: &ToldImage) -> bool {
    let lists = told.images.iter().filter_map(|it| it.lists.as_ref());
    let mut listed = lists.flatten();
    image
        .digest
        .as_ref()
        .is_some_and(|own| listed.any(|it| it == own))
}

/// Chooses the one image that there is, or the index of all; of several nothing.
fn first_choice(told: &Told) -> BTreeSet<usize> {
    let places = told.images.iter().enumerate();
    let mut own = places.filter(|(_, image)| !is_listed(told, image));
    match (own.next(), own.next()) {
        (Some((place, image)), None) if image.may_be_pushed => BTreeSet::from([place]),
        _ => BTreeSet::new(),
    }
}

/// Says in a few words what an archive is: who writes such ones.
pub(super) fn form(told: &Told) -> &'static str {
    match told.form {
        Form::DockerArchive => "docker save",
        Form::OciArchive => "OCI layout in a tar file",
        Form::OciLayout => "OCI layout",
        Form::Hybrid => "docker save and OCI layout at once",
        Form::Directory => "skopeo's dir:",
        Form::Legacy => "docker save before 1.10",
        Form::RootFileSystem => "a file system, not an image",
        Form::None => "no archive of images",
    }
}

/// The worst verdict on its images; `None` where they were not read.
pub(super) fn verdict(told: &Told) -> Option<Verdict> {
    let verdicts = told.images.iter().map(|image| image.verdict);
    verdicts.collect::<Option<Vec<_>>>()?.into_iter().max()
}
