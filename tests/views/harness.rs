//! Leads a state to where it shall be: messages in, and the fetches it asks for answered by hand.

use std::rc::Rc;

use waybill::inspection::layers::part;
use waybill::inspection::share::Begin;
use waybill::inspection::{self, Inspection};
use waybill::local_content::{Import, LocalContent};
use waybill::route::{PartPage, Route};
use waybill::shell::PageOrigin;
use waybill::theme::Theme;
use waybill::{app, archive, compose, copy, diff, inspect, tags, verify};
use waybill_core::digest::Digest;
use waybill_core::manifest::schema1::Signed;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::error::{ErrorAnswer, RegistryError};
use waybill_core::registry::transport::{Response, Via};
use waybill_core::workflow::catalog;
use waybill_core::workflow::compose::{ContentKind, Effect as Want, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey};
use waybill_core::workflow::layers::{
    self as reading, Effect as Reading, Msg as Reads, ReadingId, Wanted,
};
use waybill_core::workflow::tags::{Effect as ListEffect, Msg as Lists};
use waybill_testkit::fixtures::{self, Fixture};
use waybill_testkit::signature;
use yew::{Callback, Html};

/// When Share is pressed: 2026-11-29 12:00:00 UTC.
pub(crate) const SHARED_AT: i64 = 1_795_953_600;

/// The whole page: the shell, its pages, and what they wait for. It does between them what the components do.
pub(crate) struct Harness {
    /// The shell.
    pub(crate) app: app::State,
    /// Inspect.
    pub(crate) inspect: inspect::State,
    /// Verify.
    pub(crate) verify: verify::State,
    /// Compose; `None` until it is loaded.
    pub(crate) compose: Option<compose::State>,
    /// The archives.
    pub(crate) archives: archive::State,
    /// Copy; `None` until it is loaded.
    pub(crate) copy: Option<copy::State>,
    pub(crate) several: Option<copy::several::State>,
    /// Diff; `None` until it is loaded.
    pub(crate) diff: Option<diff::State>,
    /// Tags.
    pub(crate) tags: tags::State,
    /// Where the page came from.
    pub(crate) origin: PageOrigin,
    /// The work that the tab kept.
    pub(crate) kept: Option<String>,
    /// Whether it goes where the shell would go, and loads what it would load.
    follows: bool,
    /// What was done, in the order in which it was.
    done: Vec<Done>,
    /// What Inspect waits for.
    waiting: Vec<(Generation, ContentKey)>,
    /// The layers that are being read.
    readings: Vec<(ReadingId, Wanted)>,
    /// What Compose waits for.
    wanted: Vec<(Generation, Reference, ContentKind)>,
    /// What Tags waits for.
    listing: Vec<ListEffect>,
    /// What it waits for where it lists repositories.
    catalog: Vec<catalog::Effect>,
}

/// What was done outside of the states.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Done {
    /// By the shell.
    Shell(app::Effect),
    /// By Inspect.
    Inspect(inspection::Effect),
    /// By Verify.
    Verify(verify::Effect),
    /// By Compose.
    Compose(compose::Effect),
    /// By the archives.
    Archive(archive::Effect),
    /// By Copy.
    Copy(copy::Effect),
    /// By Copy, of several images.
    Several(copy::several::Effect),
    /// By Diff.
    Diff(diff::Effect),
    /// By Tags.
    Tags(tags::Effect),
}

impl PartialEq<app::Effect> for Done {
    fn eq(&self, other: &app::Effect) -> bool {
        matches!(self, Self::Shell(effect) if effect == other)
    }
}

impl Harness {
    /// The page at an address, without the `#`.
    pub(crate) fn at(address: &str) -> Self {
        let mut harness = Self::new(true);
        harness.go(address);
        harness
    }

    /// The page with bytes that were dropped on it.
    pub(crate) fn opened(name: &str, bytes: &[u8], exact: bool) -> Self {
        let mut harness = Self::at("/");
        harness.give(&[(name, bytes)], exact);
        harness
    }

    /// The page before its first address. Unless it `follows`, what the shell would go to or load is only told.
    pub(crate) fn new(follows: bool) -> Self {
        let origin = PageOrigin {
            host: "waybill.example".into(),
            address: "http://waybill.example/".into(),
        };
        let mut harness = Self {
            app: app::State::new(Theme::System),
            inspect: inspect::State::new(origin.clone()),
            verify: verify::State::new(origin.clone()),
            compose: None,
            archives: archive::State::default(),
            copy: None,
            several: None,
            diff: None,
            // 28 November 2026.
            tags: tags::State::new(origin.clone(), 1_795_824_000),
            origin,
            kept: None,
            follows,
            done: Vec::new(),
            waiting: Vec::new(),
            readings: Vec::new(),
            wanted: Vec::new(),
            listing: Vec::new(),
            catalog: Vec::new(),
        };
        harness.send(app::Msg::InspectMounted(Callback::noop()));
        harness
    }

    /// Drops contents on the page.
    pub(crate) fn give(&mut self, contents: &[(&str, &[u8])], exact: bool) -> Vec<Done> {
        let given = |(name, bytes): &(&str, &[u8])| LocalContent::new(*name, *bytes, exact);
        self.send(app::Msg::Import(Import {
            files: contents.iter().map(given).collect(),
            ..Import::default()
        }))
    }

    /// Goes to another address, without the `#`.
    pub(crate) fn go(&mut self, address: &str) -> Vec<Done> {
        self.send(app::Msg::Route(Route::parse(address), None))
    }

    /// Sends a message to the shell, and does what the page would do then, but for the fetches: these wait. Signatures
    /// are checked. Returns what was done.
    pub(crate) fn send(&mut self, msg: app::Msg) -> Vec<Done> {
        let effects = self.app.update(msg);
        self.run_shell(effects);
        std::mem::take(&mut self.done)
    }

    /// Sends a message to the inspection of the page that is shown.
    pub(crate) fn inspection(&mut self, msg: inspection::Msg) -> Vec<Done> {
        self.update_inspection(msg);
        std::mem::take(&mut self.done)
    }

    /// Presses the button that checks layers, and the next one where it is a list's.
    pub(crate) fn check_layers(mut self) -> Self {
        self.update_inspection(inspection::Msg::Layers(inspection::layers::Msg::Open(
            false,
        )));
        self
    }

    /// Presses the button that validates.
    pub(crate) fn validate(mut self) -> Self {
        self.update_inspection(inspection::Msg::Layers(inspection::layers::Msg::Open(true)));
        self
    }

    /// Sends a message to the check of layers.
    pub(crate) fn layers(mut self, msg: Reads) -> Self {
        self.update_inspection(part::told(msg));
        self
    }

    /// Has each layer that is being read tell what `event` says of it, by its number, until none is left that it says
    /// something of.
    pub(crate) fn read_layers(
        mut self,
        event: impl Fn(usize, &Wanted) -> Option<reading::Event>,
    ) -> Self {
        let mut number = 0;
        while number < self.readings.len() {
            let (reading, wanted) = self.readings[number].clone();
            if let Some(event) = event(number, &wanted) {
                self = self.layers(Reads::Told { reading, event });
            }
            number += 1;
        }
        self
    }

    /// Has the layers that are being read be so far, two seconds after they began.
    pub(crate) fn layers_came(self, received: u64) -> Self {
        let progress = |now, received| {
            let bytes = reading::Bytes {
                received,
                unpacked: 3 * received,
            };
            let all = self.readings.iter().map(|(id, _)| (*id, bytes));
            Reads::Progress {
                now,
                all: all.collect(),
            }
        };
        let (begin, then) = (progress(0, 0), progress(2_000, received));
        self.layers(begin).layers(then)
    }

    /// Sends a message to Verify.
    pub(crate) fn verify(&mut self, msg: verify::Msg) -> Vec<Done> {
        let effects = self.verify.update(msg);
        self.run_verify(effects);
        std::mem::take(&mut self.done)
    }

    /// The inspection of the page that is shown.
    pub(crate) fn inspected(&self) -> Option<&Inspection> {
        self.inspect
            .inspection
            .as_ref()
            .or(self.verify.inspection.as_ref())
    }

    fn update_inspection(&mut self, msg: inspection::Msg) {
        if self.verify.shown.is_some() {
            let effects = self.verify.update(verify::Msg::Inspection(msg));
            self.run_verify(effects);
        } else {
            let effects = self.inspect.update(inspect::Msg::Inspection(msg));
            self.run_inspect(effects);
        }
    }

    fn shell(&mut self, msg: app::Msg) {
        let effects = self.app.update(msg);
        self.run_shell(effects);
    }

    fn run_shell(&mut self, effects: Vec<app::Effect>) {
        for effect in effects {
            match effect {
                app::Effect::Inspect(command) => {
                    let effects = self.inspect.update(inspect::Msg::Command(command));
                    self.run_inspect(effects);
                }
                app::Effect::Verify(command) => {
                    let effects = self.verify.update(verify::Msg::Command(command));
                    self.run_verify(effects);
                }
                app::Effect::Compose(command) => {
                    self.update_compose(compose::Msg::Command(command));
                }
                app::Effect::Part(PartPage::Copy, command) => {
                    self.update_copy(copy::Msg::Command(command));
                }
                app::Effect::Part(PartPage::Diff, command) => {
                    self.update_diff(diff::Msg::Command(command));
                }
                app::Effect::Part(PartPage::Tags, command) => {
                    self.update_tags(tags::Msg::Command(command));
                }
                app::Effect::Part(PartPage::Archive, command) => {
                    self.update_archives(archive::Msg::Command(command));
                }
                app::Effect::LoadPart(page) if self.follows => {
                    self.shell(app::Msg::PartLoaded(page, Ok(|_| Html::default())));
                    match page {
                        PartPage::Copy => self.copy = Some(copy::State::new()),
                        PartPage::Diff => self.diff = Some(diff::State::default()),
                        PartPage::Tags | PartPage::Archive => {}
                    }
                    self.shell(app::Msg::PartMounted(page, Callback::noop()));
                }
                app::Effect::LoadVerify if self.follows => {
                    self.shell(app::Msg::VerifyLoaded(Ok(|_| Html::default())));
                    self.shell(app::Msg::VerifyMounted(Callback::noop()));
                }
                app::Effect::LoadCompose if self.follows => {
                    self.shell(app::Msg::ComposeLoaded(Ok(|_| Html::default())));
                    self.begin_compose();
                }
                app::Effect::Navigate(route) if self.follows => {
                    self.shell(app::Msg::Route(route, None));
                }
                app::Effect::PushHistory(entry, route) if self.follows => {
                    self.shell(app::Msg::Route(route, Some(entry)));
                }
                effect => self.done.push(Done::Shell(effect)),
            }
        }
    }

    /// Sends a message to the archives.
    pub(crate) fn archive(&mut self, msg: archive::Msg) -> Vec<Done> {
        self.update_archives(msg);
        std::mem::take(&mut self.done)
    }

    /// Has something be heard of the archive that was given last.
    pub(crate) fn hear(&mut self, heard: archive::Heard) -> Vec<Done> {
        let last = self.archives.opened.last().expect("one was given");
        let number = last.number;
        self.archive(archive::Msg::Heard(number, heard))
    }

    fn update_archives(&mut self, msg: archive::Msg) {
        for effect in self.archives.update(msg) {
            match effect {
                archive::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                effect => self.done.push(Done::Archive(effect)),
            }
        }
    }

    /// Has the part of Verify come, and mounts it.
    pub(crate) fn mount_verify(&mut self) -> Vec<Done> {
        self.shell(app::Msg::VerifyLoaded(Ok(|_| Html::default())));
        self.shell(app::Msg::VerifyMounted(Callback::noop()));
        std::mem::take(&mut self.done)
    }

    /// Mounts Compose, whose part came.
    pub(crate) fn mount_compose(&mut self) -> Vec<Done> {
        self.begin_compose();
        std::mem::take(&mut self.done)
    }

    fn begin_compose(&mut self) {
        self.compose = Some(compose::State::new(self.kept.as_deref()));
        self.shell(app::Msg::ComposeMounted(Callback::noop()));
    }

    fn run_inspect(&mut self, effects: Vec<inspection::Effect>) {
        for effect in effects {
            match effect {
                inspection::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                inspection::Effect::LoadChooser { .. } => {
                    let loaded = Ok(inspection::machine::CHOOSER);
                    self.update_inspection(inspection::Msg::ChooserLoaded(loaded));
                }
                inspection::Effect::LoadLayers { validate } => {
                    let loaded = inspection::layers::Msg::Loaded(Ok(part::BEGIN), validate);
                    self.update_inspection(inspection::Msg::Layers(loaded));
                }
                inspection::Effect::LoadShare => {
                    let loaded = Ok((inspection::share::begin as Begin, SHARED_AT));
                    self.update_inspection(inspection::Msg::ShareLoaded(loaded));
                }
                // They take a worker. tests/views/files.rs has the states of the files, tests/views/related.rs those of what is
                // related.
                inspection::Effect::InLayers(_)
                | inspection::Effect::ScrollTo(_)
                | inspection::Effect::LoadTabs { .. }
                | inspection::Effect::LoadSchema1 { .. }
                | inspection::Effect::LoadFiles
                | inspection::Effect::LoadRelated => {}
                inspection::Effect::Layers { ref effect, .. } => {
                    if let Reading::Begin { reading, wanted } = effect {
                        self.readings.push((*reading, wanted.clone()));
                    }
                    self.done.push(Done::Inspect(inspection::Effect::Layers {
                        reference: "registry.example/fixtures/lantern"
                            .parse()
                            .expect("a reference"),
                        effect: effect.clone(),
                    }));
                }
                inspection::Effect::CheckSignatures { key, signed } => {
                    self.check_signatures(key, signed);
                }
                inspection::Effect::Explain {
                    key,
                    bytes,
                    expected,
                } => {
                    if let Some(told) = workflow::explain(key, &bytes, expected) {
                        self.update_inspection(inspection::Msg::Workflow(told));
                    }
                }
                inspection::Effect::Fetch {
                    generation,
                    ref key,
                    ..
                } => {
                    self.waiting.push((generation, key.clone()));
                    self.done.push(Done::Inspect(effect));
                }
                inspection::Effect::Abort => {
                    self.waiting.clear();
                    self.done.push(Done::Inspect(effect));
                }
            }
        }
    }

    fn run_verify(&mut self, effects: Vec<verify::Effect>) {
        for effect in effects {
            match effect {
                verify::Effect::Request(request)
                | verify::Effect::Inspection(inspection::Effect::Request(request)) => {
                    self.shell(app::Msg::Request(request));
                }
                verify::Effect::Inspection(inspection::Effect::CheckSignatures { key, signed }) => {
                    self.check_signatures(key, signed);
                }
                verify::Effect::Inspection(inspection::Effect::LoadShare) => {
                    let loaded = Ok((inspection::share::begin as Begin, SHARED_AT));
                    self.update_inspection(inspection::Msg::ShareLoaded(loaded));
                }
                // There is nothing to stop, and the report explains a mismatch.
                verify::Effect::Inspection(
                    inspection::Effect::Abort
                    | inspection::Effect::Explain { .. }
                    | inspection::Effect::LoadTabs { .. }
                    | inspection::Effect::LoadSchema1 { .. }
                    | inspection::Effect::LoadFiles,
                ) => {}
                effect => self.done.push(Done::Verify(effect)),
            }
        }
    }

    fn check_signatures(&mut self, key: ContentKey, signed: Rc<Signed>) {
        let results = signature::check_all(&signed);
        self.update_inspection(inspection::Msg::Workflow(
            workflow::Msg::SignaturesChecked {
                key,
                signed,
                results,
            },
        ));
    }

    /// Sends a message to Compose.
    pub(crate) fn compose(&mut self, msg: compose::Msg) -> Vec<Done> {
        self.update_compose(msg);
        std::mem::take(&mut self.done)
    }

    fn update_compose(&mut self, msg: compose::Msg) {
        let effects = self.compose.as_mut().expect("Compose is there").update(msg);
        self.run_compose(effects);
    }

    fn run_compose(&mut self, effects: Vec<compose::Effect>) {
        for effect in effects {
            match effect {
                compose::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                compose::Effect::LoadSpecificationReader(files) if self.follows => {
                    let reader = Ok(compose::specification as compose::ReadSpecification);
                    self.update_compose(compose::Msg::SpecificationReaderLoaded(files, reader));
                }
                effect => {
                    match &effect {
                        compose::Effect::Workflow(Want::Fetch {
                            generation,
                            reference,
                            what,
                            ..
                        }) => self.wanted.push((*generation, reference.clone(), *what)),
                        compose::Effect::Workflow(Want::Abort) => self.wanted.clear(),
                        _ => {}
                    }
                    self.done.push(Done::Compose(effect));
                }
            }
        }
    }

    /// Sends a message to Copy.
    pub(crate) fn copy(&mut self, msg: copy::Msg) -> Vec<Done> {
        self.update_copy(msg);
        std::mem::take(&mut self.done)
    }

    fn update_copy(&mut self, msg: copy::Msg) {
        let effects = self.copy.as_mut().expect("Copy is there").update(msg);
        for effect in effects {
            match effect {
                copy::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                copy::Effect::LoadSeveral if self.several.is_some() => {
                    self.update_copy(copy::Msg::SeveralLoaded(Ok(|_, _| Html::default())));
                    self.update_copy(copy::Msg::SeveralMounted(Callback::noop()));
                }
                copy::Effect::Several(command) if self.several.is_some() => {
                    self.update_several(copy::several::Msg::Command(command));
                }
                effect => self.done.push(Done::Copy(effect)),
            }
        }
    }

    /// Sends a message to the page of several images.
    pub(crate) fn several(&mut self, msg: copy::several::Msg) -> Vec<Done> {
        self.update_several(msg);
        std::mem::take(&mut self.done)
    }

    fn update_several(&mut self, msg: copy::several::Msg) {
        let several = self.several.as_mut().expect("several images are there");
        for effect in several.update(msg) {
            match effect {
                copy::several::Effect::Request(request) => {
                    self.shell(app::Msg::Request(request));
                }
                effect => self.done.push(Done::Several(effect)),
            }
        }
    }

    /// Sends a message to Tags.
    pub(crate) fn tags(mut self, msg: tags::Msg) -> Self {
        self.update_tags(msg);
        self
    }

    fn update_tags(&mut self, msg: tags::Msg) {
        for effect in self.tags.update(msg) {
            match effect {
                tags::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                tags::Effect::Workflow(ListEffect::Abort) => self.listing.clear(),
                tags::Effect::Workflow(effect) => self.listing.push(effect),
                tags::Effect::Catalog(effect) => self.catalog.push(effect),
                effect @ (tags::Effect::FocusRow(_) | tags::Effect::KeepFocus) => {
                    self.done.push(Done::Tags(effect));
                }
            }
        }
    }

    /// Answers what Tags waits for, also what is asked because of that, until nothing is left or `answer` gives none.
    pub(crate) fn lists(mut self, answer: impl Fn(&ListEffect) -> Option<Lists>) -> Self {
        let mut silent = Vec::new();
        while !self.listing.is_empty() {
            let effect = self.listing.remove(0);
            match answer(&effect) {
                Some(msg) => self.update_tags(tags::Msg::Workflow(msg)),
                None => silent.push(effect),
            }
        }
        self.listing = silent;
        self
    }

    /// Answers a page of a list of repositories that is waited for.
    pub(crate) fn repositories(mut self, answer: impl Fn(Generation) -> catalog::Msg) -> Self {
        for effect in std::mem::take(&mut self.catalog) {
            if let catalog::Effect::Page { generation, .. } = effect {
                self.update_tags(tags::Msg::Catalog(answer(generation)));
            }
        }
        self
    }

    /// Sends a message to Diff.
    pub(crate) fn diff(&mut self, msg: diff::Msg) -> Vec<Done> {
        self.update_diff(msg);
        std::mem::take(&mut self.done)
    }

    fn update_diff(&mut self, msg: diff::Msg) {
        let effects = self.diff.as_mut().expect("Diff is there").update(msg);
        for effect in effects {
            match effect {
                diff::Effect::Request(request) => self.shell(app::Msg::Request(request)),
                effect => self.done.push(Done::Diff(effect)),
            }
        }
    }

    /// Answers what Compose waits for, in the order of asking, until nothing is left.
    pub(crate) fn serve(
        mut self,
        answer: impl Fn(&Reference, ContentKind) -> Result<Received, Failure>,
    ) -> Self {
        while !self.wanted.is_empty() {
            let (generation, reference, what) = self.wanted.remove(0);
            let result = answer(&reference, what);
            self.update_compose(compose::Msg::Change(Change::Received {
                generation,
                reference,
                what,
                result,
            }));
        }
        self
    }

    /// Answers what is waited for, also what is asked because of that, until nothing is left or `answer` gives none.
    pub(crate) fn answer(
        mut self,
        answer: impl Fn(&ContentKey) -> Option<Result<Received, Failure>>,
    ) -> Self {
        let mut silent = Vec::new();
        while let Some((generation, key)) = self.waiting.pop() {
            match answer(&key) {
                Some(result) => {
                    let received = workflow::Msg::Received {
                        generation,
                        key,
                        result,
                    };
                    self.update_inspection(inspection::Msg::Workflow(received));
                }
                None => silent.push((generation, key)),
            }
        }
        self.waiting = silent;
        self
    }

    /// Answers everything as a registry would that holds every fixture, with the one of that name at the tag.
    pub(crate) fn served(self, name: &str) -> Self {
        self.answer(|key| Some(registry(name, key)))
    }
}

/// What a registry answers that holds every fixture, with the one of that name at the tag.
pub(crate) fn registry(name: &str, key: &ContentKey) -> Result<Received, Failure> {
    let manifest =
        |fixture: &Fixture| arrival(&fixture.bytes, &fixture.media_type, Some(&fixture.digest));
    match key {
        ContentKey::Root => Ok(manifest(fixtures::find(name))),
        ContentKey::Child(digest) => {
            let fixture = fixtures::all()
                .iter()
                .find(|fixture| fixture.digest == digest.as_str());
            fixture.map(manifest).ok_or_else(|| missing(digest))
        }
        ContentKey::Config(digest) => {
            let blob = fixtures::blob(digest.as_str());
            Ok(arrival(
                &blob,
                "application/octet-stream",
                Some(digest.as_str()),
            ))
        }
    }
}

/// Bytes that came through the proxy.
pub(crate) fn arrival(bytes: &[u8], media_type: &str, digest: Option<&str>) -> Received {
    Received {
        bytes: Rc::from(bytes),
        content_type: Some(MediaType::from_content_type(media_type)),
        docker_content_digest: digest.map(str::to_owned),
        via: Some(Via::Proxy),
        sha256: None,
    }
}

/// The bytes with the right digest named.
pub(crate) fn honest(json: &str, media_type: &str) -> Received {
    arrival(
        json.as_bytes(),
        media_type,
        Some(Digest::sha256(json.as_bytes()).as_str()),
    )
}

/// The registry's answer that is an error: status, headers and body.
pub(crate) fn refusal(status: u16, headers: &[(&str, &str)], body: &str) -> ErrorAnswer {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let response = Response {
        status,
        headers,
        body: body.as_bytes().to_vec(),
        over_limit: false,
    };
    ErrorAnswer::new(
        "https://registry.example/v2/team/app/manifests/1.0",
        Via::Proxy,
        &response,
        &[],
    )
}

/// What a registry answers that does not have a manifest.
pub(crate) fn missing(digest: &Digest) -> Failure {
    let body = format!(
        r#"{{"errors":[{{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":"unknown manifest revision={digest}"}}]}}"#
    );
    Failure::Registry(Box::new(RegistryError::NotFound(refusal(404, &[], &body))))
}
