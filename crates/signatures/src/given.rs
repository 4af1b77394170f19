//! What a person gives, against which signatures are checked.

use std::fmt;

use waybill_core::json::{self, Value};

use crate::certificate::Certificate;
use crate::key::PublicKey;
use crate::limits;
use crate::pem;
use crate::root::TrustedRoot;

/// Keys, certificates and a root of sigstore's, as a person gave them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Public keys.
    pub keys: Vec<PublicKey>,
    /// Certificates: of issuers, or those that sign.
    pub certificates: Vec<Certificate>,
    /// A root of sigstore's.
    pub root: Option<TrustedRoot>,
    /// Whom a certificate has to name; with `None` it is shown, and the person judges.
    pub signer: Option<String>,
}

/// Why nothing could be read of what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenError {
    /// It is none of the forms that are known.
    Unknown,
    /// It is larger than anything that is asked for.
    TooLarge,
    /// It holds a private key, which has no place here.
    PrivateKey,
    /// A public key of a kind that is not checked here, or one that is broken.
    Key,
    /// A certificate that cannot be read.
    Certificate,
    /// A root of sigstore's that cannot be read.
    Root(String),
    /// A key of `OpenPGP`.
    OpenPgp,
}

/// The forms that are known, for a person whose file is none of them.
pub const FORMS: &str = "a public key (PEM or DER SubjectPublicKeyInfo, or a JWK), certificates (PEM or DER), \
                         or a trusted_root.json of sigstore's";

impl fmt::Display for GivenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "this is none of the forms that are read here: {FORMS}"),
            Self::TooLarge => write!(f, "this is larger than 1 MiB; what is read here: {FORMS}"),
            Self::PrivateKey => f.write_str(
                "this holds a private key, and nothing of it was kept: give the public key, \
                 which `cosign public-key` or `openssl pkey -pubout` writes",
            ),
            Self::Key => f.write_str(
                "this is a public key of a kind that is not checked here; those are P-256, P-384, P-521, RSA and \
                 Ed25519",
            ),
            Self::Certificate => f.write_str("a certificate in this cannot be read"),
            Self::Root(why) => write!(f, "this trusted root cannot be read: {why}"),
            Self::OpenPgp => f.write_str(
                "this is an OpenPGP key, whose signatures are not checked here: `skopeo standalone-verify` does it",
            ),
        }
    }
}

impl std::error::Error for GivenError {}

impl Given {
    /// Reads what was given, and adds it to what is here.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), GivenError> {
        if bytes.len() > limits::GIVEN_BYTES {
            return Err(GivenError::TooLarge);
        }
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if let Some(text) = str::from_utf8(bytes)
            .ok()
            .filter(|text| text.contains("-----BEGIN "))
        {
            return self.add_pem(text);
        }
        if first == Some(&b'{') {
            return self.add_json(bytes);
        }
        if let Some(key) = PublicKey::read(bytes) {
            self.add_key(key);
            return Ok(());
        }
        self.add_certificate(Certificate::read(bytes).ok_or(GivenError::Unknown)?);
        Ok(())
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.certificates.is_empty() && self.root.is_none()
    }

    /// What it is in words, a line each.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let keys = self.keys.iter().map(PublicKey::words);
        let certificates = self.certificates.iter().map(|certificate| {
            let kind = if certificate.is_issuer() {
                "certificate of an issuer"
            } else {
                "certificate"
            };
            format!("{kind}, {}", certificate.names().join(", "))
        });
        let root = self.root.iter().map(|root| root.name.clone());
        keys.chain(certificates).chain(root).collect()
    }

    fn add_key(&mut self, key: PublicKey) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
        // Each signature is tried with each.
        self.keys.truncate(limits::SIGNATURES);
    }

    fn add_certificate(&mut self, certificate: Certificate) {
        if !self.certificates.contains(&certificate) {
            self.certificates.push(certificate);
        }
        self.certificates.truncate(limits::SIGNATURES);
    }

    fn add_pem(&mut self, text: &str) -> Result<(), GivenError> {
        let blocks = pem::blocks(text);
        if blocks
            .iter()
            .any(|block| block.label.contains("PRIVATE KEY"))
        {
            return Err(GivenError::PrivateKey);
        }
        let mut found = false;
        for block in blocks {
            match block.label.as_str() {
                "PUBLIC KEY" => {
                    let key = block.bytes.as_deref().and_then(PublicKey::read);
                    self.add_key(key.ok_or(GivenError::Key)?);
                }
                "CERTIFICATE" => {
                    let certificate = block.bytes.as_deref().and_then(Certificate::read);
                    self.add_certificate(certificate.ok_or(GivenError::Certificate)?);
                }
                label if label.starts_with("PGP ") => return Err(GivenError::OpenPgp),
                _ => continue,
            }
            found = true;
        }
        found.then_some(()).ok_or(GivenError::Unknown)
    }

    fn add_json(&mut self, bytes: &[u8]) -> Result<(), GivenError> {
        let parsed = json::read(bytes).map_err(|_| GivenError::Unknown)?;
        let object = &parsed.object;
        if object.get("kty").is_some() {
            if ["d", "p", "k"]
                .iter()
                .any(|name| object.get(name).is_some())
            {
                return Err(GivenError::PrivateKey);
            }
            self.add_key(PublicKey::of_jwk(object).ok_or(GivenError::Key)?);
            return Ok(());
        }
        let media_type = object.get("mediaType").and_then(Value::as_str);
        if !media_type.is_some_and(|found| found.contains("sigstore.trustedroot")) {
            return Err(GivenError::Unknown);
        }
        let root = TrustedRoot::read(bytes, "the root that you gave").map_err(GivenError::Root)?;
        self.root = Some(root);
        Ok(())
    }
}
