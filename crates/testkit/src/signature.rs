//! Signatures of schema 1 checked without a browser, through the same values as in the page.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use rsa::sha2::{Digest as _, Sha256, Sha384, Sha512};
use rsa::{pkcs1v15, pss};
use waybill_core::manifest::schema1::Signed;
use waybill_core::manifest::schema1::jws::{
    Checked, NotChecked, SignatureAlgorithm, SignatureCheck,
};

/// Checks every signature, in order.
pub fn check_all(signed: &Signed) -> Vec<Checked> {
    let unreadable = Checked::NotChecked(NotChecked::Unreadable);
    signed
        .checks()
        .map(|one| one.map_or(unreadable, |one| check(&one)))
        .collect()
}

/// Checks one signature.
pub fn check(one: &SignatureCheck) -> Checked {
    match one.algorithm {
        SignatureAlgorithm::Es256 => {
            with::<p256::ecdsa::Signature, _>(one, p256::ecdsa::VerifyingKey::from_public_key_der)
        }
        SignatureAlgorithm::Es384 => {
            with::<p384::ecdsa::Signature, _>(one, p384::ecdsa::VerifyingKey::from_public_key_der)
        }
        SignatureAlgorithm::Es512 => {
            with::<p521::ecdsa::Signature, _>(one, p521::ecdsa::VerifyingKey::from_public_key_der)
        }
        SignatureAlgorithm::Rs256 => with::<pkcs1v15::Signature, _>(
            one,
            pkcs1v15::VerifyingKey::<Sha256>::from_public_key_der,
        ),
        SignatureAlgorithm::Rs384 => with::<pkcs1v15::Signature, _>(
            one,
            pkcs1v15::VerifyingKey::<Sha384>::from_public_key_der,
        ),
        SignatureAlgorithm::Rs512 => with::<pkcs1v15::Signature, _>(
            one,
            pkcs1v15::VerifyingKey::<Sha512>::from_public_key_der,
        ),
    }
}

fn with<'a, S: TryFrom<&'a [u8]>, K: Verifier<S>>(
    one: &'a SignatureCheck,
    read: impl Fn(&[u8]) -> p256::pkcs8::spki::Result<K>,
) -> Checked {
    let Ok(key) = read(one.key.der()) else {
        return Checked::NotChecked(NotChecked::KeyRefused);
    };
    // What no signer writes, such as r = 0, does not hold either.
    let signature = S::try_from(&one.signature).ok();
    let holds =
        signature.is_some_and(|signature| key.verify(&one.signing_input, &signature).is_ok());
    if holds {
        Checked::Holds
    } else {
        Checked::DoesNotHold
    }
}

/// Tells whether `signature` is one of `message`; `None` where the key is of another kind.
///
/// The kind is `P-256`, `P-384` or `P-521`, whose signatures are r and s in their full length, `PKCS1` or `PSS`; the hash
/// is `SHA-256`, `SHA-384` or `SHA-512`.
pub fn verify(
    key: &[u8],
    kind: &str,
    hash: &str,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    macro_rules! curve {
        ($curve:ident, $length:expr) => {{
            let key = $curve::ecdsa::VerifyingKey::from_public_key_der(key).ok()?;
            let signature = $curve::ecdsa::Signature::from_slice(signature).ok();
            let hash = hashed(hash, message, $length);
            Some(signature.is_some_and(|signature| key.verify_prehash(&hash, &signature).is_ok()))
        }};
    }
    macro_rules! by_rsa {
        ($scheme:ident) => {
            match hash {
                "SHA-256" => by_rsa!($scheme, Sha256),
                "SHA-384" => by_rsa!($scheme, Sha384),
                _ => by_rsa!($scheme, Sha512),
            }
        };
        ($scheme:ident, $hash:ident) => {{
            let key = rsa::PublicKey::from_public_key_der(key).ok()?;
            let key = $scheme::VerifyingKey::<$hash>::new(key);
            let signature = $scheme::Signature::try_from(signature).ok();
            Some(signature.is_some_and(|signature| key.verify(message, &signature).is_ok()))
        }};
    }
    match kind {
        "P-256" => curve!(p256, 32),
        "P-384" => curve!(p384, 32),
        "P-521" => curve!(p521, 64),
        "PKCS1" => by_rsa!(pkcs1v15),
        _ => by_rsa!(pss),
    }
}

/// A hash of at least so many bytes: the library refuses shorter ones for a large curve, and zeros in front change no
/// number.
fn hashed(name: &str, message: &[u8], least: usize) -> Vec<u8> {
    let hash = match name {
        "SHA-256" => Sha256::digest(message).to_vec(),
        "SHA-384" => Sha384::digest(message).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    };
    let zeros = least.saturating_sub(hash.len());
    [vec![0; zeros], hash].concat()
}
