//! What may be chosen of a source.

use super::Depth;
use crate::compose::ListKind;
use crate::compose::eligibility::attested;
use crate::conversion::{Compression, ConfigBytes, Form};
use crate::descriptor::Descriptor;
use crate::manifest::List;
use crate::reference::{RepositoryPath, Tag};

/// Which entries of a list go along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// Those that were chosen; the list names no others any more, so it gets another digest.
    Shrunk,
    /// Those that were chosen; the list keeps its bytes and names others that are not there. A
    /// registry may refuse such a list.
    Sparse,
    /// One image, without the list.
    One,
}

/// Which format what is copied has at its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The one that it has: every byte stays.
    #[default]
    Exact,
    /// OCI.
    Oci(ConfigBytes),
    /// Docker schema 2, and a list as Docker's.
    DockerSchema2,
    /// Docker schema 1, of one image, for registries and clients of before 2016.
    DockerSchema1 {
        /// Whether by a key that is made for it, as old registries ask. The digest is the same.
        signed: bool,
    },
}

impl Scope {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::All, Self::Shrunk, Self::Sparse, Self::One];

    /// Its name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Shrunk => "shrunk",
            Self::Sparse => "sparse",
            Self::One => "one",
        }
    }
}

impl Format {
    /// Each of them.
    pub const ALL: [Self; 6] = [
        Self::Exact,
        Self::Oci(ConfigBytes::Kept),
        Self::Oci(ConfigBytes::AsSkopeo),
        Self::DockerSchema2,
        Self::DockerSchema1 { signed: true },
        Self::DockerSchema1 { signed: false },
    ];

    /// Its name in addresses: skopeo's where skopeo has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Oci(ConfigBytes::Kept) => "oci",
            Self::Oci(ConfigBytes::AsSkopeo) => "oci-skopeo",
            Self::DockerSchema2 => "v2s2",
            Self::DockerSchema1 { signed: true } => "v2s1",
            Self::DockerSchema1 { signed: false } => "v2s1-unsigned",
        }
    }

    /// What a list becomes; `None` where it stays, or cannot go along.
    pub(super) fn list(self) -> Option<ListKind> {
        match self {
            Self::Exact | Self::DockerSchema1 { .. } => None,
            Self::Oci(_) => Some(ListKind::OciIndex),
            Self::DockerSchema2 => Some(ListKind::DockerList),
        }
    }
}

/// What is wanted of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which entries of a list go along.
    pub scope: Scope,
    /// For each entry of the list, whether it was chosen; it counts where not all go along. What
    /// attests an image is not chosen by itself.
    pub chosen: Vec<bool>,
    /// Whether attestations go along with the images that they are of.
    pub attestations: bool,
    /// The format.
    pub format: Format,
    /// What an image of schema 1 calls itself: the repository and tag of its target; `None` in a
    /// folder, where skopeo writes no name.
    pub name: Option<(RepositoryPath, Tag)>,
    /// How layers are to be compressed; `None` where they keep their bytes.
    pub compression: Option<Compression>,
    /// Whether manifests that refer to what is copied go along: signatures, SBOMs.
    pub referrers: bool,
    /// Whether what cosign keeps under tags of its own goes along: `sha256-….sig`, `.att`, `.sbom`.
    pub cosign: bool,
    /// Other tags of the source's repository that go along, each under its own name, byte for byte.
    pub other_tags: Vec<Tag>,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            scope: Scope::All,
            chosen: Vec::new(),
            attestations: true,
            format: Format::Exact,
            name: None,
            compression: None,
            referrers: false,
            cosign: false,
            other_tags: Vec::new(),
        }
    }
}

/// What an entry of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An image, or anything else that may be chosen by itself.
    Image,
    /// An attestation of the entry at that place; `None` where that is not in the list.
    Attestation(Option<usize>),
}

/// An entry of a list.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What the list says of it.
    pub descriptor: &'a Descriptor,
    /// What it is.
    pub kind: Kind,
    /// Whether it goes along.
    pub is_kept: bool,
}

impl Choice {
    /// Whether anything goes along that belongs to what is copied and is no part of it.
    pub(super) fn has_companions(&self) -> bool {
        self.referrers || self.cosign
    }

    /// How deep has to be read to know what changes.
    #[must_use]
    pub fn depth(&self) -> Depth {
        if self.is_exact() {
            Depth::Root
        } else {
            Depth::Configs
        }
    }

    /// What an image becomes; `None` where it stays.
    pub(super) fn form(&self) -> Option<Form> {
        match self.format {
            Format::Exact => None,
            Format::Oci(config) => Some(Form::Oci(config)),
            Format::DockerSchema2 => Some(Form::DockerSchema2),
            Format::DockerSchema1 { .. } => {
                let name = self.name.as_ref();
                Some(Form::DockerSchema1 {
                    name: name.map_or("", |(path, _)| path.as_str()).to_owned(),
                    tag: name.map_or("", |(_, tag)| tag.as_str()).to_owned(),
                })
            }
        }
    }

    /// Whether every manifest and every layer keeps its bytes.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.format == Format::Exact && self.compression.is_none()
    }

    /// The entries of a list, with what is chosen of them.
    pub(super) fn entries<'a>(&self, list: &'a List) -> Vec<Entry<'a>> {
        let images = attested(list);
        let kind = |place: usize| match list.entries[place].attests() {
            Some(_) => Kind::Attestation(images[place]),
            None => Kind::Image,
        };
        let is_chosen = |place: usize| {
            self.scope == Scope::All || self.chosen.get(place).copied().unwrap_or(false)
        };
        let is_kept = |place: usize| match kind(place) {
            Kind::Image => is_chosen(place),
            Kind::Attestation(of) => {
                self.attestations
                    && self.scope != Scope::One
                    && of.map_or_else(|| self.scope == Scope::All, is_chosen)
            }
        };
        let entry = |(place, descriptor)| Entry {
            descriptor,
            kind: kind(place),
            is_kept: is_kept(place),
        };
        list.entries.iter().enumerate().map(entry).collect()
    }
}
