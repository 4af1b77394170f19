//! What each fuzz target holds. That nothing panics and everything ends holds for all of them.

pub mod archive;
pub mod blobs;
pub mod figures;
pub mod table;
pub mod tree;

use waybill_core::digest::Digest;
use waybill_core::finding::Finding;
use waybill_core::input::{Input, understand};
use waybill_core::json;
use waybill_core::json::style;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::registry::challenge::Challenge;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::link::next_page;
use waybill_core::registry::scope;
use waybill_core::verify::{ByteDifference, Expected, Remedy, explain};
use waybill_testkit::properties;

/// Any bytes, served as `media_type`.
pub fn manifest(bytes: &[u8], media_type: &MediaType) {
    let told = DeclaredTypes {
        content_type: Some(media_type.clone()),
        ..DeclaredTypes::none()
    };
    let _ = properties::check(bytes, &told);
}

/// A reference is one again when it is written out, and its addresses hold nothing that would change them.
pub fn reference(text: &str) {
    let _ = text
        .parse::<Digest>()
        .map(|digest| assert_eq!(digest.as_str(), text));
    let _ = text.parse::<RegistryHost>();
    let Ok(reference) = text.parse::<Reference>() else {
        return;
    };
    let written = reference.to_string();
    assert_eq!(
        written.parse::<Reference>().as_ref(),
        Ok(&reference),
        "{written}"
    );
    assert_eq!(
        reference.familiar().parse::<Reference>().as_ref(),
        Ok(&reference),
        "{}",
        reference.familiar()
    );
    let origin = Origin::from_host(reference.host(), false);
    let url = origin.manifest(reference.repository(), &reference.target());
    assert_eq!(Origin::parse(&url), Some(origin), "{url}");
    assert!(
        !url.contains("/../") && !url.contains(['?', '#', '\\', ' ', '%', '\n', '\r']),
        "{url}"
    );
}

/// Names are in lower case and values as they were written.
pub fn challenge(text: &str) {
    for challenge in Challenge::parse(text) {
        assert!(
            !challenge.scheme.is_empty() && challenge.is(&challenge.scheme),
            "{challenge:?}"
        );
        for (name, _) in &challenge.parameters {
            assert_eq!(*name, name.to_ascii_lowercase());
            assert!(challenge.parameter(name).is_some());
        }
    }
    let once = scope::clean(text.split(' '));
    assert_eq!(
        scope::clean(once.iter().map(String::as_str)),
        once,
        "cleaned scopes are clean"
    );
}

/// A listing never leaves its registry, nor the API, and its pages can be asked for as they are.
pub fn link(text: &str) {
    let asked = "https://r.example/v2/a/tags/list?n=2";
    let Ok(Some(next)) = next_page(asked, text) else {
        return;
    };
    assert_eq!(Origin::parse(&next), Origin::parse(asked), "{next}");
    assert!(next.starts_with("https://r.example/v2/"), "{next}");
    // In a query it climbs nowhere.
    let path = next.split('?').next().unwrap_or_default();
    assert!(
        next.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains("/../"),
        "{next}"
    );
    assert_eq!(
        next_page(&next, &format!("<{next}>; rel=next")),
        Ok(Some(next.clone()))
    );
}

/// A platform that is written out is never another platform, and normal forms are stable.
pub fn platform(text: &str) {
    let Ok(platform) = text.parse::<Platform>() else {
        return;
    };
    let normal = platform.normalized();
    assert_eq!(normal.normalized(), normal, "{platform}");
    assert!(platform.matches(&platform), "{platform}");
    // Written for people, a feature may hold what has to be escaped to be read again.
    if let Ok(again) = platform.to_string().parse::<Platform>() {
        assert_eq!(again.normalized(), normal, "{platform}");
    }
}

/// What was understood of the text is understood of it again, and errors have their place in it.
pub fn input(text: &str) {
    match understand(text) {
        Ok(Input::Reference(understood)) => {
            let written = understood.reference.to_string();
            assert_eq!(
                written.parse::<Reference>().as_ref(),
                Ok(&understood.reference),
                "{written}"
            );
        }
        Ok(_) => {}
        Err(error) => assert!(error.position() <= text.len(), "{error} in {text:?}"),
    }
}

/// The scan and `serde_json` agree, and each finding of the scan has its place.
pub fn scan(bytes: &[u8]) {
    match json::read(bytes) {
        Ok(document) => {
            let findings: Vec<_> = document.anomalies.into_iter().map(Finding::from).collect();
            let places = Finding::places(&findings, bytes);
            assert!(places.iter().all(Option::is_some) || std::str::from_utf8(bytes).is_err());
            let shown = style::indented(bytes).expect("it is an object");
            assert_eq!(
                json::read(shown.as_bytes()).expect("again").object,
                document.object
            );
        }
        Err(error) => assert_ne!(error.reason, json::Reason::Disagreement),
    }
}

/// The first byte says which digest is expected: of a part of the bytes, or of nothing here.
pub fn cause(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let part = bytes.len() * usize::from(choice >> 2) / 63;
    let digest = match choice & 3 {
        0 => Digest::sha256(b"nothing that is here"),
        1 => Digest::sha256(bytes.trim_ascii()),
        2 => Digest::sha256(&bytes[..part.min(bytes.len())]),
        _ => Digest::sha256(&bytes[part.min(bytes.len())..]),
    };
    let (front, behind) = bytes.split_at(part.min(bytes.len()));
    for right in [front, behind, b""] {
        difference(bytes, right);
    }
    let expected = Expected::from(digest.clone());
    for cause in explain(bytes, &expected).causes {
        assert!(
            !cause.name.is_empty() && !cause.sentence.ends_with('.'),
            "{cause:?}"
        );
        if let Remedy::Bytes(right) = cause.right {
            let payload = json::read(&right)
                .is_ok_and(|document| document.object.get("signatures").is_some());
            assert!(
                payload || digest.check(&right) == Some(true),
                "{} is no proof",
                cause.name
            );
            difference(bytes, &right);
        }
    }
}

/// Where two contents differ is found from either side, on a line that there is, and not behind
/// the first byte that differs.
fn difference(one: &[u8], other: &[u8]) {
    for (found, right) in [(one, other), (other, one)] {
        let told = ByteDifference::between(found, right);
        let same = found.iter().zip(right).take_while(|(a, b)| a == b).count();
        let first = json::Position::from_offset(found, same);
        let (line, column) = (told.position.line, told.position.column);
        assert!(
            line == first.line && (1..=first.column).contains(&column),
            "{told:?}, and {first:?}"
        );
    }
}
