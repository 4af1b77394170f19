//! Certificates.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A certificate authority of the tests.
pub(crate) struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl CertificateAuthority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key"))
            .expect("certificate");
        Self { issuer }
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a certificate");
        roots
    }

    /// A TLS server for these names and addresses; `until` is the last year in which its certificate is valid.
    pub(crate) fn server(&self, names: &[&str], until: i32) -> TlsAcceptor {
        self.server_of(names, until, &[])
    }

    /// The same for a server that offers HTTP/2 and HTTP/1.1.
    pub(crate) fn http2_server(&self, names: &[&str]) -> TlsAcceptor {
        self.server_of(names, 4000, &[b"h2", b"http/1.1"])
    }

    /// Certificate and key of a server in PEM.
    pub(crate) fn pem(&self, names: &[&str]) -> (String, String) {
        let (certificate, key) = self.certificate(names, 4000);
        (certificate.pem(), key.serialize_pem())
    }

    fn certificate(&self, names: &[&str], until: i32) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("key");
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.not_after = rcgen::date_time_ymd(until, 12, 31);
        (
            params.signed_by(&key, &self.issuer).expect("certificate"),
            key,
        )
    }

    fn server_of(&self, names: &[&str], until: i32, protocols: &[&[u8]]) -> TlsAcceptor {
        let (certificate, key) = self.certificate(names, until);
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("key");
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("certificate and key");
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}
