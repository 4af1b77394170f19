//! Signatures of schema 1 checked without a browser, through the same values as in the page.

use p256::ecdsa::signature::Verifier;
use p256::pkcs8::DecodePublicKey;
use rsa::pkcs1v15;
use rsa::sha2::{Sha256, Sha384, Sha512};
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
