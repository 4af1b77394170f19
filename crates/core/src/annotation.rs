//! Annotations and labels: which names image-spec reserves, and what the values of its own
//! names look like.
//!
//! Annotations stand in manifests, indexes and descriptors (`annotations`), labels in a config
//! (`config.Labels`). Both are maps of texts and follow the same rules, but a label that
//! breaks one is only a note, [`Code::LabelForm`]: real ones often do.
//!
//! | what is there | finding |
//! | --- | --- |
//! | an empty name | `annotation-key` |
//! | `org.opencontainers.image.titel` | `annotation-reserved`: no specification of OCI defines it |
//! | `org.opencontainers.image.created` with `yesterday` | `annotation-form` |
//! | `org.opencontainers.image.url` with an empty text | none: it is left open |
//! | `org.opencontainers.image.enc.keys.jwe` | none: what tools write for encrypted layers |
//! | `com.example.anything` | none: names outside of the reserved prefix are the author's |
//!
//! Values are judged by their form only: no license, address or image is looked up, and
//! nothing is changed. The forms of times and URIs are also asked for by [`crate::config`] and
//! [`crate::descriptor`].
//!
//! Source: image-spec `annotations.md`; for labels `config.md`, "Labels".

mod map;

pub use map::Annotations;

use crate::digest::Digest;
use crate::finding::Code;
use crate::lenient::Fields;
use crate::reference::Reference;
use crate::time::is_time;

/// image-spec keeps this prefix for itself: a name below it that no specification defines is noted.
const RESERVED: &str = "org.opencontainers";
/// What the names begin with whose values image-spec describes; `form_of` knows what follows
/// it.
const IMAGE: &str = "org.opencontainers.image.";

/// Names below `org.opencontainers.image.` whose values are free text; `annotations.md` and
/// `conversion.md`.
///
/// Nothing can be wrong with their values.
const FREE_TEXT: &[&str] = &[
    "authors",
    "version",
    "revision",
    "vendor",
    "title",
    "description",
    "os",
    "os.version",
    "os.features",
    "architecture",
    "variant",
    "author",
    "stopSignal",
    "exposedPorts",
];
/// Names that other specifications of OCI define, or defined before image-spec 1.1.0.
const ELSEWHERE: &[&str] = &[
    "org.opencontainers.referrers.filtersApplied",
    "org.opencontainers.artifact.created",
    "org.opencontainers.artifact.description",
];

/// What the names of other well-known writers begin with, which need not all be known here.
const WRITERS: &[&str] = &[
    // Encrypted layers: ocicrypt, and with it skopeo, nerdctl and imgcrypt. A key provider may
    // have any name behind it.
    "org.opencontainers.image.enc.",
];

/// Reads the member `annotations` and says what breaks the rules.
///
/// Empty where there are none, and where the member is no object (then with a finding).
pub(crate) fn read(fields: &Fields<'_>) -> Annotations {
    read_map(fields, "annotations", |code| code)
}

/// Reads a config's labels, which follow the rules of annotations; real ones often break them.
pub(crate) fn read_labels(run: &Fields<'_>) -> Annotations {
    read_map(run, "Labels", |_| Code::LabelForm)
}

/// Reads a map of texts, all of it, before its names and values are judged one by one.
///
/// So the findings of wrong kinds and hidden characters come before those of names and forms.
/// Entries that are no texts are left out with a finding, the others keep the author's order.
/// Go writes and reads `map[string]string`, and refuses a number.
fn read_map(fields: &Fields<'_>, name: &str, as_code: impl Fn(Code) -> Code) -> Annotations {
    let Some(map) = fields.object(name) else {
        return Annotations::default();
    };
    let pairs = map.all_texts();
    for (name, value) in &pairs {
        check(&map, name, value, &as_code);
    }
    pairs.into()
}

/// Judges one name, and its value where image-spec says what that looks like.
///
/// `as_code` lets labels have milder codes for the same rules. Empty values are never judged:
/// authors leave a name open.
fn check(map: &Fields<'_>, name: &str, value: &str, as_code: impl Fn(Code) -> Code) {
    if name.is_empty() {
        map.find_at("", as_code(Code::AnnotationKey), "the name is empty");
    }
    let Some(rest) = name
        .strip_prefix(RESERVED)
        .filter(|rest| rest.is_empty() || rest.starts_with('.'))
    else {
        return;
    };
    let form = name.strip_prefix(IMAGE).and_then(form_of);
    match form {
        None if ELSEWHERE.contains(&name) => {}
        None if WRITERS.iter().any(|writer| name.starts_with(writer)) => {}
        None => {
            let message = format!("no specification of OCI defines {RESERVED}{rest}");
            map.find_at(name, as_code(Code::AnnotationReserved), message);
        }
        // The value may be empty: builders write it so where they know none.
        Some((wanted, is_right)) if !value.is_empty() && !is_right(value) => {
            let message = format!("{value:?} is not {wanted}");
            map.find_at(name, as_code(Code::AnnotationForm), message);
        }
        Some(_) => {}
    }
}

/// What a value has to be, in words that follow "is not", and whether a text is that.
type ValueCheck = (&'static str, fn(&str) -> bool);

/// Returns what the value of a name below `org.opencontainers.image.` has to be; `None` where
/// no such name is defined.
fn form_of(name: &str) -> Option<ValueCheck> {
    Some(match name {
        "created" => ("a time of RFC 3339", is_time),
        "url" | "documentation" | "source" => ("a URL", is_absolute_uri),
        "licenses" => ("an SPDX license expression", is_license_expression),
        "ref.name" => ("a reference of image-spec's grammar", is_reference_name),
        "base.digest" => ("a digest", |text| text.parse::<Digest>().is_ok()),
        "base.name" => ("an image reference", |text| {
            text.parse::<Reference>().is_ok()
        }),
        name if FREE_TEXT.contains(&name) => ("a text", |_| true),
        _ => return None,
    })
}

/// Whether the text holds only what a URI may hold (RFC 3986, appendix A): ASCII letters,
/// digits, its punctuation, and `%` with two hex digits.
///
/// It need not be a whole URI: `a/b` is fine, `a b` and an empty text are not.
pub(crate) fn is_uri_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    !text.is_empty()
        && bytes.iter().enumerate().all(|(at, byte)| match byte {
            b'%' => bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(byte),
        })
}

/// Whether the text is a URI with its scheme: `https://example.com/a`.
fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme && !rest.is_empty() && is_uri_text(text)
}

/// Whether the text has the form of an SPDX license expression; whether the licenses exist is
/// not looked up.
///
/// Words alternate between a license and an operator, with parentheses around a part: `MIT OR
/// (GPL-2.0-only WITH Classpath-exception-2.0)`. Operators count in any case of letters, and
/// `WITH` is taken as any other. A list with commas, `MIT,ISC`, is none.
///
/// Source: SPDX 2.3, annex D.
fn is_license_expression(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let (mut open, mut wants_license) = (0_u32, true);
    for word in spaced.split_ascii_whitespace() {
        let is_operator = ["AND", "OR", "WITH"]
            .iter()
            .any(|operator| operator.eq_ignore_ascii_case(word));
        match word {
            "(" if wants_license => open += 1,
            ")" if !wants_license && open > 0 => open -= 1,
            _ if is_operator && !wants_license => wants_license = true,
            _ if !is_operator && wants_license && is_license(word) => wants_license = false,
            _ => return false,
        }
    }
    open == 0 && !wants_license
}

/// Whether the word has the form of a license's id: letters, digits, `-` and `.`, with `+`
/// behind it for later versions, or `DocumentRef-x:LicenseRef-y`.
fn is_license(word: &str) -> bool {
    let word = word.strip_suffix('+').unwrap_or(word);
    let is_id = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    };
    word.split_once(':').map_or_else(
        || is_id(word),
        |(document, license)| is_id(document) && is_id(license),
    )
}

/// Whether the text is of the grammar of `org.opencontainers.image.ref.name`.
///
/// Parts between `/` are letters and digits with single separators `-`, `.`, `_`, `:`, `@` or
/// `+` inside; of these only `-` may stand twice in a row: `a--b`, not `a..b`.
fn is_reference_name(text: &str) -> bool {
    let is_component = |component: &str| {
        let component = component.replace("--", "-");
        component
            .split(|c| "-._:@+".contains(c))
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    text.split('/').all(is_component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn license_expressions_have_the_form_of_spdx() {
        for good in [
            "MIT",
            "Apache-2.0",
            "GPL-2.0+",
            "MIT OR Apache-2.0",
            "(MIT AND (BSD-3-Clause or ISC)) OR GPL-2.0-only WITH Classpath-exception-2.0",
            "DocumentRef-x:LicenseRef-y",
        ] {
            assert!(is_license_expression(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "Apache 2.0",
            "MIT,ISC",
            "MIT OR",
            "OR",
            "(MIT",
            "MIT)",
            "MIT AND AND ISC",
            "()",
            "a:",
        ] {
            assert!(!is_license_expression(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_and_reference_names_follow_their_grammars() {
        for good in [
            "https://example.com/a?b#c",
            "git+ssh://git@example.com/a.git",
            "http://[::1]/%20",
        ] {
            assert!(is_absolute_uri(good), "{good}");
        }
        for bad in [
            "",
            "example.com/a",
            "https:",
            "https://a b",
            "https://a/%2",
            "1a:b",
            "http://\u{e9}.example",
        ] {
            assert!(!is_absolute_uri(bad), "{bad}");
        }
        for good in ["a", "v1.2.3", "example.com/a:v1@x", "a--b", "A_b+c"] {
            assert!(is_reference_name(good), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "-a", "a..b", "a---b", "a b"] {
            assert!(!is_reference_name(bad), "{bad}");
        }
    }
}
