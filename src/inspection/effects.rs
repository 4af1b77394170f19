//! What an inspection does in the browser, whichever page it is on.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::limits::MANIFEST_BYTES;
use waybill_core::manifest::schema1::Signed;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey};
use yew::Callback;

use super::machine::{CHOOSER, Chooser};
use super::message::Msg;
use super::share::Begin;
use super::{causes, share, tabs};
use crate::browser::dom::Listener;
use crate::browser::transport::BrowserTransport;
use crate::browser::{dom, platform};
use crate::lazy::apart;
use crate::schema1;

/// Checks signatures, and returns the message that says what came of it.
pub async fn check_signatures(key: workflow::ContentKey, signed: Rc<Signed>) -> Msg {
    let results = schema1::check(Rc::clone(&signed)).await;
    Msg::Workflow(workflow::Msg::SignaturesChecked {
        key,
        signed,
        results,
    })
}

/// Loads what reads Docker schema 1, and returns the message with the answer that waited for it.
pub async fn load_schema1(
    generation: Generation,
    key: workflow::ContentKey,
    arrival: Received,
) -> Msg {
    let result = schema1::load_reading().await.map(|()| arrival);
    let result = result.map_err(|error| {
        let what = "what reads Docker schema 1 could not be loaded";
        Failure::NotLoaded(format!("{what}: {error}"))
    });
    Msg::Workflow(workflow::Msg::ReadAgain {
        generation,
        key,
        result,
    })
}

type Asking = Pin<Box<dyn Future<Output = Option<&'static str>>>>;

apart! {
    machine:
    /// Loads the part that knows which entry a machine takes, and what asks the browser for the platform of this one.
    pub fn load_machine() -> (Chooser, fn() -> Asking) {
        (CHOOSER, || Box::pin(platform::of_this_machine()))
    }
}

/// Loads what chooses for a machine, and asks the browser for this one where that is wanted.
pub async fn load_chooser(ask: bool, link: Callback<Msg>) {
    let loaded = load_machine().await;
    link.emit(Msg::ChooserLoaded(loaded.map(|(chooser, _)| chooser)));
    if let (Ok((_, asking)), true) = (loaded, ask) {
        link.emit(Msg::MachineTold(asking().await));
    }
}

/// Loads what draws the tabs behind the first one, and findings; where nobody waits for it, nothing is said of a failure.
pub async fn load_tabs(quietly: bool, link: Callback<Msg>) {
    // Without a network the request would only leave an error in the console.
    if quietly && dom::is_offline() {
        return;
    }
    let loaded = tabs::load_styled().await;
    if loaded.is_ok() || !quietly {
        link.emit(Msg::TabsLoaded(loaded));
    }
}

apart! {
    share:
    /// Loads the part that takes down how things stand, and tells the time.
    fn bring_share() -> (Begin, i64) {
        (share::begin, (dom::now() / 1000).cast_signed())
    }
}

/// Loads what takes down how things stand.
pub async fn load_share(link: Callback<Msg>) {
    link.emit(Msg::ShareLoaded(bring_share().await));
}

/// Finds out why bytes have not that digest, or what they are where there is none, and returns the message that says
/// it; `None` where that is not known, or the part of the program for it did not come.
pub async fn explain(
    key: workflow::ContentKey,
    bytes: Rc<[u8]>,
    expected: Option<Digest>,
) -> Option<Msg> {
    // Without a network the part of the program for it would only leave an error in the console.
    if dom::is_offline() {
        return None;
    }
    causes::load().await.ok()?;
    causes::told(key, &bytes, expected).map(Msg::Workflow)
}

/// Listens to what the mouse or the focus comes to: a layer lights up wherever it is drawn. A place that has to do
/// with no layer says nothing, so the last stays lit.
#[must_use]
pub fn listeners(link: &Callback<Msg>) -> Vec<Listener> {
    let listen = |name| {
        let link = link.clone();
        dom::listen(name, move |event| {
            if let Some(layer) = dom::attribute_around(event.target(), "data-layer") {
                link.emit(Msg::LayerHovered(layer.parse().ok()));
            }
        })
    };
    ["mouseover", "focusin"]
        .into_iter()
        .filter_map(listen)
        .collect()
}

/// Fetches a manifest or config that a reference leads to, and beside the first of them those of `ahead`, which the
/// session keeps.
///
/// # Errors
///
/// Fails as the client does: the registry, the way there, or what came.
pub async fn fetch(
    client: &Client<BrowserTransport>,
    reference: &Reference,
    key: &ContentKey,
    media_type: Option<&MediaType>,
    ahead: &[Digest],
) -> Result<Fetched, RegistryError> {
    let (host, repository) = (reference.host(), reference.repository());
    match key {
        ContentKey::Root => {
            let target = reference.target();
            client
                .manifest_and_ahead(host, repository, &target, ahead)
                .await
        }
        ContentKey::Child(digest) => {
            let target = Target::Digest(digest.clone());
            client.manifest(host, repository, &target, media_type).await
        }
        ContentKey::Config(digest) => client.blob(host, repository, digest, MANIFEST_BYTES).await,
    }
}
