//! Text that a registry controls: shown as text, whatever it holds.

use std::fmt::Write as _;

use waybill_core::limits::SHOWN_CHARACTERS;
use waybill_core::reader::is_hidden;

use super::element::{Content, Element, Value, el};

/// Text from outside: isolated from the direction of the text around it, hidden characters drawn as marks, long text
/// folded away.
pub fn text(value: &str) -> Element {
    let whole = pieces(el("bdi"), value);
    let Some((cut, _)) = value.char_indices().nth(SHOWN_CHARACTERS) else { return whole };
    let first = pieces(el("bdi"), &value[..cut.min(200)]);
    let summary = el("summary").child(first).child(format_args!("… {} bytes in all", value.len()));
    el("details").class("long").child(summary).child(whole)
}

fn pieces(mut parent: Element, value: &str) -> Element {
    let marked = |character: char| is_hidden(character) || (character.is_control() && !"\n\t".contains(character));
    let mut start = 0;
    for (at, character) in value.char_indices().filter(|(_, character)| marked(*character)) {
        let name = el("span").attr("title", "a character that does not show").class("hidden-character");
        let name = name.child(format_args!("U+{:04X}", character as u32));
        parent = parent.child(&value[start..at]).child(name);
        start = at + character.len_utf8();
    }
    parent.child(&value[start..])
}

/// Text from outside for an attribute, which can hold no marks: hidden characters are written out.
#[must_use]
pub fn written_out(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        if is_hidden(character) || character.is_control() {
            // Writing to a String cannot fail.
            let _ = write!(text, "[U+{:04X}]", character as u32);
        } else {
            text.push(character);
        }
    }
    text
}

/// Text from outside that is a link where it is an http(s) address, and only then.
pub fn text_or_link(value: &str) -> Element {
    if is_web_address(value) { link_out(value.to_owned()).child(text(value)) } else { text(value) }
}

/// A link to a page that is not ours, and that learns nothing of this one.
pub fn link_out(address: impl Value) -> Element {
    el("a").attr("href", address).attr("rel", "noopener noreferrer nofollow").attr("target", "_blank")
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

/// A labelled box, as on a consignment note, for what is put inside.
pub fn field(label: &str) -> Element {
    el("div").child(el("span").class("label").child(label))
}

/// A labelled box that takes the whole width.
pub fn wide_field(label: &str) -> Element {
    field(label).class("wide")
}

/// Words in the quiet colour.
pub fn quiet(words: impl Content) -> Element {
    el("span").class("quiet").child(words)
}

/// A paragraph in the quiet colour.
pub fn quiet_line(words: impl Content) -> Element {
    el("p").class("quiet").child(words)
}

/// Text from outside as code.
pub fn code(value: &str) -> Element {
    el("code").child(text(value))
}

/// A term and what it says, put into a list of such pairs.
pub fn pair(list: Element, term: impl Content, says: impl Content) -> Element {
    list.child(el("dt").child(term)).child(el("dd").child(says))
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
