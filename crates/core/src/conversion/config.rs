//! The structs of configs in Go, and a config rewritten as one.
//!
//! Source: image-spec `specs-go/v1/config.go` at the version that skopeo 1.9.3 is built with;
//! containers/image `manifest/docker_schema2.go`.

use crate::json::style::Escapes;
use crate::json::{self, AnomalyKind, Object, Parsed, Pointer, Writer};

use super::structure::{self, Field, Kind, Members, always, unless_empty};
use super::{Document, Lost, Refusal};

/// image-spec's `Image`.
const OCI: &[Field] = &[
    unless_empty("created", Kind::OptionalTime),
    unless_empty("author", Kind::Text),
    always("architecture", Kind::Text),
    unless_empty("variant", Kind::Text),
    always("os", Kind::Text),
    unless_empty("os.version", Kind::Text),
    unless_empty("os.features", Kind::Texts),
    always("config", Kind::Struct(OCI_CONFIG)),
    always("rootfs", Kind::Struct(ROOTFS)),
    unless_empty("history", Kind::Structs(OCI_HISTORY)),
];

const OCI_CONFIG: &[Field] = &[
    unless_empty("User", Kind::Text),
    unless_empty("ExposedPorts", Kind::Set),
    unless_empty("Env", Kind::Texts),
    unless_empty("Entrypoint", Kind::Texts),
    unless_empty("Cmd", Kind::Texts),
    unless_empty("Volumes", Kind::Set),
    unless_empty("WorkingDir", Kind::Text),
    unless_empty("Labels", Kind::Map),
    unless_empty("StopSignal", Kind::Text),
    unless_empty("ArgsEscaped", Kind::Flag),
];

const ROOTFS: &[Field] = &[always("type", Kind::Text), always("diff_ids", Kind::Texts)];

const OCI_HISTORY: &[Field] = &[
    unless_empty("created", Kind::OptionalTime),
    unless_empty("created_by", Kind::Text),
    unless_empty("author", Kind::Text),
    unless_empty("comment", Kind::Text),
    unless_empty("empty_layer", Kind::Flag),
];

/// containers/image's `Schema2V1Image`: what configs of docker before 1.8.3 are rewritten to.
pub(super) const OLD_DOCKER: &[Field] = &[
    unless_empty("id", Kind::Text),
    unless_empty("parent", Kind::Text),
    unless_empty("comment", Kind::Text),
    always("created", Kind::Time),
    unless_empty("container", Kind::Text),
    always("container_config", Kind::Struct(DOCKER_CONFIG)),
    unless_empty("docker_version", Kind::Text),
    unless_empty("author", Kind::Text),
    unless_empty("config", Kind::OptionalStruct(DOCKER_CONFIG)),
    unless_empty("architecture", Kind::Text),
    unless_empty("variant", Kind::Text),
    unless_empty("os", Kind::Text),
    unless_empty("Size", Kind::Integer),
];

const DOCKER_CONFIG: &[Field] = &[
    always("Hostname", Kind::Text),
    always("Domainname", Kind::Text),
    always("User", Kind::Text),
    always("AttachStdin", Kind::Flag),
    always("AttachStdout", Kind::Flag),
    always("AttachStderr", Kind::Flag),
    unless_empty("ExposedPorts", Kind::Set),
    always("Tty", Kind::Flag),
    always("OpenStdin", Kind::Flag),
    always("StdinOnce", Kind::Flag),
    always("Env", Kind::Texts),
    always("Cmd", Kind::Command),
    unless_empty("Healthcheck", Kind::OptionalStruct(HEALTH_CHECK)),
    unless_empty("ArgsEscaped", Kind::Flag),
    always("Image", Kind::Text),
    always("Volumes", Kind::Set),
    always("WorkingDir", Kind::Text),
    always("Entrypoint", Kind::Command),
    unless_empty("NetworkDisabled", Kind::Flag),
    unless_empty("MacAddress", Kind::Text),
    always("OnBuild", Kind::Texts),
    always("Labels", Kind::Map),
    unless_empty("StopSignal", Kind::Text),
    unless_empty("StopTimeout", Kind::Integer),
    unless_empty("Shell", Kind::Command),
];

const HEALTH_CHECK: &[Field] = &[
    unless_empty("Test", Kind::Texts),
    unless_empty("Interval", Kind::Integer),
    unless_empty("Timeout", Kind::Integer),
    unless_empty("StartPeriod", Kind::Integer),
    unless_empty("Retries", Kind::Integer),
];

/// Reads a document as Go's decoder would: an object, nothing in front of it or behind it.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    document: Document,
    place: &Pointer,
) -> Result<Parsed<'a>, Refusal> {
    let parsed =
        json::read(bytes).map_err(|error| Refusal::Unreadable(document, place.clone(), error))?;
    let is_around = |kind: &AnomalyKind| match kind {
        AnomalyKind::ByteOrderMark | AnomalyKind::TrailingData { .. } => true,
        // Of names each reader judges the ones that it reads.
        AnomalyKind::DuplicateName { .. }
        | AnomalyKind::CaseVariantName { .. }
        | AnomalyKind::Number { .. }
        | AnomalyKind::LoneSurrogate { .. } => false,
    };
    if parsed.anomalies.iter().any(|one| is_around(&one.kind)) {
        return Err(Refusal::Ambiguous(document, place.clone()));
    }
    Ok(parsed)
}

/// A Docker config as skopeo rewrites it for OCI, and what is lost of it.
pub(super) fn as_oci(config: &[u8]) -> Result<(Vec<u8>, Vec<Lost>), Refusal> {
    let parsed = read(config, Document::Config, &Pointer::ROOT)?;
    rewritten(&parsed.object, OCI)
}

/// An object written as the struct of these fields, and what is lost of it.
pub(super) fn rewritten(
    object: &Object<'_>,
    fields: &'static [Field],
) -> Result<(Vec<u8>, Vec<Lost>), Refusal> {
    let members = Members::new(object, Pointer::ROOT);
    let (mut json, mut lost) = (Writer::new(Escapes::Html), vec![]);
    structure::write(&members, fields, &mut json, &mut lost)?;
    Ok((json.into_text().into_bytes(), lost))
}
