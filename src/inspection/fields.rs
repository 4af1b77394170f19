//! The fields of a manifest: its digest and type, what it was compared with, who signed it, and what it says besides.

use crate::components::config::pairs;
use crate::components::digest::{full, written};
use crate::components::element::{Element, el};
use crate::components::status;
use crate::components::text::{code, field, quiet, text, wide_field};
use crate::limits::ITEMS_DRAWN;
use waybill_core::descriptor::Descriptor;
use waybill_core::humanize::number;
use waybill_core::manifest::schema1::jws::{Checked, Signature};
use waybill_core::manifest::{Image, List};
use waybill_core::media_type::MediaType;
use waybill_core::verify::{Comparison, DigestSource, Verdict};
use waybill_core::view::Status;
use waybill_core::workflow::inspect::Node;

pub(super) fn box_of_fields() -> Element {
    el("div").class("fields")
}

pub(super) fn manifest_fields(node: &Node, label: &str) -> Element {
    let bytes = &node.arrival.bytes;
    let (media_type, known_by) = match &node.manifest {
        Ok(manifest) => {
            let agreed = manifest
                .opinions
                .iter()
                .filter(|opinion| opinion.agrees)
                .map(|opinion| opinion.source.name());
            (
                manifest.format.media_type(),
                agreed.collect::<Vec<_>>().join(", "),
            )
        }
        Err(_) => (None, String::new()),
    };
    let digest = match &node.digest {
        Some(digest) => wide_field(label).child(full(digest)),
        None => wide_field(label).child("cannot be told"),
    };
    let media_type = media_type.map(|media_type| {
        wide_field("Media type").child(el("code").child(format_args!("{media_type}")))
    });
    let size = number(bytes.len() as u64);
    let signed = node.signed();
    let size = match signed {
        Some(signed) => {
            format!(
                "{size} bytes, {} of them signed",
                number(signed.payload.len() as u64)
            )
        }
        None => format!("{size} bytes"),
    };
    let known_by = (!known_by.is_empty()).then(|| field("Known by").child(known_by));
    let mut fields = box_of_fields()
        .child(digest)
        .child(media_type)
        .child(field("Size").child(size));
    for comparison in &node.comparisons {
        fields = fields.child(compared(field(who(comparison.authority)), comparison));
    }
    fields = fields.child(known_by);
    for (index, signature) in signed
        .iter()
        .flat_map(|signed| &signed.signatures)
        .take(ITEMS_DRAWN)
        .enumerate()
    {
        let result = node
            .signatures
            .as_ref()
            .and_then(|results| results.get(index))
            .copied();
        fields = fields.child(self::signature(signature, result));
    }
    fields
}

/// Draws a signature: by which key, and whether it holds. The key is in the same document, so this says nothing of who
/// signed.
fn signature(signature: &Signature, result: Option<Checked>) -> Element {
    let id = signature
        .key_id
        .as_ref()
        .or(signature.stated_key_id.as_ref());
    let by = match (result, id) {
        (Some(Checked::Holds), Some(_)) => "signed by key ",
        (_, Some(_)) => "said to be by key ",
        (_, None) => "said to be by an unknown key",
    };
    let verdict = match result {
        None => status::verdict(Status::Pending, "being checked"),
        Some(Checked::Holds) => {
            status::verdict(Status::Verified, "holds: shows integrity, not origin")
        }
        Some(Checked::DoesNotHold) => status::verdict(Status::Failed, "does not fit the payload"),
        Some(Checked::NotChecked(why)) => status::verdict(Status::Unchecked, why.reason()),
    };
    let algorithm = signature
        .algorithm
        .as_deref()
        .map(|name| quiet(" with ").child(text(name)));
    let by = wide_field("Signature")
        .child(by)
        .child(id.map(|id| code(id)));
    by.child(algorithm).child(" ").child(verdict)
}

fn who(authority: DigestSource) -> &'static str {
    match authority {
        DigestSource::Asked => "Asked for",
        DigestSource::Parent => "The list said",
        DigestSource::Registry => "Registry said",
    }
}

pub(super) fn compared(field: Element, comparison: &Comparison) -> Element {
    match &comparison.verdict {
        Verdict::Verified => field.child(status::verdict(Status::Verified, "the same digest")),
        Verdict::WrongSize { expected, .. } => field.child(status::verdict(
            Status::Failed,
            &format!("{} bytes", number(*expected)),
        )),
        Verdict::WrongDigest { .. } => {
            let expected = written(
                &comparison.expected,
                comparison.expected.parse().ok().as_ref(),
            );
            field
                .child(status::verdict(Status::Failed, "another digest"))
                .child(el("br"))
                .child(expected)
        }
        Verdict::NotChecked(why) => field.child(status::verdict(Status::Unchecked, why.reason())),
    }
}

pub(super) fn extra_of_list(fields: Element, list: &List) -> Element {
    common(
        fields,
        list.artifact_type.as_ref(),
        list.subject.as_ref(),
        &list.annotations,
        &list.unknown,
    )
}

pub(super) fn extra_of_image(fields: Element, image: &Image) -> Element {
    common(
        fields,
        image.artifact(),
        image.subject.as_ref(),
        &image.annotations,
        &image.unknown,
    )
}

fn common(
    fields: Element,
    artifact_type: Option<&MediaType>,
    subject: Option<&Descriptor>,
    annotations: &[(String, String)],
    unknown: &[(String, String)],
) -> Element {
    let listed = |label, list: &[(String, String)]| {
        (!list.is_empty()).then(|| wide_field(label).child(pairs(list)))
    };
    let subject = subject.map(|subject| {
        wide_field("Refers to").child(written(&subject.digest_text, subject.digest.as_ref()))
    });
    fields
        .child(
            artifact_type
                .map(|artifact_type| field("Artifact type").child(text(artifact_type.as_str()))),
        )
        .child(subject)
        .child(listed("Annotations", annotations))
        .child(listed("Members outside the specification", unknown))
}
