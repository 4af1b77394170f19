//! The documents of a manifest: which it has, and what came of those that were opened.

use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::documents::{self, Document, Signed};
use crate::limits;
use crate::media_type::MediaType;
use crate::registry::error::RegistryError;

use super::super::fetch::{Failure, Fetch, Received};
use super::Model;
use super::message::{Answer, Ask, LongDocument};
use super::node::Related;

/// A document that a manifest names.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// As the manifest names it.
    pub descriptor: &'a Descriptor,
    /// Whether it is the manifest's config.
    pub is_config: bool,
}

/// A document that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its bytes; of a long one the beginning, as the page has the rest elsewhere.
    pub bytes: Rc<[u8]>,
    /// How many bytes it has.
    pub size: u64,
    /// Whether they have another digest than was named.
    pub is_another: bool,
    /// Whether something is inside of all that is around it.
    pub has_payload: bool,
    /// What they say.
    pub document: Document,
}

impl Content {
    /// Reads the bytes of a document with that digest.
    #[must_use]
    pub fn read(bytes: Rc<[u8]>, digest: &Digest, media_type: &str) -> Self {
        let document = documents::read(&bytes, media_type);
        Self {
            size: bytes.len() as u64,
            is_another: digest.check(&bytes) == Some(false),
            has_payload: document.inner.is_some(),
            document,
            bytes,
        }
    }

    /// Whether all of its bytes are here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.size
    }
}

/// A document that is signed, or is a signature, with all that a check of it needs. Nothing here
/// checks it.
#[derive(Clone, Copy, Debug)]
pub struct SignedDocument<'a> {
    /// As its manifest names it: its media type, digest and size, and the annotations, in which
    /// cosign keeps signature, certificate and log entry.
    pub listed: &'a Descriptor,
    /// What was decoded of it.
    pub document: &'a Document,
    /// Whether its bytes have another digest than was named.
    pub is_another: bool,
    /// The manifest that names it.
    pub manifest: &'a Related,
    /// What that manifest was found under: what the signature has to be of. Its digest, size and
    /// media type are those of the bytes that are looked at, or of the entry that names them.
    pub subject: &'a Descriptor,
}

impl<'a> Listed<'a> {
    /// What the statement in it is about, as the manifest says before anything is read: a hint.
    #[must_use]
    pub fn predicate(&self) -> Option<&'a str> {
        let names = ["in-toto.io/predicate-type", "predicateType"];
        names
            .into_iter()
            .find_map(|name| self.descriptor.annotation(name))
    }

    /// Whether it is read as soon as its manifest is opened: a text that is not long.
    #[must_use]
    pub fn is_read_at_once(&self) -> bool {
        let is_short = |size| size <= limits::DOCUMENT_READ_BYTES;
        let named = self.descriptor.media_type.as_ref();
        let text = named.map_or("", MediaType::as_str).to_ascii_lowercase();
        let kinds = ["json", "text/", "jose", "cose", "xml", "yaml"];
        let is_text = kinds.iter().any(|kind| text.contains(kind));
        is_text && self.descriptor.size.is_some_and(is_short)
    }
}

impl Related {
    /// The documents that it names: the layers of an artifact, and its config where that is not
    /// empty; none of an image.
    #[must_use]
    pub fn documents(&self) -> Vec<Listed<'_>> {
        let Some(image) = self.node().and_then(|node| node.image()) else {
            return Vec::new();
        };
        if image.artifact().is_none() {
            return Vec::new();
        }
        let is_said = |config: &&Descriptor| {
            let media_type = config.media_type.as_ref();
            !media_type.is_none_or(|it| it.is_image_config() || *it == MediaType::OCI_EMPTY)
                && config.size != Some(2)
                && config.size != Some(0)
        };
        let config = image.config.as_ref().filter(is_said);
        let config = config.into_iter().map(|descriptor| (descriptor, true));
        let layers = image.layers.iter().map(|descriptor| (descriptor, false));
        let all = config.chain(layers).take(limits::DOCUMENTS_LISTED);
        all.map(|(descriptor, is_config)| Listed {
            descriptor,
            is_config,
        })
        .collect()
    }

    /// How many documents it names beyond those.
    #[must_use]
    pub fn documents_beyond(&self) -> usize {
        let image = self.node().and_then(|node| node.image());
        let layers = image.map_or(0, |image| image.layers.len());
        layers.saturating_sub(limits::DOCUMENTS_LISTED)
    }
}

impl Model {
    /// What came of a document; `None` where nobody read it.
    #[must_use]
    pub fn content(&self, listed: &Descriptor) -> Option<&Fetch<Content>> {
        self.contents.get(listed.digest.as_ref()?)
    }

    /// A document with all that a check of it needs; `None` unless it came, and is signed or a
    /// signature. `parent` is the place of what its manifest was found under.
    #[must_use]
    pub fn signed<'a>(
        &'a self,
        manifest: &'a Related,
        listed: Listed<'a>,
        parent: usize,
    ) -> Option<SignedDocument<'a>> {
        let content = self.content(listed.descriptor)?.done()?;
        let under = self.nodes().get(parent)?;
        // What is looked at by itself is of what it names.
        let subject = if under.digest == manifest.digest {
            manifest.subject()?
        } else {
            &under.descriptor
        };
        let is_signed = matches!(content.document.signed, Signed::By(_) | Signed::Payload);
        is_signed.then_some(SignedDocument {
            listed: listed.descriptor,
            document: &content.document,
            is_another: content.is_another,
            manifest,
            subject,
        })
    }

    /// Reads the documents of a manifest that are not long, as soon as it is here.
    pub(super) fn open_documents(&mut self, manifest: &Digest) {
        let Some(node) = self.node(manifest) else {
            return;
        };
        if node.node().is_none() {
            if !self.opened.contains(manifest) {
                self.opened.push(manifest.clone());
            }
            return;
        }
        let listed = node.documents();
        let read = listed.iter().filter(|listed| listed.is_read_at_once());
        let wanted: Vec<_> = read.map(|listed| listed.descriptor.clone()).collect();
        for descriptor in wanted {
            self.want(&descriptor);
        }
    }

    /// Reads one document.
    pub(super) fn read_document(&mut self, manifest: &Digest, document: usize) {
        let node = self.node(manifest);
        let listed = node.and_then(|node| node.documents().into_iter().nth(document));
        if let Some(descriptor) = listed.map(|listed| listed.descriptor.clone()) {
            self.want(&descriptor);
        }
    }

    fn want(&mut self, descriptor: &Descriptor) {
        let Some(digest) = descriptor.digest.clone() else {
            return;
        };
        match self.contents.get(&digest) {
            None | Some(Fetch::Failed(_)) => {}
            Some(Fetch::Pending | Fetch::Done(_)) => return,
        }
        let too_large = descriptor
            .size
            .filter(|size| *size > limits::DOCUMENT_BYTES as u64);
        if let Some(size) = too_large {
            let failure = Failure::TooLarge { size };
            self.contents.set(digest, Fetch::Failed(failure));
            return;
        }
        if let Some(bytes) = descriptor.embedded() {
            let received = Received::local(bytes.into());
            self.contents.set(digest.clone(), Fetch::Pending);
            self.take_document(&digest, Ok(received));
            return;
        }
        self.contents.set(digest.clone(), Fetch::Pending);
        self.reading += 1;
        let is_short = |size| size <= limits::LONG_DOCUMENT_BYTES as u64;
        self.queue.push(if descriptor.size.is_some_and(is_short) {
            Ask::Document { digest }
        } else {
            Ask::LongDocument(self.long(digest))
        });
    }

    /// What the manifest that names it says of a document.
    fn named(&self, digest: &Digest) -> Option<&Descriptor> {
        let mut listed = self.nodes.iter().flat_map(Related::documents);
        let is_it = |listed: &Listed<'_>| listed.descriptor.digest.as_ref() == Some(digest);
        listed.find(is_it).map(|listed| listed.descriptor)
    }

    fn media_type_of(&self, digest: &Digest) -> String {
        let named = self.named(digest);
        let named = named.and_then(|named| named.media_type.as_ref());
        named.map_or("", MediaType::as_str).to_owned()
    }

    fn long(&self, digest: Digest) -> LongDocument {
        LongDocument {
            size: self.named(&digest).and_then(|named| named.size),
            media_type: self.media_type_of(&digest),
            digest,
        }
    }

    pub(super) fn take_document(&mut self, digest: &Digest, came: Result<Received, Failure>) {
        if let Err(Failure::Registry(error)) = &came
            && matches!(**error, RegistryError::TooLarge { .. })
        {
            // It is longer than its manifest says.
            self.reading += 1;
            let long = LongDocument {
                size: None,
                ..self.long(digest.clone())
            };
            self.queue.push(Ask::LongDocument(long));
            return;
        }
        let media_type = self.media_type_of(digest);
        let content = Fetch::from_result(came, |received| {
            Content::read(received.bytes, digest, &media_type)
        });
        self.contents.set(digest.clone(), content);
    }

    pub(super) fn take_long(&mut self, digest: Digest, came: Result<Answer, Failure>) {
        let content = match came {
            Ok(Answer::Read(content)) => Fetch::Done(content),
            Ok(Answer::Listed(_) | Answer::Came(_)) => return,
            Err(failure) => Fetch::Failed(failure),
        };
        self.contents.set(digest, content);
    }
}
