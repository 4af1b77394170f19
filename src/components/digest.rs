//! A digest with its barcode: equal digests look equal across a page, different ones do not.

use std::fmt::Write as _;

use waybill_core::digest::Digest;

use super::element::{Element, el};
use super::text;

/// How many bytes of a digest are drawn; each is one bar.
const BARS: usize = 16;
const HEIGHT: usize = 18;

/// Draws a short digest: barcode and 12 characters; a click copies the whole.
pub fn short(digest: &Digest) -> Element {
    let title = format_args!("{digest}\nclick to copy");
    let button = el("button")
        .attr("type", "button")
        .attr("data-copy", digest.to_string())
        .attr("title", title);
    button
        .class("digest")
        .child(barcode(digest))
        .child(el("code").child(digest.short()))
}

/// Draws a whole digest with its barcode and a button that copies it.
pub fn full(digest: &Digest) -> Element {
    let whole = digest.as_str();
    el("span")
        .class("digest full")
        .child(barcode(digest))
        .child(el("code").child(whole))
        .child(copy(whole, "digest"))
}

/// Draws a whole digest, or, where `text` is none, the text as it was written.
pub fn written(text: &str, digest: Option<&Digest>) -> Element {
    digest.map_or_else(|| text::code(text), full)
}

/// Draws a short digest, or, where `written` is none, the text as it was written.
pub fn short_or_text(written: &str, digest: Option<&Digest>) -> Element {
    digest.map_or_else(|| text::text(written), short)
}

/// Makes a button that copies `value`; `what` names it for screen readers.
pub fn copy(value: &str, what: &str) -> Element {
    let button = el("button")
        .attr("type", "button")
        .attr("data-copy", value.to_owned());
    button
        .attr("aria-label", format_args!("Copy {what}"))
        .class("copy")
        .child("copy")
}

/// Draws the barcode, as one path.
fn barcode(digest: &Digest) -> Element {
    let (path, width) = bars(digest.encoded().as_bytes());
    let drawing = el("svg").attr("viewBox", format_args!("0 0 {width} {HEIGHT}"));
    let drawing = drawing
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .class("barcode");
    drawing.child(el("path").attr("d", path))
}

/// Computes the path with one bar for each pair of hex characters, and its width: a bar's width, the gap behind it and
/// its length come from the byte's bits.
fn bars(encoded: &[u8]) -> (String, usize) {
    let nibble = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .unwrap_or(u32::from(byte) & 15) as usize
    };
    let mut path = String::with_capacity(BARS * 16);
    let mut x = 0;
    for pair in encoded.chunks(2).take(BARS) {
        let (high, low) = (nibble(pair[0]), nibble(*pair.last().unwrap_or(&pair[0])));
        let (width, gap) = (1 + (low & 3), 1 + (low >> 2));
        let (top, bottom) = (
            [0, 0, 3, 6][high & 3],
            [HEIGHT, HEIGHT, HEIGHT - 3, HEIGHT - 6][high >> 2],
        );
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
