//! The certificates of an envelope: what they are for, whose thumbprints the manifest names, and who issued them.

use waybill_core::digest::Digest;
use waybill_core::json;

use super::THUMBPRINTS;
use crate::arithmetic::{Arithmetic, Hash};
use crate::certificate::{Certificate, ChainError, NOT_FOR_NOTATION};
use crate::key::{hash, hex};
use crate::question::Question;
use crate::report::{Steps, What, cut};

pub(super) fn check_certificate(steps: &mut Steps, chain: &[Certificate], expected: Option<&str>) {
    let Some(leaf) = chain.first() else {
        return;
    };
    let evidence = format!(
        "names {}; issued by {}",
        leaf.subject_words(),
        leaf.issuer_words()
    );
    let wrong = leaf
        .uses()
        .is_some_and(|uses| uses.iter().any(|one| NOT_FOR_NOTATION.contains(one)));
    if !leaf.says_that_it_signs() {
        steps.fails(
            What::Certificate,
            format!("its key usage is not for signatures; {evidence}"),
        );
    } else if wrong {
        steps.fails(
            What::Certificate,
            format!(
                "it is for servers, mail, time stamps or anything, not for signing; {evidence}"
            ),
        );
    } else if leaf.is_issuer() && chain.len() > 1 {
        steps.fails(What::Certificate, format!("it is an issuer's; {evidence}"));
    } else if let Some(other) = expected.filter(|expected| !leaf.is_named(expected)) {
        steps.fails(
            What::Certificate,
            format!("{evidence}; you asked for {}", cut(other)),
        );
    } else {
        steps.holds(What::Certificate, evidence);
    }
}

/// Compares the thumbprints that the manifest names with the certificates, in their order.
pub(super) fn check_thumbprints(steps: &mut Steps, question: &Question<'_>, chain: &[Certificate]) {
    let Some(text) = question.annotation(THUMBPRINTS) else {
        steps.note(What::Thumbprints, "the manifest names none");
        return;
    };
    let wrapped = format!("{{\"all\":{text}}}");
    let named: Option<Vec<String>> = json::read(wrapped.as_bytes()).ok().and_then(|parsed| {
        let all = parsed.object.get("all")?.as_array()?;
        let all = all
            .iter()
            .map(|one| one.as_str().map(str::to_ascii_lowercase));
        all.collect()
    });
    let own: Vec<_> = chain
        .iter()
        .map(|one| Digest::sha256(one.der()).encoded().to_owned())
        .collect();
    let count = own.len();
    steps.equal(
        What::Thumbprints,
        named.as_ref() == Some(&own),
        format!("those of the manifest are those of its {count} certificates, in their order"),
        "those of the manifest are not those of the certificates that it carries".to_owned(),
    );
}

/// Checks each certificate by the next, the last by itself, and that one of them is what the person gave.
pub(super) async fn check_chain(
    steps: &mut Steps,
    chain: &[Certificate],
    question: &Question<'_>,
    arithmetic: &impl Arithmetic,
) {
    let Some(root) = chain.last() else {
        return;
    };
    for (below, certificate) in chain.iter().enumerate() {
        let checked = match chain.get(below + 1) {
            Some(issuer) => certificate.signed_by(issuer, below, arithmetic).await,
            // One that signs by itself need not be an issuer.
            None if certificate.is_self_issued() => {
                certificate.signature_by(root, arithmetic).await
            }
            None => Err(ChainError::Name),
        };
        let who = certificate.subject_words();
        match checked {
            Ok(()) => {}
            Err(ChainError::Unavailable(unavailable)) => {
                steps.not_checked(What::Chain, unavailable.reason());
                return;
            }
            Err(ChainError::Name) if below + 1 == chain.len() => {
                steps.fails(
                    What::Chain,
                    format!("its last certificate, {who}, is no root"),
                );
                return;
            }
            Err(error) => {
                steps.fails(What::Chain, format!("{who}: {}", error.words()));
                return;
            }
        }
    }
    if let Some(identifier) = chain.iter().find_map(Certificate::stranger) {
        steps.fails(
            What::Chain,
            format!("a certificate has a critical extension that is not known here, {identifier}"),
        );
        return;
    }
    let given = question.given;
    let count = chain.len();
    if chain.iter().any(|one| given.certificates.contains(one)) {
        steps.holds(
            What::Chain,
            format!(
                "{count} certificates, each issued by the next; checked to the certificate you gave"
            ),
        );
    } else if given.certificates.is_empty() {
        let print = Digest::sha256(root.der());
        let (root, print) = (root.subject_words(), print.short().to_owned());
        steps.not_checked(
            What::Chain,
            format!(
                "{count} certificates, each issued by the next, up to {root} (sha256 {print}…); no certificate was \
                 given to compare that with"
            ),
        );
    } else {
        let root = root.der();
        steps.fails(
            What::Chain,
            format!(
                "none of its {count} certificates is one that you gave; its root is {}",
                hex(&hash(Hash::Sha256, root))
            ),
        );
    }
}
