//! What holds credentials. Too much is called a secret rather than too little: such bytes are not
//! kept, and nothing else comes of it.

use crate::base64;
use crate::json::{Object, Value, fold};

use super::{Kind, Recognized};

const DOCKER: &str = "docker's or podman's file of logins";
const KUBERNETES: &str = "a Kubernetes secret";
const KEPT: &str = "It holds credentials, so nothing of it is kept or shown.";

const LOGIN: &str = "a login: a user with a password";
const KUBECONFIG: &str = "a kubeconfig with its credentials";
const CLOUD: &str = "a key to the account of a cloud";
const TOKEN: &str = "the answer of a token service";

/// Members whose text is a secret, in whatever object, with what they make of the document.
///
/// Source: docker's `config.json` (cli, `AuthConfig`), RFC 6749 for answers with tokens,
/// Kubernetes "Image pull secrets" and `kubeconfig`, the answer of ECR's `GetAuthorizationToken`,
/// Google's files of service accounts and users, Amazon's `Credentials`.
const ANYWHERE: [(&str, Kind, &str); 19] = [
    (".dockerconfigjson", Kind::Credentials, KUBERNETES),
    (".dockercfg", Kind::Credentials, KUBERNETES),
    ("identitytoken", Kind::Credentials, DOCKER),
    ("registrytoken", Kind::Credentials, DOCKER),
    ("credsstore", Kind::Credentials, DOCKER),
    ("access_token", Kind::Token, TOKEN),
    ("refresh_token", Kind::Token, TOKEN),
    ("id_token", Kind::Token, TOKEN),
    ("authorizationtoken", Kind::Token, TOKEN),
    ("authorization", Kind::Credentials, REQUEST),
    ("x-registry-auth", Kind::Credentials, REQUEST),
    ("client-key-data", Kind::Credentials, KUBECONFIG),
    ("client_secret", Kind::Credentials, CLOUD),
    ("clientsecret", Kind::Credentials, CLOUD),
    ("private_key", Kind::Credentials, CLOUD),
    ("secretaccesskey", Kind::Credentials, CLOUD),
    ("aws_secret_access_key", Kind::Credentials, CLOUD),
    ("sessiontoken", Kind::Credentials, CLOUD),
    ("secret_access_key", Kind::Credentials, CLOUD),
];

/// What stands only in text with a secret, in lower case, for text that is no JSON.
const IN_TEXT: [(&str, Kind, &str); 27] = [
    (".dockerconfigjson", Kind::Credentials, KUBERNETES),
    (".dockercfg", Kind::Credentials, KUBERNETES),
    ("\"auths\"", Kind::Credentials, DOCKER),
    ("'auths'", Kind::Credentials, DOCKER),
    ("\\\"auths\\\"", Kind::Credentials, DOCKER),
    ("\"identitytoken\"", Kind::Credentials, DOCKER),
    ("\"registrytoken\"", Kind::Credentials, DOCKER),
    ("\"credsstore\"", Kind::Credentials, DOCKER),
    ("\"credhelpers\"", Kind::Credentials, DOCKER),
    ("\"access_token\"", Kind::Token, TOKEN),
    ("\"refresh_token\"", Kind::Token, TOKEN),
    ("\"token\":", Kind::Token, TOKEN),
    ("client-key-data:", Kind::Credentials, KUBECONFIG),
    (
        "private key-----",
        Kind::Credentials,
        "a private key in PEM",
    ),
    ("authorization: bearer ", Kind::Token, REQUEST),
    ("authorization:bearer ", Kind::Token, REQUEST),
    ("authorization: basic ", Kind::Credentials, REQUEST),
    ("authorization:basic ", Kind::Credentials, REQUEST),
    ("x-registry-auth:", Kind::Credentials, REQUEST),
    ("secret_access_key", Kind::Credentials, CLOUD),
    ("aws_session_token", Kind::Credentials, CLOUD),
    ("\naws:eyj", Kind::Credentials, ECR),
    ("github_pat_", Kind::Token, PERSONAL),
    ("glpat-", Kind::Token, PERSONAL),
    ("dckr_pat_", Kind::Token, PERSONAL),
    ("dckr_oat_", Kind::Token, PERSONAL),
    ("ghp_", Kind::Token, PERSONAL),
];
const REQUEST: &str = "a request with its password or token";
const ECR: &str = "the login of Amazon ECR";
const PERSONAL: &str = "a token of a person's account";

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
        Value::Object(object) => in_object(object).or_else(|| {
            object.iter().find_map(|(name, value)| match value {
                Value::String(_) => ANYWHERE
                    .iter()
                    .find(|(secret, ..)| is(name, secret))
                    .map(|(_, kind, what)| found(*kind, what)),
                Value::Object(_) if is(name, "auths") || is(name, "credhelpers") => {
                    Some(found(Kind::Credentials, DOCKER))
                }
                other => anywhere(other),
            })
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// What several members of an object tell together.
fn in_object(object: &Object<'_>) -> Option<Recognized> {
    let is_text = |name| any_case(object, name).is_some_and(|value| value.as_str().is_some());
    if is_text("password") && (is_text("username") || is_text("user")) {
        return Some(found(Kind::Credentials, LOGIN));
    }
    // A login by itself: a user and a password in base64.
    let auth = any_case(object, "auth").and_then(Value::as_str);
    let is_login = |bytes: Vec<u8>| bytes.contains(&b':');
    if auth.and_then(base64::decode).is_some_and(is_login) {
        return Some(found(Kind::Credentials, DOCKER));
    }
    let kind = any_case(object, "kind").and_then(Value::as_str)?;
    any_case(object, "apiversion")?;
    match kind {
        "Secret" => Some(found(Kind::Credentials, KUBERNETES)),
        "Config" if any_case(object, "users").is_some() => {
            Some(found(Kind::Credentials, KUBECONFIG))
        }
        _ => None,
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
    let lower = ["\n", &lower].concat();
    IN_TEXT
        .iter()
        .find(|(secret, ..)| lower.contains(secret))
        .map(|(_, kind, name)| found(*kind, name))
        .or_else(|| in_lines(&lower))
        .or_else(|| in_command(text))
}

/// What several lines tell together: YAML, and `.netrc`. The text is in lower case.
fn in_lines(lower: &str) -> Option<Recognized> {
    let is_line = |name: &str| {
        lower
            .lines()
            .any(|line| line.trim_start().starts_with(name))
    };
    let has = |name: &str| is_line(&[name, ":"].concat());
    if is_line("kind: secret") && has("apiversion") {
        return Some(found(Kind::Credentials, KUBERNETES));
    }
    if is_line("kind: config") && has("users") {
        return Some(found(Kind::Credentials, KUBECONFIG));
    }
    if has("auths") && has("auth") {
        return Some(found(Kind::Credentials, DOCKER));
    }
    if has("password") && has("username") {
        return Some(found(Kind::Credentials, LOGIN));
    }
    let words = || lower.split_whitespace();
    let is_netrc = lower.trim_start().starts_with("machine ")
        && words().any(|word| word == "login")
        && words().any(|word| word == "password");
    is_netrc.then(|| found(Kind::Credentials, "a file of logins, .netrc"))
}

/// A command with a password in it: `-u me:secret`, `login -p secret`, an address with a user.
fn in_command(text: &str) -> Option<Recognized> {
    const NAME: &str = "a command with its password";
    let words: Vec<_> = text.split_whitespace().collect();
    let is_login = words.contains(&"login");
    let is_secret = |pair: &[&str]| match pair {
        [
            "-u" | "--user" | "--creds" | "--src-creds" | "--dest-creds",
            value,
        ] => {
            value.contains(':')
                && !value.contains(['$', '/'])
                // A user and a group of docker run are numbers.
                && value.contains(|c: char| !c.is_ascii_digit() && c != ':')
        }
        ["-p" | "--password", value] => is_login && !value.contains('$'),
        _ => false,
    };
    let has_user = |word: &&str| {
        let host = word
            .split_once("://")
            .and_then(|(_, rest)| rest.split('/').next());
        let user = host.and_then(|host| host.rsplit_once('@'));
        user.is_some_and(|(user, _)| user.contains(':') && !user.contains('$'))
    };
    let is_one = |word: &&str| {
        let value = word
            .split_once('=')
            .filter(|(name, _)| *name == "--password");
        value.is_some_and(|(_, value)| !value.contains('$'))
    };
    let is_found =
        words.windows(2).any(is_secret) || words.iter().any(|word| has_user(word) || is_one(word));
    is_found.then(|| found(Kind::Credentials, NAME))
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
