//! The registry client's talk, request by request, over a scripted transport.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod anonymous;
mod copy_referrers;
mod credentials;
mod errors;
mod memory;
mod proxy_first;
mod push;
mod related;
mod stream;
mod tags;
mod tokens;
mod upload;
mod access;

use waybill_core::reference::Reference;
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::settings::{Access, Credentials, RegistrySettings};
use waybill_core::registry::transport::{Response, TransportError};
use waybill_core::view::Explanation;
use waybill_testkit::transport::{Script, answer, with};

const DOCKER: &str = " | accept: application/vnd.docker.distribution.manifest.v2+json,\
                      application/vnd.docker.distribution.manifest.list.v2+json";
const OCI: &str =
    " | accept: application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";
const ALL: &str = " | accept: application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json,\
                   application/vnd.docker.distribution.manifest.list.v2+json,\
                   application/vnd.docker.distribution.manifest.v2+json,\
                   application/vnd.docker.distribution.manifest.v1+prettyjws,\
                   application/vnd.docker.distribution.manifest.v1+json";
/// user:s3cret-password
const BASIC: &str = " | authorization: Basic dXNlcjpzM2NyZXQtcGFzc3dvcmQ=";

fn client() -> Client<Script> {
    Client::new(Script::new())
}

fn credentials() -> Credentials {
    Credentials {
        username: "user".into(),
        password: "s3cret-password".into(),
    }
}

fn set(client: &Client<Script>, host: &str, access: Access, credentials: Option<Credentials>) {
    let settings = RegistrySettings {
        access,
        credentials,
        ..RegistrySettings::default()
    };
    client.configure(&host.parse().expect("a host"), settings);
}

fn expect(client: &Client<Script>, line: impl Into<String>, response: Response) {
    client.transport().expect(line, Ok(response));
}

fn fail(client: &Client<Script>, line: impl Into<String>, error: TransportError) {
    client.transport().expect(line, Err(error));
}

/// Reads a manifest, then checks that the whole script was used.
fn read(client: &Client<Script>, reference: &str) -> Result<Fetched, RegistryError> {
    let reference: Reference = reference.parse().expect("a reference");
    let target = reference.target();
    let read = client.manifest(reference.host(), reference.repository(), &target, None);
    let result = client.transport().run(read);
    client.transport().finish();
    result
}

fn body(result: Result<Fetched, RegistryError>) -> String {
    String::from_utf8(result.expect("an answer").bytes).expect("text")
}

fn refused(result: Result<Fetched, RegistryError>) -> (RegistryError, Explanation) {
    let error = result.expect_err("an error");
    let told = error.explain();
    let shown = format!("{error} {error:?} {told:?}");
    for secret in ["s3cret-password", "dXNlcjpzM2NyZXQtcGFzc3dvcmQ=", "t0ken"] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
    assert!(!told.next.is_empty(), "nothing to do next in {told:?}");
    assert_eq!(told.what, error.to_string());
    (error, told)
}

fn bearer(response: Response, realm: &str) -> Response {
    let challenge =
        format!(r#"Bearer realm="{realm}",service="r.example",scope="repository:a/b:pull""#);
    with(response, "www-authenticate", &challenge)
}

fn token(text: &str) -> Response {
    answer(200, format!(r#"{{"token":"{text}","expires_in":300}}"#))
}

const URL: &str = "proxy GET https://r.example/v2/a/b/manifests/1";
const TOKEN: &str =
    "proxy token GET https://auth.example/token?service=r.example&scope=repository:a/b:pull";

/// A client that goes to r.example through the proxy.
fn proxied(credentials: Option<Credentials>) -> Client<Script> {
    let client = client();
    set(&client, "r.example", Access::Proxy, credentials);
    client
}
