//! A link to a view as Markdown.

use std::fmt::Write as _;

use super::words::one_line;

/// The badge's file, which the page's own host serves beside the page, to whatever page shows it.
pub const BADGE_FILE: &str = "badge.svg";

/// The address of a view, `page` being the page's own and `view` what stands behind it from `#` on:
/// with everything escaped that is not plain in an address, so that it stands anywhere.
///
/// ```
/// use waybill_core::report::link;
///
/// let address = link("https://waybill.example/", "#/inspect/nginx:1.27?at=sha256:ab");
/// assert_eq!(address, "https://waybill.example/#/inspect/nginx:1.27?at=sha256:ab");
/// assert_eq!(link("https://waybill.example/", "#/inspect/a)b"), "https://waybill.example/#/inspect/a%29b");
/// ```
#[must_use]
pub fn link(page: &str, view: &str) -> String {
    let view = view.strip_prefix('#').unwrap_or(view);
    // What is escaped in the page's own address stays so.
    [escaped_page(page), escaped(view, false)].join("#")
}

/// A link to a view as Markdown: a badge that says what was inspected, and leads there. `name` is
/// any text; nothing in it ends the badge or the link, or begins another.
///
/// ```
/// use waybill_core::report::badge;
///
/// assert_eq!(
///     badge("nginx:1.27", "https://waybill.example/", "#/inspect/nginx:1.27"),
///     "[![nginx:1.27, inspected by Waybill](https://waybill.example/badge.svg)]\
///      (https://waybill.example/#/inspect/nginx:1.27)"
/// );
/// ```
#[must_use]
pub fn badge(name: &str, page: &str, view: &str) -> String {
    // The file lies beside the page, whatever the page is called.
    let path = page.split(['?', '#']).next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = words(name);
    let (badge, link) = (
        [&escaped_page(folder), "/", BADGE_FILE].concat(),
        link(page, view),
    );
    format!("[![{name}, inspected by Waybill]({badge})]({link})")
}

/// A text as words of Markdown: a backslash before all that may be markup.
///
/// Source: `CommonMark` 0.31, 2.4: a backslash before any ASCII punctuation makes that plain.
fn words(text: &str) -> String {
    let mut words = String::new();
    for character in one_line(text).chars() {
        if character.is_ascii_punctuation() && !".,:;/-+=@%".contains(character) {
            words.push('\\');
        }
        words.push(character);
    }
    words
}

/// The page's own address, escaped: an IPv6 address has to keep its brackets, and nothing else does.
fn escaped_page(page: &str) -> String {
    let host = page.split_once("://[").and_then(|(scheme, rest)| {
        let (host, rest) = rest.split_once(']')?;
        let is_host = !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        is_host.then_some((scheme, host, rest))
    });
    match host {
        Some((scheme, host, rest)) => [
            &escaped(scheme, true),
            "://[",
            host,
            "]",
            &escaped(rest, true),
        ]
        .concat(),
        None => escaped(page, true),
    }
}

/// An address with all but plain characters as `%XX`. `%` itself is plain where it escapes already.
fn escaped(text: &str, is_escaped: bool) -> String {
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~/:?=&,+@".contains(&byte);
        if is_plain || (byte == b'%' && is_escaped) {
            address.push(byte.into());
        } else {
            // Writing to a text does not fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one badge as `CommonMark` does, and returns its words, its picture and where it leads;
    /// `None` where it is anything but one picture in one link.
    fn read(markdown: &str) -> Option<(String, String, String)> {
        let rest = markdown.strip_prefix("[![")?;
        let (mut words, mut characters) = (String::new(), rest.char_indices());
        let end = loop {
            match characters.next()? {
                (_, '\\') => words.push(characters.next()?.1),
                (at, ']') => break at,
                (_, '[' | '<' | '`' | '*' | '_' | '!' | '&' | '\n') => return None,
                (_, character) => words.push(character),
            }
        };
        let is_plain =
            |text: &&str| !text.contains(['(', ')', '<', '>', ' ', '\\', '\n', '[', ']', '"']);
        let (picture, rest) = rest.get(end..)?.strip_prefix("](")?.split_once(")](")?;
        let link = rest.strip_suffix(')')?;
        [picture, link]
            .iter()
            .all(is_plain)
            .then(|| (words, picture.into(), link.into()))
    }

    #[test]
    fn no_name_and_no_address_breaks_out() {
        for hostile in [
            "](javascript:alert(1))",
            "a](https://evil.example/)![b](https://evil.example/c.png",
            "\\](x)",
            "`](x)`",
            "a\n\n# b",
            "a\r\nb",
            "<img src=x onerror=alert(1)>",
            "</a><script>",
            "&lbrack;&#91;",
            "a\u{202e}b\u{0}c\u{200b}",
            "*a* _b_ ~c~ |d| #e !f",
            "[[[[ ]]]] (((( ))))",
            "\"onload=\"x' {a} $b^",
        ] {
            let page = "https://waybill.example/";
            let (words, picture, link) = read(&badge(hostile, page, hostile)).expect(hostile);
            assert!(words.ends_with(", inspected by Waybill"), "{hostile}");
            assert_eq!(picture, "https://waybill.example/badge.svg");
            assert!(link.starts_with("https://waybill.example/#"), "{hostile}");
            // As a page that is served as a person named it.
            let page = ["https://waybill.example/", hostile].concat();
            assert!(read(&badge("a", &page, "#/")).is_some(), "{hostile}");
        }
        let (words, ..) = read(&badge("a](b", "https://w.example/", "#/")).expect("a badge");
        assert_eq!(words, "a](b, inspected by Waybill");
    }

    #[test]
    fn the_badge_lies_beside_the_page() {
        for (page, picture) in [
            ("https://w.example/", "https://w.example/badge.svg"),
            (
                "https://w.example/tools/waybill/",
                "https://w.example/tools/waybill/badge.svg",
            ),
            (
                "https://w.example/a/index.html?x=/y",
                "https://w.example/a/badge.svg",
            ),
        ] {
            assert_eq!(read(&badge("a", page, "#/")).expect(page).1, picture);
        }
    }

    #[test]
    fn an_address_of_ipv6_keeps_its_brackets() {
        assert_eq!(link("http://[::1]:8080/", "#/"), "http://[::1]:8080/#/");
        assert_eq!(link("http://[](x)]/", "#/"), "http://%5B%5D%28x%29%5D/#/");
    }

    #[test]
    fn what_an_address_escapes_stays_so() {
        assert_eq!(
            link("https://w.example/a%20b/", "#/inspect/a%b"),
            "https://w.example/a%20b/#/inspect/a%25b"
        );
        assert_eq!(
            link(
                "https://w.example/",
                "#/inspect/[::1]:5000/a?platform=linux/arm/v7"
            ),
            "https://w.example/#/inspect/%5B::1%5D:5000/a?platform=linux/arm/v7"
        );
    }
}
