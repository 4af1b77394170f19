//! Composing: a list or an index made of manifests, with its bytes and digest before anything
//! is pushed.
//!
//! A [`Draft`] is what somebody wants to have; [`Draft::write`] gives the bytes that a tool
//! would write for it, what these leave out, and every finding. Nothing else in Waybill makes
//! new JSON that gets a digest.
//!
//! The pieces, in the order in which they come into play:
//!
//! 1. [`eligibility`]: whether a manifest may be composed, and the [`Entry`] that it becomes.
//! 2. `convert`: the draft as its kind and its form ([`tool`]) have it, with every [`Loss`].
//! 3. `write`: the bytes of that.
//! 4. `check`: the findings, those of reading the bytes again among them.
//! 5. Of what was written: [`layout`], a tar file to download; [`commands`](mod@commands), the
//!    same list by other tools; [`difference`], what became of a list that was opened.
//!
//! Nothing here fetches, waits or remembers: a draft is written anew after each change. The
//! rows that a person edits, what is known of their manifests and what to fetch are in
//! `workflow::compose`; `workflow::push` puts what was written here.

pub mod commands;
pub mod difference;
pub mod tool;
pub mod layout;
pub mod eligibility;

mod convert;
mod check;
mod write;

use std::rc::Rc;

use crate::annotation::Annotations;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::manifest::{Format, List};
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::reference::Reference;

pub use convert::{Loss, LossCause, LostItem};
pub use tool::Tool;

/// The two kinds of list. They differ in the media type, and in what a list and its entries
/// may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// An OCI image index.
    OciIndex,
    /// A Docker manifest list: no annotations, no artifact type, no subject, nothing nested.
    DockerList,
}

impl ListKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OciIndex, Self::DockerList];

    /// The word for it on a command line and in a file's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OciIndex => "oci",
            Self::DockerList => "docker",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The format of what is written.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::OciIndex => Format::OciIndex,
            Self::DockerList => Format::DockerList,
        }
    }

    /// The kind of a list that was read; `None` where the format is none of a list.
    #[must_use]
    pub fn from_format(format: Format) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.format() == format)
    }

    /// The media type of what is written.
    #[must_use]
    pub fn media_type(self) -> MediaType {
        match self {
            Self::OciIndex => MediaType::OCI_INDEX,
            Self::DockerList => MediaType::DOCKER_LIST,
        }
    }
}

/// What an image's own manifest says that some tools copy into the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryOrigin {
    /// The manifest's `artifactType`.
    pub artifact_type: Option<MediaType>,
    /// The media type of its config.
    pub config_type: Option<MediaType>,
    /// Its annotations.
    pub annotations: Annotations,
    /// The platform of its config, where that is here and says it.
    pub platform: Option<Platform>,
}

/// One manifest in a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What the list is to say of it, also what a person has changed. Its `pointer` means
    /// nothing here.
    pub descriptor: Descriptor,
    /// Where it was had from, as the person named it: docker sorts by it, and commands name it.
    pub reference: Option<Reference>,
    /// The image it stands for; `None` where it was taken from a list, whose words tools leave
    /// as they are.
    pub origin: Option<EntryOrigin>,
}

/// What is to be written.
///
/// ```
/// use waybill_core::compose::{Draft, ListKind};
///
/// let written = Draft::new(ListKind::OciIndex).write();
/// assert_eq!(&*written.bytes,
/// br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#);
/// assert_eq!(written.findings[0].code.rule().name, "empty-list");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The kind. Some forms choose their own, see [`Written::kind`].
    pub kind: ListKind,
    /// Whose bytes are wanted.
    pub tool: Tool,
    /// The manifests in order: clients take the first that fits.
    pub entries: Vec<Entry>,
    /// What kind of artifact the list is.
    pub artifact_type: Option<MediaType>,
    /// The manifest that the list refers to.
    pub subject: Option<Descriptor>,
    /// Annotations of the list; the last of two equal names counts.
    pub annotations: Annotations,
    /// Members of an opened list that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

impl Draft {
    /// A draft of nothing.
    #[must_use]
    pub fn new(kind: ListKind) -> Self {
        Self {
            kind,
            tool: Tool::Waybill,
            entries: Vec::new(),
            artifact_type: None,
            subject: None,
            annotations: Annotations::default(),
            unknown: Vec::new(),
        }
    }

    /// A draft that says what a list says, in the canonical form. Its entries have no
    /// reference and no origin, so they stand for nothing but what the list says of them.
    #[must_use]
    pub fn from_list(list: &List, kind: ListKind) -> Self {
        let entry = |descriptor: &Descriptor| Entry {
            descriptor: descriptor.clone(),
            ..Entry::default()
        };
        Self {
            entries: list.entries.iter().map(entry).collect(),
            artifact_type: list.artifact_type.clone(),
            subject: list.subject.clone(),
            annotations: list.annotations.clone(),
            unknown: list.unknown.clone(),
            ..Self::new(kind)
        }
    }

    /// Writes the bytes of the draft's form. It always gives some, also where findings say
    /// that no registry would take them: a person sees what is wrong in the bytes themselves.
    #[must_use]
    pub fn write(&self) -> Written {
        let adapted = convert::convert(self);
        let bytes: Rc<[u8]> = write::write(&adapted.list, adapted.kind, self.tool).into();
        let findings = check::check(self, &adapted, &bytes);
        let convert::Converted {
            kind,
            list,
            order,
            losses,
        } = adapted;
        Written {
            digest: Digest::sha256(&bytes),
            bytes,
            kind,
            list,
            order,
            losses,
            findings,
        }
    }

    /// Whether the draft's form gives exactly these bytes: [`write`](Self::write) without
    /// looking for findings. It is asked for each form in turn when a list is opened, to find
    /// the one that it was written in.
    #[must_use]
    pub fn gives(&self, bytes: &[u8]) -> bool {
        let adapted = convert::convert(self);
        write::write(&adapted.list, adapted.kind, self.tool) == bytes
    }

    /// What the draft would lose as a list of that kind in Waybill's own form, to be told
    /// before it is chosen.
    #[must_use]
    pub fn losses_as(&self, kind: ListKind) -> Vec<Loss> {
        convert::convert(&Self {
            kind,
            tool: Tool::Waybill,
            ..self.clone()
        })
        .losses
    }
}

/// Everything that a list holds as JSON, for a snapshot;
/// [`Manifest::read`](crate::manifest::Manifest::read) reads it.
pub(crate) fn keep(list: &List) -> String {
    write::keep(list)
}

/// The bytes of a draft and what there is to say of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The bytes, without a final newline.
    pub bytes: Rc<[u8]>,
    /// Their sha256 digest.
    pub digest: Digest,
    /// The kind that was written: the draft's, or the one that its form chooses. oras only
    /// knows indexes, buildx and docker go by the media types of the entries.
    pub kind: ListKind,
    /// What was written: the draft without what its kind and form leave out, maps sorted by name.
    pub list: List,
    /// For each entry written, its place in the draft: docker sorts them, and buildx and
    /// regctl make one of several.
    pub order: Vec<usize>,
    /// What was left out or changed.
    pub losses: Vec<Loss>,
    /// What there is to say, pointers being into `bytes`: all that
    /// [`Manifest::read`](crate::manifest::Manifest::read) finds in them, and what only a
    /// composer can know.
    pub findings: Vec<Finding>,
}

impl Written {
    /// The name for a file of these bytes, for what is to be pushed to `target`:
    /// `app-1.0.oci-index.json`.
    ///
    /// ```
    /// use waybill_core::compose::{Draft, ListKind};
    ///
    /// let written = Draft::new(ListKind::DockerList).write();
    /// let target = "ghcr.io/o/app:1.0".parse()?;
    /// assert_eq!(written.file_name(Some(&target)), "app-1.0.docker-list.json");
    /// assert_eq!(written.file_name(None), "list.docker-list.json");
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn file_name(&self, target: Option<&Reference>) -> String {
        let kind = match self.kind {
            ListKind::OciIndex => ".oci-index.json",
            ListKind::DockerList => ".docker-list.json",
        };
        stem(target) + kind
    }
}

/// The name for a file of a [`Layout`](layout::Layout) of what is to be pushed to `target`:
/// `app-1.0.oci-layout.tar`.
#[must_use]
pub fn layout_name(target: Option<&Reference>) -> String {
    stem(target) + ".oci-layout.tar"
}

/// The last part of the repository and the tag: `ghcr.io/o/app:1.0` gives `app-1.0`. A target
/// without a tag counts as `latest`; without a target it is `list`.
fn stem(target: Option<&Reference>) -> String {
    let Some(target) = target else {
        return "list".to_owned();
    };
    let path = target.repository().as_str();
    let last = path.rsplit('/').next().unwrap_or(path);
    [
        last,
        "-",
        target.tag().map_or("latest", crate::reference::Tag::as_str),
    ]
    .concat()
}
