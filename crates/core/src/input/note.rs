//! What was done to a text, in words.

use std::fmt;

use crate::reference::Reference;

/// A step between the text and the reference, in words for the reader.
///
/// ```
/// assert_eq!(waybill_core::input::Note::Quotes.to_string(), "took off the quotes around it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// White space around the text is gone.
    Space,
    /// Quotes around the text are gone.
    Quotes,
    /// Punctuation around the text is gone.
    Marks,
    /// What stood in front of a command is gone: a prompt, `sudo`.
    BeforeCommand,
    /// The image was in a command.
    Command {
        /// The tool: `docker`.
        tool: &'static str,
        /// Its command: `buildx imagetools inspect`.
        command: &'static str,
    },
    /// The command names more than one image.
    FirstOfSeveral,
    /// The image was in a `FROM` line.
    Dockerfile,
    /// The image was in an `image:` line.
    Yaml,
    /// `docker://` or the like is gone.
    Transport {
        /// What was there.
        scheme: &'static str,
    },
    /// `https://` is gone.
    Https,
    /// The text asks for plain http.
    PlainHttp,
    /// The port was written out, because a host without a dot would be read as a part of the
    /// repository.
    Port,
    /// A slash at the end is gone.
    TrailingSlash,
    /// `?` or `#` and what follows are gone.
    Query,
    /// The image was in the address of a web page.
    Page {
        /// Whose page.
        site: &'static str,
    },
    /// The image was in an address of a registry's API.
    Api,
    /// Upper-case letters became lower-case ones.
    LowerCase,
    /// The page has a number in place of the image's name.
    ProjectImage,
    /// The image is the one in a command of a tool that is not known.
    OnlyImage,
    /// The image was in a message, or in another text.
    Message,
    /// A user and a password in an address are gone.
    Credentials,
    /// The tag is that of helm's `--version`.
    Version,
    /// `+` in helm's version became `_` in the tag.
    Plus,
    /// The name is that of an image's short id on a machine: a hint.
    ShortId,
    /// The name of another registry stands where an account of Docker Hub should: a hint.
    Meant {
        /// What was probably meant.
        meant: Reference,
    },
}

impl Note {
    /// Asks whether another reference was meant, where the note is about that: all that is said
    /// of a reference that needs no understanding. A page has this without the other words.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        match self {
            Self::Meant { meant } => Some(["did you mean ", &meant.familiar(), "?"].concat()),
            _ => None,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Space => "took off the white space around it",
            Self::Quotes => "took off the quotes around it",
            Self::Marks => "took off the punctuation around it",
            Self::ShortId => "looks like the short id of an image, which no registry finds",
            Self::BeforeCommand => "left out what stands in front of the command",
            Self::Command { tool, command } => {
                let article = if tool.starts_with('o') { "an" } else { "a" };
                return write!(f, "took the image from {article} {tool} {command} command");
            }
            Self::FirstOfSeveral => "took the first of the names in it",
            Self::Dockerfile => "took the image from a FROM line",
            Self::Yaml => "took the image from an image: line",
            Self::Transport { scheme } => return write!(f, "took off {scheme}://"),
            Self::Https => "took off https://",
            Self::PlainHttp => "will use plain http, as the text says",
            Self::Port => "wrote out the port, a host without a dot needs it",
            Self::TrailingSlash => "took off the slash at the end",
            Self::Query => "left out what follows the ? or #",
            Self::Page { site } => {
                return write!(f, "took the image from the address of a page of {site}");
            }
            Self::Api => "took the image from an address of a registry's API",
            Self::LowerCase => "made the name lower case, as the site does",
            Self::OnlyImage => "took the one image with a registry in the command",
            Self::Message => "found in a message",
            Self::Credentials => "left out the user and password",
            Self::Version => "took the tag from --version",
            Self::Plus => "wrote _ for +, as helm does in tags",
            Self::Meant { meant } => return write!(f, "did you mean {}?", meant.familiar()),
            Self::ProjectImage => {
                "the page gives the image a number, took the image that is named as its project"
            }
        })
    }
}
