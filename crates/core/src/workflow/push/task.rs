//! What is pushed where.
//!
//! Fixed for the time of a push: what is composed anew needs a task and a plan of its own.

use std::rc::Rc;

use crate::compose::Written;
use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::reference::{Reference, Tag, Target};
use crate::registry::push::Repository;
use crate::workflow::compose;

use super::Request;

/// What is pushed where.
#[derive(Clone, Debug)]
pub struct Task {
    /// The repository.
    pub target: Repository,
    /// The tag.
    pub tag: Tag,
    /// The list.
    pub written: Rc<Written>,
    /// For each of its entries, in the order of the written list, the repository that has the
    /// manifest; `None` where it was given as bytes.
    pub sources: Vec<Option<Repository>>,
    /// Contents that are here, by digest: manifests, and configs or other blobs that they
    /// name. Looked into before a source is read.
    pub given: Vec<(Digest, Rc<[u8]>)>,
}

impl Task {
    /// The list of a composition; `None` where no target is named.
    ///
    /// Only the repository and the tag of the target count, `latest` where it has no tag: its
    /// digest is what the list has.
    #[must_use]
    pub fn from_composition(composition: &compose::Model) -> Option<Self> {
        let target: &Reference = composition.composition().target.as_ref()?;
        let source = |row: &compose::Row| row.source.reference().map(Repository::from_reference);
        Some(Self {
            target: Repository::from_reference(target),
            tag: target.tag().cloned().unwrap_or_else(Tag::latest),
            written: Rc::clone(composition.written()),
            sources: composition.written_rows().map(source).collect(),
            given: composition.all_given().to_vec(),
        })
    }

    /// The media type of the list.
    #[must_use]
    pub fn media_type(&self) -> MediaType {
        self.written.kind.media_type()
    }

    /// The request that puts a manifest into the repository of the target.
    pub(super) fn put(&self, target: Target, media_type: MediaType, bytes: &Rc<[u8]>) -> Request {
        Request::PutManifest {
            place: self.target.clone(),
            target,
            media_type,
            bytes: Rc::clone(bytes),
        }
    }

    /// The bytes of that digest, where somebody gave them. They are not hashed here: a
    /// manifest is compared when it is read, a blob when it is uploaded.
    pub(super) fn given(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        self.given
            .iter()
            .find(|(known, _)| known == digest)
            .map(|(_, bytes)| Rc::clone(bytes))
    }
}
