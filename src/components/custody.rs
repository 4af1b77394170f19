//! The custody line: one stop after another, each with its seal.

use waybill_core::workflow::inspect::Seal;
use yew::{Html, html};

use super::marks;

/// A stop: its seal and name on the line, its content beside it.
pub fn stop(seal: Seal, name: &str, note: &str, body: Html) -> Html {
    let said = match seal {
        Seal::Good => "verified: ",
        Seal::Bad => "wrong: ",
        Seal::Hollow => "not checked: ",
        Seal::Working => "checking: ",
    };
    html! {
        <li class="stop">
            <div class="stop-name">
                { marks::seal(seal) }
                <h2>{ name.to_owned() }</h2>
                <small><span class="offscreen">{ said }</span>{ note.to_owned() }</small>
            </div>
            <div class="stop-body">{ body }</div>
        </li>
    }
}
