//! Why a text was not understood, with the place and the words.

use std::fmt;

use crate::reference::ReferenceError;

/// Why a text was not understood. Positions are byte offsets into the text as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// What should be a reference or a digest breaks a rule.
    Reference(ReferenceError),
    /// A command of a known tool that does not name one image in a known place.
    Command {
        /// Where the tool's name is.
        position: usize,
    },
    /// A command that needs an image and has none.
    NoImage {
        /// Where the text ends.
        position: usize,
    },
    /// An image on the person's machine, which no registry has.
    Local {
        /// Where it is named.
        position: usize,
    },
    /// A command of a tool that is not known, with no word, or several, that name an image
    /// with its registry.
    Other {
        /// Where the tool's name is.
        position: usize,
        /// The tool's name.
        name: String,
    },
    /// A message, or another text, in which no image is found.
    Message {
        /// Where it begins.
        position: usize,
    },
    /// A chart of helm that is in no registry.
    Chart {
        /// Where it is named.
        position: usize,
    },
    /// A variable, a command or a placeholder in the place of the image or in it.
    Variable {
        /// Where.
        position: usize,
    },
    /// A range of versions of a chart, for which helm looks among the tags.
    Range {
        /// Where.
        position: usize,
    },
    /// The page of a site that does not tell the registry, or not all of the image's name.
    Site {
        /// Where.
        position: usize,
    },
    /// A scheme that no registry has.
    Scheme {
        /// Where.
        position: usize,
    },
    /// An address of a site that shows images, and not the page of one.
    Page {
        /// Where.
        position: usize,
        /// How the address of a page of an image begins there.
        example: &'static str,
    },
    /// An address of the registry API that names no manifest: of a blob, or of the whole registry.
    Api {
        /// Where.
        position: usize,
    },
}

impl InputError {
    /// Where, as a byte offset into the text as it was typed.
    #[must_use]
    pub fn position(&self) -> usize {
        match self {
            Self::Reference(error) => error.position(),
            Self::Command { position }
            | Self::NoImage { position }
            | Self::Local { position }
            | Self::Other { position, .. }
            | Self::Message { position }
            | Self::Chart { position }
            | Self::Variable { position }
            | Self::Range { position }
            | Self::Site { position }
            | Self::Scheme { position }
            | Self::Page { position, .. }
            | Self::Api { position } => *position,
        }
    }

    /// The same error at another place, by where it is now.
    pub(super) fn moved(mut self, place: impl FnOnce(usize) -> usize) -> Self {
        match &mut self {
            Self::Reference(error) => {
                let position = place(error.position());
                return Self::Reference(error.clone().placed(position));
            }
            Self::Command { position }
            | Self::NoImage { position }
            | Self::Local { position }
            | Self::Other { position, .. }
            | Self::Message { position }
            | Self::Chart { position }
            | Self::Variable { position }
            | Self::Range { position }
            | Self::Site { position }
            | Self::Scheme { position }
            | Self::Page { position, .. }
            | Self::Api { position } => *position = place(*position),
        }
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = match self {
            Self::Reference(error) => return error.fmt(f),
            Self::Page { position, example } => {
                return write!(
                    f,
                    "address at {position} is no page of an image, those begin as {example}"
                );
            }
            Self::Command { .. } => (
                "command",
                " does not name one image in a known place, paste the image alone",
            ),
            Self::NoImage { .. } => ("command has no image", ", one must follow"),
            Self::Local { .. } => (
                "image",
                " is on a machine and in no registry: drop the file here, or write docker:// for \
                 one that is in one",
            ),
            Self::Other { name, .. } => {
                return write!(
                    f,
                    "{name} is not among the commands read here: paste the image alone"
                );
            }
            Self::Message { .. } => (
                "text",
                " names no image with its registry: paste the image alone",
            ),
            Self::Chart { .. } => ("chart", " is in no registry, oci:// begins one that is"),
            Self::Variable { .. } => ("variable", " has no value here: write what it stands for"),
            Self::Range { .. } => (
                "version",
                " is a range, for which helm looks among the tags: write one version",
            ),
            Self::Site { .. } => (
                "page",
                " does not tell the whole name of the image: paste the image alone",
            ),
            Self::Scheme { .. } => (
                "address has an unknown scheme",
                ", docker, oci, https and http are known",
            ),
            Self::Api { .. } => (
                "address",
                " names no manifest, in the API that needs /v2/name/manifests/tag",
            ),
        };
        write!(f, "{before} at {}{after}", self.position())
    }
}

impl std::error::Error for InputError {}
