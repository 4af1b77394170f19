//! What holds credentials. Too much is called a secret rather than too little: such bytes are not
//! kept, and nothing else comes of it.

use crate::json::{Object, Value, fold};

use super::{Kind, Recognized};

const DOCKER: &str = "docker's or podman's file of logins";
const KUBERNETES: &str = "a Kubernetes secret with registry logins";
const KEPT: &str = "It holds credentials, so nothing of it is kept or shown.";

/// Members whose text is a secret, in whatever object, with what they make of the document.
///
/// Source: docker's `config.json` (cli, `AuthConfig`), RFC 6749 for answers with tokens,
/// Kubernetes "Image pull secrets", the answer of ECR's `GetAuthorizationToken`.
const ANYWHERE: [(&str, Kind, &str); 9] = [
    (".dockerconfigjson", Kind::Credentials, KUBERNETES),
    (".dockercfg", Kind::Credentials, KUBERNETES),
    ("identitytoken", Kind::Credentials, DOCKER),
    ("registrytoken", Kind::Credentials, DOCKER),
    ("credsstore", Kind::Credentials, DOCKER),
    ("access_token", Kind::Token, TOKEN),
    ("refresh_token", Kind::Token, TOKEN),
    ("id_token", Kind::Token, TOKEN),
    ("authorizationtoken", Kind::Token, TOKEN),
];
const TOKEN: &str = "the answer of a token service";

/// What stands only in text with a secret, in lower case, for text that is no JSON.
const IN_TEXT: [(&str, Kind, &str); 14] = [
    (".dockerconfigjson", Kind::Credentials, KUBERNETES),
    (".dockercfg", Kind::Credentials, KUBERNETES),
    ("\"auths\"", Kind::Credentials, DOCKER),
    ("\"identitytoken\"", Kind::Credentials, DOCKER),
    ("\"registrytoken\"", Kind::Credentials, DOCKER),
    ("\"credsstore\"", Kind::Credentials, DOCKER),
    ("\"credhelpers\"", Kind::Credentials, DOCKER),
    ("\"access_token\"", Kind::Token, TOKEN),
    ("\"refresh_token\"", Kind::Token, TOKEN),
    ("\"token\":", Kind::Token, TOKEN),
    (
        "client-key-data:",
        Kind::Credentials,
        "a kubeconfig with a key",
    ),
    (
        "private key-----",
        Kind::Credentials,
        "a private key in PEM",
    ),
    (
        "authorization: bearer ",
        Kind::Token,
        "a request with its token",
    ),
    (
        "authorization: basic ",
        Kind::Credentials,
        "a request with its password",
    ),
];

pub(super) fn found(kind: Kind, name: &str) -> Recognized {
    Recognized::new(kind, name, KEPT)
}

fn is(name: &str, lower: &str) -> bool {
    fold(name).eq(lower.chars())
}

/// The first member of that name, whatever its case: as Go reads it.
fn any_case<'a, 'b>(object: &'a Object<'b>, lower: &str) -> Option<&'a Value<'b>> {
    let mut members = object.iter();
    members
        .find(|(name, _)| is(name, lower))
        .map(|(_, value)| value)
}

/// Whether a JSON document holds credentials, and which.
pub(super) fn in_value(value: &Value<'_>) -> Option<Recognized> {
    if let Value::Object(object) = value {
        // A manifest is none, whatever its author wrote into it.
        if super::document::is_manifest(object) {
            return None;
        }
        let is_text = |name| any_case(object, name).is_some_and(|value| value.as_str().is_some());
        if is_text("token") {
            return Some(found(Kind::Token, TOKEN));
        }
        if is_text("secret") && is_text("username") {
            let name = "the answer of a credential helper";
            return Some(found(Kind::Credentials, name));
        }
        // The file before `auths`: a login for each host.
        if object.iter().any(|(_, host)| {
            let login = host.as_object().and_then(|login| any_case(login, "auth"));
            login.is_some_and(|auth| auth.as_str().is_some())
        }) {
            return Some(found(Kind::Credentials, DOCKER));
        }
    }
    match value {
        Value::String(text) => in_text(text),
        other => anywhere(other),
    }
}

/// The document was bounded in depth when it was read.
fn anywhere(value: &Value<'_>) -> Option<Recognized> {
    match value {
        Value::Array(values) => values.iter().find_map(anywhere),
        Value::Object(object) => object.iter().find_map(|(name, value)| match value {
            Value::String(_) => ANYWHERE
                .iter()
                .find(|(secret, ..)| is(name, secret))
                .map(|(_, kind, what)| found(*kind, what)),
            Value::Object(_) if is(name, "auths") || is(name, "credhelpers") => {
                Some(found(Kind::Credentials, DOCKER))
            }
            other => anywhere(other),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether text that is no JSON holds credentials: a file that was cut off, YAML, a key.
pub(super) fn in_text(text: &str) -> Option<Recognized> {
    let lower = text.to_ascii_lowercase();
    if is_jwt(text.trim()) {
        return Some(found(Kind::Token, "a token"));
    }
    // What was a manifest before something broke it is looked at as one.
    if lower.contains("\"schemaversion\"") && !lower.contains("\"auths\"") {
        return None;
    }
    IN_TEXT
        .iter()
        .find(|(secret, ..)| lower.contains(secret))
        .map(|(_, kind, name)| found(*kind, name))
}

/// Source: RFC 7519: three parts in base64url, of which the first is an object.
fn is_jwt(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    text.starts_with("eyJ")
        && text.split('.').count() == 3
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
