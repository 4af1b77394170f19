//! A digest with its barcode: equal digests look equal across a page, different ones do not.

use std::fmt::Write as _;

use waybill_core::digest::Digest;
use yew::{Html, html};

/// How many bytes of a digest are drawn; each is one bar.
const BARS: usize = 16;
const HEIGHT: usize = 18;

/// A short digest: barcode and 12 characters; a click copies the whole.
pub fn short(digest: &Digest) -> Html {
    let whole = digest.to_string();
    html! {
        <button type="button" class="digest" data-copy={whole.clone()} title={format!("{whole}\nclick to copy")}>
            { barcode(digest) }<code>{ digest.short().to_owned() }</code>
        </button>
    }
}

/// A whole digest with its barcode and a button that copies it.
pub fn full(digest: &Digest) -> Html {
    html! {
        <span class="digest full">
            { barcode(digest) }<code>{ digest.to_string() }</code>{ copy(digest.as_str(), "digest") }
        </span>
    }
}

/// A whole digest that may be none: then its text is shown as it was written.
pub fn written(text: &str, digest: Option<&Digest>) -> Html {
    match digest {
        Some(digest) => full(digest),
        None => html! { <code>{ super::text::text(text) }</code> },
    }
}

/// A button that copies `value`; `what` names it for those who do not see the page.
pub fn copy(value: &str, what: &str) -> Html {
    html! {
        <button type="button" class="copy" data-copy={value.to_owned()} aria-label={format!("Copy {what}")}>{ "copy" }</button>
    }
}

/// The barcode, as one path.
fn barcode(digest: &Digest) -> Html {
    let (path, width) = bars(digest.encoded().as_bytes());
    html! {
        <svg class="barcode" viewBox={format!("0 0 {width} {HEIGHT}")} preserveAspectRatio="none" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}

/// One bar for each pair of hex characters: its width, the gap behind it and its length come from the byte's bits.
fn bars(encoded: &[u8]) -> (String, usize) {
    let nibble = |byte: u8| char::from(byte).to_digit(16).unwrap_or(u32::from(byte) & 15) as usize;
    let mut path = String::with_capacity(BARS * 16);
    let mut x = 0;
    for pair in encoded.chunks(2).take(BARS) {
        let (high, low) = (nibble(pair[0]), nibble(*pair.last().unwrap_or(&pair[0])));
        let (width, gap) = (1 + (low & 3), 1 + (low >> 2));
        let (top, bottom) = ([0, 0, 3, 6][high & 3], [HEIGHT, HEIGHT, HEIGHT - 3, HEIGHT - 6][high >> 2]);
        // Writing to a String cannot fail.
        let _ = write!(path, "M{x} {top}h{width}V{bottom}h-{width}z");
        x += width + gap;
    }
    (path, x.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_digests_look_equal_and_others_do_not() {
        let bars_of = |bytes: &[u8]| bars(Digest::sha256(bytes).encoded().as_bytes());
        assert_eq!(bars_of(b"a"), bars_of(b"a"));
        assert_ne!(bars_of(b"a"), bars_of(b"b"));
        assert_eq!(bars_of(b"a").0.matches('z').count(), BARS);
        assert_eq!(bars(b"x").0.matches('z').count(), 1);
    }
}
