//! What is pushed where.
//!
//! Fixed for the time of a push: what is composed anew needs a task and a plan of its own.

use std::borrow::Cow;
use std::rc::Rc;

use crate::compose::Written;
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::manifest::Manifest;
use crate::manifest::detect::DeclaredTypes;
use crate::media_type::MediaType;
use crate::reference::{Reference, Tag, Target};
use crate::registry::push::Repository;
use crate::workflow::compose;

use super::Request;

/// What the tag is to name.
#[derive(Clone, Debug)]
pub enum Root {
    /// A list that was composed.
    Composed(Rc<Written>),
    /// An image or list as it is in a repository, byte for byte, with all that it names.
    Copied(Copied),
}

/// What is copied, and from where.
#[derive(Clone, Debug)]
pub struct Copied {
    manifest: Rc<Manifest>,
    digest: Digest,
    media_type: MediaType,
    source: Repository,
}

impl Root {
    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        match self {
            Self::Composed(written) => &written.digest,
            Self::Copied(copied) => &copied.digest,
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &Rc<[u8]> {
        match self {
            Self::Composed(written) => &written.bytes,
            Self::Copied(copied) => &copied.manifest.bytes,
        }
    }

    /// How many bytes its digest is of.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Composed(written) => written.bytes.len() as u64,
            Self::Copied(copied) => copied.manifest.size() as u64,
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> MediaType {
        match self {
            Self::Composed(written) => written.kind.media_type(),
            Self::Copied(copied) => copied.media_type.clone(),
        }
    }

    /// The entries of a list; none of an image.
    #[must_use]
    pub fn entries(&self) -> &[Descriptor] {
        match self {
            Self::Composed(written) => &written.list.entries,
            Self::Copied(copied) => copied
                .manifest
                .list()
                .map_or(&[], |list| list.entries.as_slice()),
        }
    }

    /// Where everything that it names comes from; `None` for a composed list, whose entries have
    /// a source each.
    pub(super) fn source(&self) -> Option<&Repository> {
        match self {
            Self::Composed(_) => None,
            Self::Copied(copied) => Some(&copied.source),
        }
    }
}

/// A manifest that goes along with the root: a signature, or another that refers to it.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The manifest.
    pub manifest: Rc<Manifest>,
    /// The tag that it is found by; `None` where it is found by what it refers to.
    pub tag: Option<Tag>,
}

/// A blob of which more is known than the manifest that names it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBlob {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Where it is read: not where its manifest is.
    pub source: Repository,
}

/// What is pushed where.
#[derive(Clone, Debug)]
pub struct Task {
    /// The repository.
    pub target: Repository,
    /// The tag.
    pub tag: Tag,
    /// More tags that are to name the same. They are put before the other one.
    pub more_tags: Vec<Tag>,
    /// What else goes along, out of the source of the root.
    pub companions: Vec<Companion>,
    /// What the tag is to name.
    pub root: Root,
    /// For each entry of a composed list, in its order, the repository that has the manifest;
    /// `None` where it was given as bytes. Empty for a copy, whose root has one source.
    pub sources: Vec<Option<Repository>>,
    /// Contents that are here, by digest: manifests, and configs or other blobs that they
    /// name. Looked into before a source is read.
    pub given: Vec<(Digest, Rc<[u8]>)>,
    /// Blobs that are elsewhere than the manifests that name them: layers that were compressed anew.
    pub known: Vec<KnownBlob>,
    /// Manifests that a list names and that are not copied, sorted. The registry may refuse the list
    /// for it.
    pub left_out: Vec<Digest>,
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
            more_tags: Vec::new(),
            companions: Vec::new(),
            root: Root::Composed(Rc::clone(composition.written())),
            sources: composition.written_rows().map(source).collect(),
            given: composition.all_given().to_vec(),
            known: Vec::new(),
            left_out: Vec::new(),
        })
    }

    /// A copy of an image or list, exact: the manifest keeps its bytes, and so does everything
    /// that it names. The tag is that of the target, `latest` where it has none.
    ///
    /// `None` where the manifest has no digest or no format that could be put: a broken signature
    /// block, or what is no manifest.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use waybill_core::reference::Reference;
    /// use waybill_core::registry::push::Repository;
    /// use waybill_core::workflow::push::Task;
    /// use waybill_core::{DeclaredTypes, Manifest};
    ///
    /// let from: Reference = "ghcr.io/o/app:1".parse()?;
    /// let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    /// let (manifest, _) = Manifest::read(&bytes[..], &DeclaredTypes::none())?;
    /// let source = Repository::from_reference(&from);
    /// let task = Task::copy(Rc::new(manifest), source, &"registry.example/app:1".parse()?).expect("an index");
    /// assert_eq!(task.tag.as_str(), "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn copy(manifest: Rc<Manifest>, source: Repository, target: &Reference) -> Option<Self> {
        let copied = Copied {
            digest: manifest.digest(Algorithm::Sha256)?,
            media_type: manifest.format.media_type()?,
            manifest,
            source,
        };
        Some(Self {
            target: Repository::from_reference(target),
            tag: target.tag().cloned().unwrap_or_else(Tag::latest),
            more_tags: Vec::new(),
            companions: Vec::new(),
            root: Root::Copied(copied),
            sources: Vec::new(),
            given: Vec::new(),
            known: Vec::new(),
            left_out: Vec::new(),
        })
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

    /// The bytes that the digest of what the tag names is of: all of them, but of schema 1 its payload.
    /// A registry signs that anew.
    pub(super) fn hashed<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.root.media_type().is_schema1() {
            return Cow::Borrowed(bytes);
        }
        let read = Manifest::read(bytes, &DeclaredTypes::none()).ok();
        let payload = read.and_then(|(manifest, _)| Some(manifest.digest_input()?.to_vec()));
        payload.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }

    /// Where a blob is read that is not where its manifest is.
    pub(super) fn known(&self, digest: &Digest) -> Option<&KnownBlob> {
        self.known.iter().find(|known| known.digest == *digest)
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
