//! The fallback tag of registries without the referrers API.
//!
//! A manifest with a `subject` is to be found from that subject. A registry that keeps
//! referrers may say with `OCI-Subject` that it took note. Not every one does, and from many a
//! page cannot read that header, so that its absence proves nothing: the registry is then
//! asked for the referrers themselves. Only where it has no such API does the push keep the
//! tag `sha256-<hex>` of the subject, an OCI image index with one entry for each referrer.
//!
//! A step goes this way:
//!
//! 1. `Unknown`: the referrers of the subject are asked for. Where the API is there, the step
//!    is `Present` and done.
//! 2. `Unknown` again, now with `is_needed`: the index under the tag is read.
//! 3. `Present` where the index has the entry already, else `Planned` with the new index in
//!    `put`: the old one and the entry behind it, or an index of the entry alone where there
//!    was no such tag.
//! 4. The index is put under the tag: `Done`.
//!
//! Nothing keeps another client from writing the tag between reading and putting it.
//!
//! Source: distribution-spec, "Referrers Tag Schema", "Pushing Manifests with Subject".

use crate::compose::{Draft, Entry, ListKind};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Content, Format, Manifest};
use crate::media_type::MediaType;
use crate::reference::{Tag, Target};
use crate::registry::error::RegistryError;
use crate::registry::push::PutOutcome;

use super::{
    Effect, Failure, ManifestStep, Model, Outcome, ReferrersStep, Request, Step, StepState,
};

/// The subject of a manifest, and the manifest as an entry of its referrers.
///
/// `None` where it names no subject, or one without a valid digest. The entry has the media
/// type and digest of the step, the length of the bytes, and the manifest's own annotations
/// and artifact type. For an image without an artifact type its config's media type stands
/// there.
pub(super) fn refers(manifest: &Manifest, step: &ManifestStep) -> Option<(Digest, Descriptor)> {
    let (subject, artifact_type, annotations) = match &manifest.content {
        Content::Image(image) => {
            let config = image
                .config
                .as_ref()
                .and_then(|config| config.media_type.as_ref());
            (
                &image.subject,
                image.artifact_type.as_ref().or(config),
                &image.annotations,
            )
        }
        Content::List(list) => (
            &list.subject,
            list.artifact_type.as_ref(),
            &list.annotations,
        ),
        Content::Unknown => return None,
    };
    let entry = Descriptor {
        media_type: Some(step.media_type.clone()),
        digest: Some(step.digest.clone()),
        digest_text: step.digest.to_string(),
        size: Some(manifest.bytes.len() as u64),
        artifact_type: artifact_type.cloned(),
        annotations: annotations.clone(),
        ..Descriptor::default()
    };
    Some((subject.as_ref()?.digest.clone()?, entry))
}

/// The tag of a digest's referrers: both parts cut to what a tag may hold.
///
/// The algorithm's name is cut to 32 characters and the rest to 64, and every character that a
/// tag may not hold becomes `-`: `multihash+base58:QmR=x` gives `multihash-base58-QmR-x`, and
/// a digest of SHA-512 keeps half of its hex.
pub(in crate::workflow) fn fallback_tag(digest: &Digest) -> Option<Tag> {
    let part = |text: &str, most: usize| -> String {
        let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        text.chars()
            .take(most)
            .map(|c| if is_kept(c) { c } else { '-' })
            .collect()
    };
    [
        &part(digest.algorithm_name(), 32),
        "-",
        &part(digest.encoded(), 64),
    ]
    .concat()
    .parse()
    .ok()
}

/// The list of referrers in these bytes; `None` where they are something else.
///
/// That is an OCI image index that is not ambiguous, each of whose entries says its artifact
/// type, or is an index, which may have none, and is for no platform: an entry for a platform
/// is a part of an image.
fn referrers_in(bytes: Vec<u8>) -> Option<Draft> {
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).ok()?;
    if manifest.format != Format::OciIndex || manifest.ambiguous {
        return None;
    }
    let is_index = |entry: &Descriptor| entry.media_type == Some(MediaType::OCI_INDEX);
    let is_referrer = |entry: &Descriptor| {
        entry.platform.is_none() && (entry.artifact_type.is_some() || is_index(entry))
    };
    let list = manifest.list()?;
    list.entries
        .iter()
        .all(is_referrer)
        .then(|| Draft::from_list(list, ListKind::OciIndex))
}

impl Model {
    /// A manifest was put. Where the registry did not take note of its subject, that is for us
    /// to do.
    ///
    /// `place` is that of the manifest. Nothing is added for one without a subject, nor twice
    /// for one that was put again after a retry.
    pub(super) fn need_referrers(&mut self, place: usize, put: PutOutcome) {
        if put.subject_taken {
            return;
        }
        let Some((subject, entry)) = self.manifests[place].refers.as_deref().cloned() else {
            return;
        };
        let is_known = self
            .referrers
            .iter()
            .any(|step| step.entry.digest == entry.digest);
        if let Some(tag) = fallback_tag(&subject).filter(|_| !is_known) {
            self.referrers.push(ReferrersStep {
                tag,
                subject,
                entry,
                state: StepState::Unknown,
                is_needed: false,
                put: None,
            });
        }
    }

    /// One after the other: several may be of one tag.
    ///
    /// The next question or write of the first step that is not there; `None` until tag and
    /// list are at the target, and while that step waits for its answer. So each index is read
    /// only after the one before it was put, and no entry of the same push is lost.
    pub(super) fn next_referrers(&mut self) -> Option<Effect> {
        if self.referrers.is_empty()
            || !self.tags.iter().all(|tag| tag.state.is_there())
            || !self.is_list_there()
        {
            return None;
        }
        let place = self
            .referrers
            .iter()
            .position(|step| !step.state.is_over())?;
        let step = &mut self.referrers[place];
        let target = Target::Tag(step.tag.clone());
        let request = match (&step.state, step.put.take()) {
            (StepState::Unknown, _) if !step.is_needed => {
                step.state = StepState::Asked;
                Request::HasReferrers {
                    place: self.task.target.clone(),
                    subject: step.subject.clone(),
                }
            }
            (StepState::Unknown, _) => {
                step.state = StepState::Asked;
                Request::ReadTarget {
                    place: self.task.target.clone(),
                    target,
                }
            }
            (StepState::Planned, Some((media_type, bytes))) => {
                step.state = StepState::Running { sent: 0 };
                self.task.put(target, media_type, &bytes)
            }
            _ => return None,
        };
        Some(self.effect(Step::Referrers(place), request))
    }

    /// Takes what was answered to a step, and says what it is to do next.
    ///
    /// Bytes that have the subject's digest are the subject: GitLab answers the tag
    /// `sha256-HEX` with the manifest `sha256:HEX`. They tell nothing of referrers, and what
    /// was put under the tag could not be read, so the step fails with `SubjectItself`. With
    /// anything else that is no list of referrers it fails with `NotReferrers`. Nothing is
    /// overwritten then. Any fault of the registry counts as one of the target.
    pub(super) fn take_referrers(&mut self, place: usize, answer: Outcome) {
        let step = &mut self.referrers[place];
        let known = match answer {
            Outcome::Read(Ok(answer)) => {
                let says_subject =
                    answer.docker_content_digest.as_deref() == Some(step.subject.as_str());
                if says_subject || step.subject.check(&answer.bytes) == Some(true) {
                    step.state = StepState::Failed(Failure::SubjectItself);
                    return;
                }
                referrers_in(answer.bytes)
            }
            Outcome::Read(Err(RegistryError::NotFound(_))) => Some(Draft::new(ListKind::OciIndex)),
            Outcome::Put(Ok(_)) => {
                step.state = StepState::Done;
                return;
            }
            Outcome::Read(Err(error)) | Outcome::Put(Err(error)) | Outcome::Has(Err(error)) => {
                step.state = StepState::Failed(Failure::target(error));
                return;
            }
            Outcome::Has(Ok(true)) => {
                step.state = StepState::Present;
                return;
            }
            Outcome::Has(Ok(false)) => {
                step.is_needed = true;
                step.state = StepState::Unknown;
                return;
            }
            Outcome::Sent(_) => return,
        };
        let Some(mut draft) = known else {
            step.state = StepState::Failed(Failure::NotReferrers);
            return;
        };
        if draft
            .entries
            .iter()
            .any(|entry| entry.descriptor.digest == step.entry.digest)
        {
            step.state = StepState::Present;
            return;
        }
        draft.entries.push(Entry {
            descriptor: step.entry.clone(),
            ..Entry::default()
        });
        let written = draft.write();
        step.put = Some((written.kind.media_type(), written.bytes));
        step.state = StepState::Planned;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_the_referrers_is_the_digest_cut_to_a_tag() {
        let tag = |digest: &str| {
            fallback_tag(&digest.parse().expect("a digest")).map(|tag| tag.as_str().to_owned())
        };
        let hex = "0123456789abcdef".repeat(4);
        assert_eq!(tag(&format!("sha256:{hex}")), Some(format!("sha256-{hex}")));
        assert_eq!(
            tag(&format!("sha512:{hex}{hex}")),
            Some(format!("sha512-{hex}"))
        );
        assert_eq!(
            tag("multihash+base58:QmR=x"),
            Some("multihash-base58-QmR-x".to_owned())
        );
    }
}
