//! The one box: takes anything, and says what it understood before anything is fetched.

use waybill_core::input::{Input, InputError};
use yew::{Callback, Html, InputEvent, MouseEvent, SubmitEvent, TargetCast, html};

use super::text::text;

/// What the box needs.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The text in it.
    pub value: &'a str,
    /// What the text means.
    pub read: &'a Result<Input, InputError>,
    /// Whether the text was submitted as it is, so that its faults are said out loud.
    pub submitted: bool,
    /// How the answers came, where something was fetched.
    pub via: Option<&'a str>,
}

/// The box itself with its reading; `on_input` and `on_submit` hear it.
pub fn search(given: Typed<'_>, on_input: &Callback<String>, on_submit: &Callback<()>) -> Html {
    let oninput = on_input.reform(|event: InputEvent| {
        event.target_dyn_into::<web_sys::HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    let onsubmit = on_submit.reform(|event: SubmitEvent| event.prevent_default());
    let wrong = given.submitted && given.read.is_err();
    html! {
        <form class="box" role="search" {onsubmit}>
            <input id="box" type="text" name="reference" aria-label="Reference, command or manifest" spellcheck="false"
                autocomplete="off" autocapitalize="off" placeholder="nginx:1.27, a docker pull command, or a manifest"
                aria-describedby="read" aria-invalid={wrong.then_some("true")} value={given.value.to_owned()} {oninput} />
            <button type="submit">{ "Inspect" }</button>
            <p id="read" class="read" aria-live="polite">{ reading(given) }</p>
        </form>
    }
}

fn reading(given: Typed<'_>) -> Html {
    match given.read {
        Ok(Input::Empty) if given.submitted => {
            html! { <span class="warn">{ "Type a reference, such as nginx:1.27, or drop a manifest on this page." }</span> }
        }
        Ok(Input::Empty) => Html::default(),
        Ok(Input::Manifest) => html! { "a manifest: press Enter to open it" },
        Ok(Input::Digest(digest)) => html! {
            <span class={given.submitted.then_some("warn")}>{ format!("a digest; name the repository it is in, as in name@{}", digest.algorithm_name()) }{ ":…" }</span>
        },
        Ok(Input::Reference(found)) => {
            let reference = &found.reference;
            html! {
                <>
                    { "read as " }<b>{ reference.host().to_string() }</b>{ " / " }<b>{ reference.repository().to_string() }</b>
                    if let Some(tag) = reference.tag() { { ", tag " }<b>{ tag.to_string() }</b> }
                    if let Some(digest) = reference.digest() { { ", digest " }<b>{ digest.short().to_owned() }</b> }
                    if found.plain_http { { ", over plain http" } }
                    { for found.notes.iter().map(|note| html! { <span class="note">{ " · " }{ note.to_string() }</span> }) }
                    { for given.via.map(|via| html! { <span class="note">{ " · " }{ via.to_owned() }</span> }) }
                </>
            }
        }
        Err(error) => html! {
            <span class={given.submitted.then_some("bad")}>
                { text(&error.to_string()) }
                if let Some((before, at)) = place(given.value, error.position()) {
                    <span class="place" aria-hidden="true">{ " " }<code>{ before }<mark>{ at }</mark></code></span>
                }
            </span>
        },
    }
}

/// The text around a position: what stands before it, and the character there.
fn place(value: &str, position: usize) -> Option<(String, String)> {
    let before = value.get(..position)?;
    let tail: Vec<char> = before.chars().rev().take(16).collect();
    let at = value[position..].chars().next().map_or_else(|| "␣".to_owned(), String::from);
    Some((tail.into_iter().rev().collect(), at))
}

/// The links beside the box.
pub fn links(on_settings: &Callback<()>, on_shortcuts: &Callback<()>) -> Html {
    html! {
        <nav class="row" aria-label="Page">
            <button type="button" class="link" id="open-settings" onclick={on_settings.reform(|_: MouseEvent| ())}>{ "Settings" }</button>
            <button type="button" class="link" id="open-shortcuts" aria-label="Keyboard shortcuts" title="Keyboard shortcuts"
                onclick={on_shortcuts.reform(|_: MouseEvent| ())}>{ "?" }</button>
        </nav>
    }
}
