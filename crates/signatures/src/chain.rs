//! Chains of certificates: from the one that signs to one that a person gave.

use crate::arithmetic::Arithmetic;
use crate::certificate::{Certificate, ChainError};
use crate::limits;

/// Checks that each certificate was issued by the next one of a chain.
pub(crate) async fn follow(
    chain: &[Certificate],
    arithmetic: &impl Arithmetic,
) -> Result<(), String> {
    for (below, pair) in chain.windows(2).enumerate() {
        let [certificate, issuer] = pair else {
            continue;
        };
        certificate
            .signed_by(issuer, below, arithmetic)
            .await
            .map_err(|error| of(certificate, error))?;
    }
    strangers(chain)
}

fn of(certificate: &Certificate, error: ChainError) -> String {
    format!("{}: {}", certificate.subject_words(), error.words())
}

/// A critical extension that is not known here is something that was asked for and not done.
fn strangers(chain: &[Certificate]) -> Result<(), String> {
    for certificate in chain {
        if let Some(identifier) = certificate.stranger() {
            return Err(format!(
                "{} has a critical extension that is not known here, {identifier}",
                certificate.subject_words()
            ));
        }
    }
    Ok(())
}

/// Finds the way from a certificate over others to one that was given; the way holds both ends.
///
/// A certificate that was given itself is a way of one.
pub(crate) async fn find(
    leaf: &Certificate,
    others: &[Certificate],
    given: &[Certificate],
    arithmetic: &impl Arithmetic,
) -> Result<Vec<Certificate>, String> {
    let mut chain = vec![leaf.clone()];
    let mut why = "nobody whose certificate you gave issued it".to_owned();
    while chain.len() < limits::CHAIN {
        let Some(last) = chain.last().cloned() else {
            break;
        };
        if given.contains(&last) {
            strangers(&chain)?;
            return Ok(chain);
        }
        let below = chain.len() - 1;
        let mut next = None;
        for issuer in given.iter().chain(others) {
            if chain.contains(issuer) {
                continue;
            }
            match last.signed_by(issuer, below, arithmetic).await {
                Ok(()) => {
                    next = Some(issuer.clone());
                    break;
                }
                Err(ChainError::Name) => {}
                Err(error) => why = of(&last, error),
            }
        }
        match next {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    Err(why)
}
