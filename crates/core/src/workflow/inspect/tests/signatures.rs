//! Signatures of schema 1: checked once, and for the bytes that they are of.

use super::*;

/// A signed manifest whose signature nobody has checked yet.
pub(in crate::workflow) fn signed() -> Vec<u8> {
    let payload = r#"{"schemaVersion":1,"name":"a","tag":"1","architecture":"amd64","fsLayers":[{"blobSum":"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"}],"history":[{"v1Compatibility":"{\"id\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"os\":\"linux\"}"}]}"#;
    let protected = format!(
        r#"{{"formatLength":{},"formatTail":"fQ"}}"#,
        payload.len() - 1
    );
    let protected =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, protected);
    let number = "A".repeat(43);
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{number}","y":"{number}"}}"#);
    let header = format!(r#"{{"jwk":{jwk},"alg":"ES256"}}"#);
    let entry = format!(
        r#"{{"header":{header},"signature":"{number}{number}","protected":"{protected}"}}"#
    );
    format!(
        "{},\"signatures\":[{entry}]}}",
        payload.strip_suffix('}').expect("an object")
    )
    .into_bytes()
}

/// An inspection of the signed manifest by its digest, and the effects of its arrival.
fn signed_arrived() -> (Model, Vec<Effect>) {
    let (manifest, _) = Manifest::read(signed(), &DeclaredTypes::none()).expect("a manifest");
    let digest = manifest.digest(crate::digest::Algorithm::Sha256);
    let (mut model, _) = Model::open(
        InspectTarget::Bundle {
            name: "It".into(),
            expected: digest,
        },
        Vec::new(),
        Generation(1),
    );
    let result = Ok(Received::local(signed().into()));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result,
        },
    );
    (model, effects)
}

fn checked(model: &mut Model, signed: &Rc<Signed>, result: Checked) {
    let msg = Msg::SignaturesChecked {
        key: ContentKey::Root,
        signed: Rc::clone(signed),
        results: vec![result],
    };
    assert_eq!(update(model, msg), []);
}

#[test]
fn a_signature_is_checked_once_and_makes_the_stamp_no_better_than_the_digest_does() {
    let stamp = |model: &Model| (model.summary().stamp.status, model.summary().stamp.text);
    for (result, status, word, finding) in [
        (Checked::Holds, Status::Verified, "Verified here", None),
        (
            Checked::DoesNotHold,
            Status::Failed,
            "1 error",
            Some(Code::SignatureInvalid),
        ),
        (
            Checked::NotChecked(NotChecked::InsecurePage),
            Status::Verified,
            "Verified here",
            Some(Code::SignatureUnchecked),
        ),
    ] {
        let (mut model, effects) = signed_arrived();
        let [
            Effect::CheckSignatures {
                key: ContentKey::Root,
                signed,
            },
        ] = effects.as_slice()
        else {
            panic!("{effects:?}")
        };
        assert_eq!(stamp(&model), (Status::Pending, "Checking".to_owned()));
        checked(&mut model, signed, result);
        assert_eq!(stamp(&model), (status, word.to_owned()));
        assert_eq!(
            model
                .summary()
                .detail
                .ends_with("A signature does not fit it."),
            status == Status::Failed
        );
        let found = model
            .findings()
            .iter()
            .find(|found| found.pointer == "/signatures/0/signature");
        assert_eq!(found.map(|found| found.code), finding);
        assert_eq!(
            update(&mut model, Msg::Go(Vec::new())),
            [],
            "it is not checked again"
        );
    }
    // Where nobody named a digest, a good signature is no reason for a better stamp.
    let (mut model, _) = Model::open(
        InspectTarget::Bundle {
            name: "It".into(),
            expected: None,
        },
        Vec::new(),
        Generation(1),
    );
    let result = Ok(Received::local(signed().into()));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result,
        },
    );
    let [Effect::CheckSignatures { signed, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    checked(&mut model, signed, Checked::Holds);
    assert_eq!(stamp(&model), (Status::Unchecked, "Not checked".to_owned()));
}

#[test]
fn what_was_checked_counts_only_for_the_bytes_that_were_checked() {
    let (mut model, _) = signed_arrived();
    let (_, others) = signed_arrived();
    let [Effect::CheckSignatures { signed, .. }] = others.as_slice() else {
        panic!("{others:?}")
    };
    checked(&mut model, signed, Checked::Holds);
    let Current::Image(node, _) = model.current() else {
        panic!("an image")
    };
    assert!(node.is_being_checked());
}
