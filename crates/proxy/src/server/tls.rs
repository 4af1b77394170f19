//! https towards clients: a certificate that can be read again while the proxy runs.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error as RustlsError, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::config::settings::TlsFiles;

/// A certificate with its key. Clones are the same one.
#[derive(Clone)]
pub struct ServerTls {
    files: TlsFiles,
    config: Arc<RwLock<Arc<ServerConfig>>>,
}

impl ServerTls {
    /// Reads certificate and key. Fails where a file cannot be read, or the two do not go together.
    pub fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let config = Arc::new(RwLock::new(server_config(files)?));
        Ok(Self {
            files: files.clone(),
            config,
        })
    }

    /// Reads the files again, for the connections to come. Where that fails, all stays as it is.
    pub fn read_again(&self) -> Result<(), TlsError> {
        let config = server_config(&self.files)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Does the handshake with a client.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }
}

fn server_config(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let unreadable = |path: &PathBuf| {
        let path = path.clone();
        move |cause| TlsError::Unreadable { path, cause }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .map_err(unreadable(&files.certificate))?;
    let chain = chain
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    let versions = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions();
    let config =
        versions.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|cause| TlsError::Unusable {
        path: files.certificate.clone(),
        cause,
    })?;
    // Heads are checked byte by byte as those of HTTP/1.1.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Why there is no https.
#[derive(Debug)]
pub enum TlsError {
    /// A file could not be read, or is not PEM.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader of PEM says.
        cause: PemError,
    },
    /// Certificate and key do not go together.
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What the TLS library says.
        cause: RustlsError,
    },
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, cause } => {
                write!(f, "{} cannot be read as PEM: {cause}", path.display())
            }
            Self::Unusable { path, cause } => {
                write!(
                    f,
                    "the certificate in {} cannot be used with its key: {cause}",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for TlsError {}
