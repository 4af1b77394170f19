//! Other tags of the source that go along, each under its own name and byte for byte.

use std::rc::Rc;

use super::rewrite::Refused;
use super::{Document, Model, Selection, Wanted};
use crate::digest::{Algorithm, Digest};
use crate::manifest::Manifest;
use crate::reference::{Reference, Tag};
use crate::workflow::fetch::Fetch;

/// A tag, and the manifest that it names.
pub(super) type OtherTag = (Tag, Rc<Manifest>, Digest);

impl Model {
    /// What the other tags name that go along, as far as it came.
    pub(super) fn others(&self) -> Vec<OtherTag> {
        let tags = self.choice.other_tags.iter();
        let came = tags.filter_map(|tag| {
            let found = self.documents.get(&Wanted::OtherTag(tag.clone()));
            match found.and_then(Fetch::done)? {
                Document::Manifest(manifest) => {
                    let digest = manifest.digest(Algorithm::Sha256)?;
                    Some((tag.clone(), Rc::clone(manifest), digest))
                }
                Document::Config(_) | Document::Refused(_) | Document::None => None,
            }
        });
        came.collect()
    }
}

impl Selection {
    /// The tag that two images would have in that target, whose own tag and `more_tags` are to name
    /// what the source's reference names.
    #[must_use]
    pub fn tag_twice(&self, target: &Reference, more_tags: &[Tag]) -> Option<&Tag> {
        let latest = Tag::latest();
        let own = target.tag().unwrap_or(&latest);
        let others = self.others.iter().map(|(tag, _)| tag);
        let mut twice = others.filter(|tag| *tag == own || more_tags.contains(tag));
        twice.next()
    }
}

/// What the other tags name that go along, each tag once.
pub(super) fn other_tags(model: &Model) -> Result<Vec<OtherTag>, Refused> {
    if model.choice.other_tags.is_empty() {
        return Ok(Vec::new());
    }
    if !model.choice.is_exact() {
        return Err(Refused::OtherTagsRewritten);
    }
    for tag in &model.choice.other_tags {
        let wanted = Wanted::OtherTag(tag.clone());
        if let Some(Document::Refused(why)) = model.documents.get(&wanted).and_then(Fetch::done) {
            return Err(Refused::OtherTag(tag.clone(), why.clone()));
        }
    }
    let mut others = model.others();
    others.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    others.dedup_by(|(one, ..), (other, ..)| one == other);
    Ok(others)
}
