//! An error: what happened, the evidence, the next action.

use waybill_core::registry::explain::{Action, Explanation};
use waybill_core::words::sentence;
use yew::{Callback, Html, MouseEvent, html};

use super::digest::copy;
use super::text::text;

/// The whole of an explanation; `on_action` hears which button was pressed.
pub fn error(told: &Explanation, on_action: &Callback<Action>) -> Html {
    let list = |title: &'static str, rows: Vec<String>| {
        if rows.is_empty() {
            Html::default()
        } else {
            html! { <><h3>{ title }</h3><ul>{ for rows.iter().map(|row| html! { <li>{ text(row) }</li> }) }</ul></> }
        }
    };
    let buttons = told.actions.iter().map(|action| {
        let chosen = action.clone();
        let onclick = on_action.reform(move |_: MouseEvent| chosen.clone());
        html! { <button type="button" {onclick}>{ label(action) }</button> }
    });
    let details = [vec![told.what.clone()], told.evidence.clone()].concat().join("\n");
    html! {
        <div class="error">
            { list("What to do next", told.next.iter().map(|words| sentence(words)).collect()) }
            if let Some(snippet) = told.snippet {
                <div class="snippet"><pre>{ snippet }</pre>{ copy(snippet, "header snippet") }</div>
            }
            <p class="row">{ for buttons }</p>
            { list("Likely causes", told.causes.iter().map(|words| sentence(words)).collect()) }
            { list("What was seen", told.evidence.clone()) }
            <p>{ copy(&details, "error details") }</p>
        </div>
    }
}

fn label(action: &Action) -> String {
    match action {
        Action::UseProxy => "Go through the proxy".to_owned(),
        Action::AskCredentials => "Enter credentials".to_owned(),
        Action::ConfirmRealm { realm_host, .. } => format!("Send the credentials to {realm_host}"),
        Action::Retry => "Ask again".to_owned(),
        Action::UsePlainHttp => "Use plain http".to_owned(),
    }
}
