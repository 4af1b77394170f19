//! The arithmetic of signatures by `WebCrypto`, for `waybill_signatures`.

use waybill_signatures::{Algorithm, Arithmetic, Curve, Hash, Unavailable};

use super::signature::{Parameters, subtle, verify};

/// The browser's arithmetic, which it has on pages that came over https or from this machine.
#[derive(Clone, Copy, Debug)]
pub struct WebCrypto;

impl Arithmetic for WebCrypto {
    async fn verify(
        &self,
        key: &[u8],
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Unavailable> {
        let subtle = subtle().ok_or(Unavailable::InsecurePage)?;
        let parameters = Parameters {
            name: match algorithm {
                Algorithm::Ecdsa(..) => "ECDSA",
                Algorithm::RsaPkcs1(_) => "RSASSA-PKCS1-v1_5",
                Algorithm::RsaPss(_) => "RSA-PSS",
            },
            curve: match algorithm {
                Algorithm::Ecdsa(curve, _) => Curve::name(curve),
                Algorithm::RsaPkcs1(_) | Algorithm::RsaPss(_) => "",
            },
            hash: Hash::name(algorithm.hash()),
            salt: algorithm.hash().length(),
        };
        let holds = verify(&subtle, &parameters, key, signature, message).await;
        holds
            .map(|holds| holds.is_truthy())
            .map_err(|_| Unavailable::Key)
    }
}
