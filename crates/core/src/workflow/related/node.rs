//! A manifest in the tree: how it was found, and what its own bytes say.

use std::rc::Rc;

use crate::annotation::Annotations;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::registry::error::RegistryError;
use crate::registry::link::LinkError;
use crate::registry::referrers::NoApi;
use crate::workflow::inspect::Node;

use super::super::fetch::{Failure, Fetch};
use super::message::TagKind;
use super::task::Role;

/// How a manifest was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the referrers API.
    Api,
    /// Under a tag that is made of the digest.
    Tag(TagKind),
    /// As an entry of the index, which says that it attests another entry.
    Entry,
}

impl Way {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Api => "referrers API",
            Self::Tag(TagKind::Fallback) => "fallback tag",
            Self::Tag(TagKind::Signature) => "cosign tag .sig",
            Self::Tag(TagKind::Attestation) => "cosign tag .att",
            Self::Tag(TagKind::Sbom) => "cosign tag .sbom",
            Self::Entry => "entry of the index",
        }
    }
}

/// That a manifest was found under another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The place of the other among the nodes.
    pub parent: usize,
    /// How, each way once.
    pub ways: Vec<Way>,
    /// What was said of it where it was listed first; `None` for one that only a tag names.
    pub listed: Option<Descriptor>,
    /// How often one list has it, where that is more than once.
    pub times: usize,
}

/// What came of one way to find referrers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// It was not asked.
    #[default]
    NotAsked,
    /// The answer is on its way.
    Waiting,
    /// So many were found.
    Found(usize),
    /// The registry has no such API.
    NoApi(NoApi),
    /// What came is the subject itself, as GitLab answers.
    Itself,
    /// What came is no list.
    Unreadable,
    /// It did not come.
    Failed(Failure),
}

/// What was asked about a manifest, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Of the referrers API.
    pub api: Told,
    /// Of the fallback tag.
    pub fallback: Told,
    /// Of cosign's tags, in the order of [`TagKind::COSIGN`].
    pub cosign: [Told; 3],
    /// How many pages the API sent.
    pub pages: usize,
    /// Whether its next page is on its way.
    pub is_paging: bool,
    /// What the registry wants a person to know.
    pub warnings: Vec<String>,
    /// Why the list is not followed to its next page.
    pub link: Option<LinkError>,
    /// How many more are listed than are looked at.
    pub more: usize,
    /// Whether the list goes on behind the last page that was asked for.
    pub goes_on: bool,
}

impl Asked {
    /// Everything that was, or was not, asked.
    pub fn all(&self) -> impl Iterator<Item = &Told> {
        [&self.api, &self.fallback].into_iter().chain(&self.cosign)
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.is_paging || self.all().any(|told| *told == Told::Waiting)
    }

    /// What did not come.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.all().filter_map(|told| match told {
            Told::Failed(failure) => Some(failure),
            _ => None,
        })
    }

    /// Whether every way was asked that has to be before one may say that there is nothing, and
    /// each answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_listed = matches!(self.api, Told::Found(_));
        let is_told = match self.fallback {
            Told::Found(_) | Told::Itself => true,
            Told::NotAsked => is_listed,
            _ => false,
        };
        let is_asked = !matches!(self.api, Told::NotAsked | Told::Unreadable);
        let is_whole = self.link.is_none() && !self.goes_on;
        is_told && is_asked && is_whole && !self.is_waiting() && self.failures().next().is_none()
    }
}

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKnown {
    /// Whoever asks may not: 401 and 403.
    NotAllowed,
    /// The registry, or the way there, gave no answer that says anything.
    NoAnswer,
    /// The registry says that it is not there.
    Missing,
    /// The person cancelled.
    Cancelled,
}

impl NotKnown {
    /// Of a failure.
    #[must_use]
    pub fn of(failure: &Failure) -> Self {
        let Failure::Registry(error) = failure else {
            return match failure {
                Failure::Cancelled => Self::Cancelled,
                _ => Self::NoAnswer,
            };
        };
        match **error {
            RegistryError::CredentialsNeeded(_)
            | RegistryError::CredentialsRefused(_)
            | RegistryError::ChallengeHidden(_)
            | RegistryError::Forbidden(_)
            | RegistryError::TokenRefused { .. } => Self::NotAllowed,
            RegistryError::NotFound(_) => Self::Missing,
            _ => Self::NoAnswer,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotAllowed => "not allowed to ask",
            Self::NoAnswer => "not known: no answer that says anything",
            Self::Missing => "not there, says the registry",
            Self::Cancelled => "not known: cancelled",
        }
    }
}

/// A manifest in the tree: one for each digest.
#[derive(Clone, Debug)]
pub struct Related {
    /// Its digest.
    pub digest: Digest,
    /// What it has to do with what is looked at, where others are looked for around it because
    /// of that.
    pub role: Option<Role>,
    /// What is known of it before it came: what a referrer has to name, or what a list says.
    pub descriptor: Descriptor,
    /// Its bytes, where they were here before anything was looked for.
    pub(super) bytes: Option<Rc<[u8]>>,
    /// Where it was found.
    pub under: Vec<Edge>,
    /// How many steps away from what is looked at.
    pub depth: usize,
    /// What came of it; `None` where nobody needs it.
    pub manifest: Option<Fetch<Node>>,
    /// What was asked about it.
    pub asked: Option<Asked>,
}

impl Related {
    /// Its bytes, where they are here.
    #[must_use]
    pub fn bytes(&self) -> Option<&Rc<[u8]>> {
        let came = self.node().map(|node| &node.arrival.bytes);
        came.or(self.bytes.as_ref())
    }

    /// What its own manifest says.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        self.manifest.as_ref()?.done()
    }

    /// What it refers to, as its own manifest says.
    #[must_use]
    pub fn subject(&self) -> Option<&Descriptor> {
        let node = self.node()?;
        match (node.image(), node.list()) {
            (Some(image), _) => image.subject.as_ref(),
            (None, Some(list)) => list.subject.as_ref(),
            (None, None) => None,
        }
    }

    /// What kind of thing it is, as its own manifest says; before that came, as it was listed.
    #[must_use]
    pub fn artifact_type(&self) -> Option<&MediaType> {
        let Some(node) = self.node() else {
            let listed = self.descriptor.artifact_type.as_ref();
            // What ggcr wrote for every artifact says nothing.
            return listed.filter(|it| **it != MediaType::OCI_EMPTY);
        };
        match (node.image(), node.list()) {
            (Some(image), _) => {
                let is_empty = |it: &&MediaType| **it == MediaType::OCI_EMPTY;
                let layers = || image.layers.iter().find_map(|it| it.media_type.as_ref());
                image.artifact().filter(|it| !is_empty(it)).or_else(layers)
            }
            (None, Some(list)) => list.artifact_type.as_ref(),
            (None, None) => None,
        }
    }

    /// Its annotations, as its own manifest says.
    #[must_use]
    pub fn annotations(&self) -> Option<&Annotations> {
        let node = self.node()?;
        match (node.image(), node.list()) {
            (Some(image), _) => Some(&image.annotations),
            (None, Some(list)) => Some(&list.annotations),
            (None, None) => None,
        }
    }

    /// When it was made, as it says.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.annotations()?.get("org.opencontainers.image.created")
    }

    /// How many bytes it has, its contents included; `None` where that is not stated.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let node = self.node()?;
        let own = node.arrival.bytes.len() as u64;
        match node.image() {
            Some(image) => image.layers_size()?.checked_add(own),
            None => Some(own),
        }
    }
}
