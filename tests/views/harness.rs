//! Leads a state to where it shall be: messages in, and the fetches it asks for answered by hand.

use std::rc::Rc;

use waybill::browser::dom::Theme;
use waybill::browser::file_input::{Import, LocalContent};
use waybill::compose::{Doing, Own};
use waybill::route::Route;
use waybill::state::{Effect, Msg, State};
use waybill::verify;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::error::{ErrorAnswer, RegistryError};
use waybill_core::registry::transport::{Response, Via};
use waybill_core::workflow::compose::{ContentKind, Effect as Want, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey};
use waybill_testkit::fixtures::{self, Fixture};
use waybill_testkit::signature;

/// A state and the fetches that it waits for.
pub(crate) struct Harness {
    /// The state.
    pub(crate) state: State,
    waiting: Vec<(Generation, ContentKey)>,
    /// The work that the tab kept.
    pub(crate) kept: Option<String>,
    /// What Compose waits for.
    wanted: Vec<(Generation, Reference, ContentKind)>,
}

impl Harness {
    /// The page at an address, without the `#`.
    pub(crate) fn at(address: &str) -> Self {
        let state = State::new("waybill.example".into(), Theme::System);
        let mut harness = Self {
            state,
            waiting: Vec::new(),
            kept: None,
            wanted: Vec::new(),
        };
        harness.go(address);
        harness
    }

    /// The page with bytes that were dropped on it.
    pub(crate) fn opened(name: &str, bytes: &[u8], exact: bool) -> Self {
        let mut harness = Self::at("/");
        harness.give(&[(name, bytes)], exact);
        harness
    }

    /// Drops contents on the page.
    pub(crate) fn give(&mut self, contents: &[(&str, &[u8])], exact: bool) {
        let given = |(name, bytes): &(&str, &[u8])| LocalContent::new(*name, *bytes, exact);
        self.send(Msg::Given(Import {
            files: contents.iter().map(given).collect(),
            ..Import::default()
        }));
    }

    /// Goes to another address, without the `#`.
    pub(crate) fn go(&mut self, address: &str) {
        self.send(Msg::Route(Route::parse(address), None));
    }

    /// Sends a message and does what the page would do then, but for the fetches: these wait. Signatures are checked.
    pub(crate) fn send(&mut self, msg: Msg) {
        for effect in self.state.update(msg) {
            match effect {
                Effect::Fetch {
                    generation, key, ..
                } => self.waiting.push((generation, key)),
                Effect::Abort => self.waiting.clear(),
                Effect::CheckSignatures { key, signed } => {
                    let results = signature::check_all(&signed);
                    self.send(Msg::Inspect(inspect::Msg::SignaturesChecked {
                        key,
                        signed,
                        results,
                    }));
                }
                Effect::Go(route) => self.send(Msg::Route(route, None)),
                Effect::LoadCompose => {
                    let page = waybill::compose::new(self.kept.as_deref());
                    self.send(Msg::ComposeLoaded(Ok(page)));
                }
                Effect::RunCompose => self.run_compose(),
                Effect::LoadVerify => self.send(Msg::VerifyLoaded(Ok(&verify::VerifyPage))),
                Effect::PushOpened(given, route) => self.send(Msg::Route(route, Some(given))),
                _ => {}
            }
        }
    }

    fn run_compose(&mut self) {
        let Some(page) = self.state.compose.page.clone() else {
            return;
        };
        let doings = page.borrow_mut().take_doing();
        for doing in doings {
            match doing {
                Doing::BringReader(files) => {
                    self.send(Msg::Compose(Rc::new(Own::ReadGiven(
                        files,
                        Ok(waybill::compose::specification),
                    ))));
                }
                Doing::Run(Want::Fetch {
                    generation,
                    reference,
                    what,
                    ..
                }) => self.wanted.push((generation, reference, what)),
                Doing::Run(Want::Abort) => self.wanted.clear(),
                _ => {}
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
            let arrived = Own::Change(Change::Received {
                generation,
                reference,
                what,
                result,
            });
            self.send(Msg::Compose(Rc::new(arrived)));
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
                Some(result) => self.send(Msg::Inspect(inspect::Msg::Received {
                    generation,
                    key,
                    result,
                })),
                None => silent.push((generation, key)),
            }
        }
        self.waiting = silent;
        self
    }

    /// Answers everything as a registry would that holds every fixture, with the one of that name at the tag.
    pub(crate) fn served(self, name: &str) -> State {
        self.answer(|key| Some(registry(name, key))).state
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
