//! What Compose does in the browser: fetches of its own, which nothing else stops, and keeping the work.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use waybill_core::limits;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::compose::{ContentKind, Effect, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Received};
use yew::Callback;

use super::page::{Compose, Doing, Own};
use super::{Around, Page, push, sources};
use crate::browser::transport::BrowserTransport;
use crate::browser::{dom, session};
use crate::state::Msg;

pub(super) fn run(compose: &mut Compose, around: &Around) {
    let client = compose
        .client
        .get_or_insert_with(|| Rc::new(around.client.with_transport(BrowserTransport::default())));
    let client = Rc::clone(client);
    for doing in compose.take_doing() {
        match doing {
            Doing::Run(Effect::Abort) => client.transport().abort(),
            Doing::Run(Effect::Fetch {
                generation,
                reference,
                what,
                media_type,
            }) => {
                let (client, link) = (Rc::clone(&client), around.link.clone());
                spawn_local(async move {
                    let answer = fetch(&client, &reference, what, media_type.as_ref()).await;
                    let result = answer.map(Received::from).map_err(Failure::from);
                    say(
                        &link,
                        Own::Change(Change::Received {
                            generation,
                            reference,
                            what,
                            result,
                        }),
                    );
                });
            }
            Doing::KeepSoon => {
                let link = around.link.clone();
                spawn_local(async move {
                    dom::drawn().await;
                    say(&link, Own::Keep);
                });
            }
            Doing::BringReader(files) => {
                let link = around.link.clone();
                spawn_local(async move {
                    say(
                        &link,
                        Own::ReadGiven(files, sources::load_specification().await),
                    );
                });
            }
            Doing::Keep(text) => {
                let kept = session::keep_composed(text.as_deref());
                if text.is_some() && !kept {
                    say(&around.link, Own::NoRoom);
                }
            }
            Doing::Focus(id) => dom::focus(&id),
            Doing::Push(doing) => push::run(&mut compose.push, doing, around),
        }
    }
}

async fn fetch(
    client: &Client<BrowserTransport>,
    reference: &Reference,
    what: ContentKind,
    media_type: Option<&MediaType>,
) -> Result<Fetched, RegistryError> {
    let (host, repository, target) = (reference.host(), reference.repository(), reference.target());
    match (what, &target) {
        (ContentKind::Config, Target::Digest(digest)) => {
            client
                .blob(host, repository, digest, limits::MANIFEST_BYTES)
                .await
        }
        _ => client.manifest(host, repository, &target, media_type).await,
    }
}

fn say(link: &Callback<Msg>, own: Own) {
    link.emit(Msg::Compose(Rc::new(own)));
}
