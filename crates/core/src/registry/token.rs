//! Asking a token endpoint.

use std::fmt;

use super::auth_policy::TokenRequest;
use crate::json;

impl TokenRequest {
    /// The address to ask: realm, then `service` and each scope as query.
    ///
    /// Source: distribution `docs/content/spec/auth/token.md`.
    ///
    /// ```
    /// use waybill_core::registry::auth_policy::TokenRequest;
    ///
    /// let bearer = TokenRequest {
    ///     realm: "https://auth.docker.io/token".into(),
    ///     service: "registry.docker.io".into(),
    ///     scopes: vec!["repository:library/nginx:pull".into()],
    /// };
    /// assert_eq!(
    ///     bearer.url(),
    ///     "https://auth.docker.io/token?service=registry.docker.io&scope=repository:library/nginx:pull"
    /// );
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = self.realm.clone();
        let mut separator = if url.contains('?') { '&' } else { '?' };
        let mut push = |name: &str, value: &str| {
            url.push(separator);
            separator = '&';
            url.push_str(name);
            push_encoded(&mut url, value);
        };
        if !self.service.is_empty() {
            push("service=", &self.service);
        }
        for scope in &self.scopes {
            push("scope=", scope);
        }
        url
    }
}

/// What may stand in a query stands there as it is, the rest in percent-encoding (RFC 3986,
/// section 3.4).
fn push_encoded(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,*@".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let digit = |four: u8| char::from(b"0123456789ABCDEF"[usize::from(four)]);
            url.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// The token in a token endpoint's answer: `token`, else `access_token`.
pub fn read_token(body: &[u8]) -> Result<String, TokenError> {
    let answer = json::read(body)
        .map_err(|error| match error.reason {
            json::Reason::Html => TokenError::Html,
            _ => TokenError::NotJson,
        })?
        .object;
    let field = |name| {
        answer
            .get(name)
            .and_then(json::Value::as_str)
            .filter(|token| !token.is_empty())
    };
    let token = field("token")
        .or_else(|| field("access_token"))
        .ok_or(TokenError::Missing)?;
    // Anything else could not stand in a header.
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(token.to_owned())
    } else {
        Err(TokenError::Character)
    }
}

/// Why an answer of a token endpoint holds no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It is longer than [`TOKEN_BYTES`](crate::limits::TOKEN_BYTES).
    TooLarge,
    /// It is an HTML page.
    Html,
    /// It is not a JSON object.
    NotJson,
    /// It has neither `token` nor `access_token`, or they are empty.
    Missing,
    /// The token holds a character that cannot stand in a header.
    Character,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the token endpoint's answer is longer than 1 MiB",
            Self::Html => "the token endpoint answers with an HTML page, not with JSON",
            Self::NotJson => "the token endpoint's answer is not a JSON object",
            Self::Missing => "the token endpoint's answer has neither token nor access_token",
            Self::Character => "the token holds a character that cannot stand in a header",
        })
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_the_realms_own_query() {
        let bearer = |realm: &str, service: &str, scopes: &[&str]| {
            let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            TokenRequest {
                realm: realm.into(),
                service: service.into(),
                scopes,
            }
            .url()
        };
        assert_eq!(
            bearer(
                "https://a.example/t?x=1",
                "Docker registry&scope=b",
                &["a:b:*", "c:d:e,f"]
            ),
            "https://a.example/t?x=1&service=Docker%20registry%26scope%3Db&scope=a:b:*&scope=c:d:e,f"
        );
        assert_eq!(
            bearer("https://a.example/t", "", &["é#"]),
            "https://a.example/t?scope=%C3%A9%23"
        );
        assert_eq!(
            bearer("https://a.example/t", "", &[]),
            "https://a.example/t"
        );
    }

    #[test]
    fn a_token_has_two_names() {
        let read = |body: &str| read_token(body.as_bytes());
        assert_eq!(read(r#"{"token":"a","access_token":"b"}"#), Ok("a".into()));
        assert_eq!(
            read(r#"{"token":"","access_token":"b","expires_in":60}"#),
            Ok("b".into())
        );
        assert_eq!(
            read(r#"{"token":null,"access_token":7}"#),
            Err(TokenError::Missing)
        );
        assert_eq!(read(r#"{"token":""}"#), Err(TokenError::Missing));
        assert_eq!(read("[]"), Err(TokenError::NotJson));
        assert_eq!(read("<html>"), Err(TokenError::Html));
        assert_eq!(
            read(r#"{"token":"a\r\nx-evil: 1"}"#),
            Err(TokenError::Character)
        );
    }

    #[test]
    fn errors_say_what_was_expected() {
        assert_eq!(
            TokenError::TooLarge.to_string(),
            "the token endpoint's answer is longer than 1 MiB"
        );
        assert_eq!(
            TokenError::NotJson.to_string(),
            "the token endpoint's answer is not a JSON object"
        );
        assert_eq!(
            TokenError::Missing.to_string(),
            "the token endpoint's answer has neither token nor access_token"
        );
        assert_eq!(
            TokenError::Character.to_string(),
            "the token holds a character that cannot stand in a header"
        );
    }
}
