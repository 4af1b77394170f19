//! What the push part does in the browser: requests of its own, which nothing else stops, and the guard.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use waybill_core::workflow::push::{self as core, Effect, Msg as Change};
use yew::Callback;

use super::super::Around;
use super::super::page;
use super::{Doing, Own, Push};
use crate::browser::dom::Guard;
use crate::browser::transport::BrowserTransport;
use crate::state::Msg;

/// Does one thing.
pub(in crate::compose) fn run(push: &mut Push, doing: Doing, around: &Around) {
    let beside = || Rc::new(around.client.with_transport(BrowserTransport::default()));
    let client = Rc::clone(push.client.get_or_insert_with(beside));
    match doing {
        Doing::Guard(on) => push.guard = if on { Guard::new() } else { None },
        Doing::Run(Effect::Abort) => client.transport().abort(),
        Doing::Run(Effect::Run {
            generation,
            step,
            request,
        }) => {
            let link = around.link.clone();
            spawn_local(async move {
                let mut progress = |sent| {
                    say(
                        &link,
                        Change::Progress {
                            generation,
                            step,
                            sent,
                        },
                    );
                };
                let answer = core::run(&client, request, &mut progress).await;
                say(
                    &link,
                    Change::Answered {
                        generation,
                        step,
                        answer,
                    },
                );
            });
        }
    }
}

fn say(link: &Callback<Msg>, change: Change) {
    link.emit(Msg::Compose(Rc::new(page::Own::Push(Own::Change(change)))));
}
