//! Text that a registry controls: shown as text, whatever it holds.

use waybill_core::limits::SHOWN_CHARACTERS;
use waybill_core::reader::is_hidden;
use yew::{Html, html};

/// Text from outside: isolated from the direction of the text around it, hidden characters drawn as marks, long text
/// folded away.
pub fn text(value: &str) -> Html {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        None => html! { <bdi>{ for pieces(value) }</bdi> },
        Some((cut, _)) => html! {
            <details class="long">
                <summary><bdi>{ for pieces(&value[..cut.min(200)]) }</bdi>{ format!("… {} bytes in all", value.len()) }</summary>
                <bdi>{ for pieces(value) }</bdi>
            </details>
        },
    }
}

fn pieces(value: &str) -> Vec<Html> {
    let marked = |character: char| is_hidden(character) || (character.is_control() && !"\n\t".contains(character));
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, character) in value.char_indices().filter(|(_, character)| marked(*character)) {
        pieces.push(html! { { value[start..at].to_owned() } });
        let name = format!("U+{:04X}", character as u32);
        pieces.push(html! { <span class="hidden-character" title="a character that does not show">{ name }</span> });
        start = at + character.len_utf8();
    }
    pieces.push(html! { { value[start..].to_owned() } });
    pieces
}

/// Text from outside that is a link where it is an http(s) address, and only then.
pub fn text_or_link(value: &str) -> Html {
    if is_web_address(value) {
        html! { <a href={value.to_owned()} rel="noopener noreferrer nofollow" target="_blank">{ text(value) }</a> }
    } else {
        text(value)
    }
}

/// Whether a text is wholly one http(s) address: printable ASCII, a host, and no user name in front of it.
fn is_web_address(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty()
            && !host.contains(['@', '\\'])
            && rest.len() < 2_000
            && rest.bytes().all(|b| b.is_ascii_graphic())
    })
}

/// A labelled box, as on a consignment note.
pub fn field(label: &'static str, value: Html) -> Html {
    html! { <div><span class="label">{ label }</span>{ value }</div> }
}

/// A labelled box that takes the whole width.
pub fn wide_field(label: &'static str, value: Html) -> Html {
    html! { <div class="wide"><span class="label">{ label }</span>{ value }</div> }
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert!(is_web_address("https://example.com/a?b#c") && is_web_address("http://example.com"));
        for text in
            ["javascript:alert(1)", "https://", "https://a@b/", "https://a\u{202e}b", "data:text/html,x", "ftp://a"]
        {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
