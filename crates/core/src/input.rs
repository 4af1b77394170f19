//! What the one box understood of a text that was typed or pasted, before anything is fetched.
//!
//! [`understand`] tries, in this order: nothing at all, JSON, a command or a line of a file
//! (`command`), the one image of any other text (`elsewhere`), a digest alone, and at last a
//! reference, an address of a registry, or the address of an image's page (`address`). Each step that takes something off the text leaves
//! a [`Note`], so that a person sees how `docker pull "nginx"` became
//! `docker.io/library/nginx`.
//!
//! Everything here only looks at the text. Positions in errors are byte offsets into the text
//! as it was typed.

use crate::digest::{Algorithm, Digest};
use crate::reference::{Reference, ReferenceError, Tag, Target, names_host};

mod address;
mod command;
mod elsewhere;
mod error;
mod note;
mod piece;
mod shell;

pub use error::InputError;
pub use note::Note;

use piece::Piece;

/// What a text is.
///
/// ```
/// use waybill_core::input::{Input, understand};
///
/// let Input::Reference(input) = understand("docker pull nginx:1.27")? else {
///     panic!("not a reference")
/// };
/// assert_eq!(input.reference.to_string(), "docker.io/library/nginx:1.27");
/// assert_eq!(input.notes[0].to_string(), "took the image from a docker pull command");
/// assert!(matches!(understand(r#"{"schemaVersion": 2}"#)?, Input::Manifest));
/// # Ok::<(), waybill_core::input::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing but white space.
    Empty,
    /// An image in a registry.
    Reference(ReferenceInput),
    /// A digest alone, or the 64 hex characters of one: what to look for, with no place to
    /// look. Where a page has a repository to look in, it may take it as an image there.
    Digest(Digest),
    /// A text that begins with `{`, or an array of such; whether it is JSON, and a manifest, shows when it is read.
    Manifest,
}

/// An image in a registry, and how it was found in the text.
///
/// ```
/// use waybill_core::input::{Input, Note, ReferenceInput, understand};
///
/// let text = "http://localhost:5000/a/b/";
/// let Input::Reference(ReferenceInput { reference, plain_http, notes }) = understand(text)? else {
///     panic!("not a reference")
/// };
/// assert_eq!(reference.familiar(), "localhost:5000/a/b");
/// assert!(plain_http);
/// assert_eq!(notes, [Note::PlainHttp, Note::TrailingSlash]);
/// # Ok::<(), waybill_core::input::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceInput {
    /// The image.
    pub reference: Reference,
    /// Whether the text asks for http without TLS: `http://` in front of a registry, or
    /// `--plain-http` in a command. The address of a web page never does.
    pub plain_http: bool,
    /// Each step that changed the text, in order.
    pub notes: Vec<Note>,
}

impl From<Reference> for ReferenceInput {
    /// What is said of a reference however it was found.
    fn from(reference: Reference) -> Self {
        let meant = meant(&reference);
        Self {
            reference,
            plain_http: false,
            notes: meant
                .map(|meant| Note::Meant { meant })
                .into_iter()
                .collect(),
        }
    }
}

/// The reference that was meant where another registry is the first part of a name on Docker
/// Hub, where no account has a dot in its name: `docker.io/ghcr.io/o/x`.
///
/// And without the dot of a sentence behind a tag.
fn meant(reference: &Reference) -> Option<Reference> {
    let host = reference.host().as_str();
    let text = reference.to_string();
    if reference.tag().is_some()
        && reference.digest().is_none()
        && let Some(without) = text.strip_suffix('.')
    {
        return without.parse().ok();
    }
    let inner = text.strip_prefix("docker.io/")?;
    let (first, _) = inner.split_once('/')?;
    (host == "docker.io" && names_host(first)).then(|| inner.parse().ok())?
}

/// Says what `text` is.
///
/// It takes a reference; a command of docker, podman, nerdctl, skopeo, crane, regctl, oras,
/// ctr, crictl or helm that names one image in a known place; a command of any tool, or a
/// message, in which one word names an image with its registry; a `FROM` or `image:` line; an
/// address of a registry, of its API, or of an image's page on the sites that show images; a
/// digest; JSON. `http://` sets [`ReferenceInput::plain_http`].
///
/// An error is a text that looks like one of these and breaks its rules; what is on the person's
/// own machine is one too. White space around the text never matters.
///
/// ```
/// use waybill_core::input::{Input, InputError, understand};
///
/// assert!(matches!(understand("  ")?, Input::Empty));
/// assert!(matches!(understand("oci-archive:/tmp/a.tar"), Err(InputError::Local { .. })));
/// # Ok::<(), InputError>(())
/// ```
pub fn understand(text: &str) -> Result<Input, InputError> {
    let mut notes = Vec::new();
    let mut piece = Piece { text, start: 0 };
    let trimmed = piece.trimmed();
    if trimmed.text.is_empty() {
        return Ok(Input::Empty);
    }
    if is_manifest(trimmed.text) {
        return Ok(Input::Manifest);
    }
    if trimmed.text.len() < piece.text.len() {
        notes.push(Note::Space);
    }
    piece = trimmed;
    if let Some(inside) = piece.unquoted() {
        notes.push(Note::Quotes);
        piece = inside.trimmed();
    }
    let bare = piece.bare();
    if !piece.text.contains(char::is_whitespace) && bare.text.len() < piece.text.len() {
        notes.push(Note::Marks);
        piece = bare;
    }
    if piece.text.is_empty() {
        return Err(InputError::Message {
            position: trimmed.start,
        });
    }
    let Some(image) = command::find_image(piece, &mut notes)? else {
        return read_alone(piece, notes);
    };
    if image.plain_http {
        notes.push(Note::PlainHttp);
    }
    let mut input = read_alone(image.word.piece(), notes)
        .map_err(|error| error.moved(|position| image.word.place(position)))?;
    if let Input::Reference(found) = &mut input {
        found.plain_http |= image.plain_http;
        if let Some(version) = image.version {
            found.take_version(version.piece())?;
        }
    }
    Ok(input)
}

/// Tells whether [`understand`] takes a text as JSON: it begins an object, or an array of objects,
/// as some tools write. No name does.
#[must_use]
pub fn is_manifest(text: &str) -> bool {
    let text = text.trim();
    let behind = text.strip_prefix('[').unwrap_or(text).trim_start();
    // {{ begins a placeholder of a template.
    behind.starts_with('{') && !behind.starts_with("{{")
}

/// Reads the text that names an image, or a digest, and nothing else.
fn read_alone(piece: Piece<'_>, mut notes: Vec<Note>) -> Result<Input, InputError> {
    if let Some(digest) = read_digest(piece)? {
        return Ok(Input::Digest(digest));
    }
    if let Some(reference) = of_arn(piece.text) {
        notes.push(Note::Api);
        return Ok(Input::Reference(ReferenceInput {
            notes,
            ..reference.into()
        }));
    }
    if is_path(piece.text) {
        return Err(InputError::Local {
            position: piece.start,
        });
    }
    let mut found = address::read(piece, notes).map_err(|error| match error {
        // No name has these characters, and every kind of placeholder begins with one.
        InputError::Reference(wrong)
            if piece
                .text
                .get(wrong.position().saturating_sub(piece.start)..)
                .is_some_and(is_placeholder) =>
        {
            InputError::Variable {
                position: wrong.position(),
            }
        }
        other => other,
    })?;
    if is_short_id(piece.text) {
        found.notes.push(Note::ShortId);
    }
    found
        .notes
        .append(&mut ReferenceInput::from(found.reference.clone()).notes);
    Ok(Input::Reference(found))
}

/// Whether a text is the path of a file or a folder: it begins as no name does.
fn is_path(text: &str) -> bool {
    let is_drive = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.next() == Some(b':')
            && matches!(bytes.next(), Some(b'\\' | b'/'))
    };
    let is_rooted = text.starts_with('/') && !text.starts_with("//") && text.len() > 1;
    let is_near = ["./", "../", "~/", "..\\", ".\\"];
    is_rooted || is_drive(text) || is_near.iter().any(|start| text.starts_with(start))
}

/// Whether a text begins with a variable of a shell, of cmd (`%IMAGE%`) or of a template, a command
/// in its place, or a word in brackets.
fn is_placeholder(text: &str) -> bool {
    let of_cmd = text
        .strip_prefix('%')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    // An IPv6 address stands in brackets too.
    let in_brackets = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_word = in_brackets.is_some_and(|(word, _)| !word.contains(':'));
    of_cmd || is_word || text.starts_with(['$', '{', '<', '`'])
}

/// The image of Amazon's name for a repository:
/// `arn:aws:ecr:us-east-1:123456789012:repository/a/b`.
///
/// Source: Amazon ECR, "Resource types"; in China the host ends otherwise.
fn of_arn(text: &str) -> Option<Reference> {
    let mut parts = text.strip_prefix("arn:aws")?.splitn(5, ':');
    let (partition, service) = (parts.next()?, parts.next()?);
    let (region, account) = (parts.next()?, parts.next()?);
    let name = parts.next()?.strip_prefix("repository/")?;
    let end = if partition == "-cn" { ".cn" } else { "" };
    let text = format!("{account}.dkr.ecr.{region}.amazonaws.com{end}/{name}");
    (service == "ecr").then(|| text.parse().ok())?
}

/// Whether a text is 12 hexadecimal digits, as docker shows the id of an image.
fn is_short_id(text: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.len() == 12 && text.bytes().all(is_hex) && text.bytes().any(|b| b.is_ascii_digit())
}

impl ReferenceInput {
    /// Takes helm's `--version` as the tag, where there is none. Source: helm writes `+` of a
    /// version as `_`, since no tag has a `+`. What is no version is a range to helm, and `1.2` is
    /// one version: `pkg/registry/client.go`, `ValidateReference`.
    fn take_version(&mut self, version: Piece<'_>) -> Result<(), InputError> {
        if self.reference.tag().is_some() || self.reference.digest().is_some() {
            return Ok(());
        }
        if !is_version(version.text) {
            return Err(InputError::Range {
                position: version.start,
            });
        }
        let tag = version.text.replace('+', "_").parse::<Tag>();
        let tag = tag.map_err(|error| {
            let position = version.start + error.position();
            InputError::Reference(error.placed(position))
        })?;
        self.reference = self.reference.at(Target::Tag(tag));
        self.notes.push(Note::Version);
        if version.text.contains('+') {
            self.notes.push(Note::Plus);
        }
        Ok(())
    }
}

/// Whether helm takes a text as one version: one to three numbers, behind a `v` or not, and what may
/// follow them. Source: Masterminds/semver, `NewVersion`.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b".-+".contains(&b);
    numbers.split('.').count() <= 3
        && numbers.split('.').all(is_number)
        && text.bytes().all(is_word)
}

/// A digest stands alone where its algorithm is known (`redis:latest` is a tag) or where it is
/// no reference.
///
/// `Ok(None)` goes on to reading a reference. A text that begins with a known algorithm and is
/// no digest is an error, not a reference: `sha256:xyz` was meant as a digest.
fn read_digest(piece: Piece<'_>) -> Result<Option<Digest>, InputError> {
    // As it stands behind a name, and as it stands in a tag of its referrers.
    let piece = match piece.text.strip_prefix('@') {
        Some(_) => piece.skip(1),
        None => piece,
    };
    let alone = piece.text.strip_prefix("sha256-").unwrap_or(piece.text);
    // Some tools for Windows write upper-case letters.
    if alone.len() == Algorithm::Sha256.hex_length() && alone.bytes().all(|b| b.is_ascii_hexdigit())
    {
        let lower = alone.to_ascii_lowercase();
        return Ok(["sha256:", &lower].concat().parse().ok());
    }
    let Some((name, _)) = piece.text.split_once(':') else {
        return Ok(None);
    };
    match piece.text.parse::<Digest>() {
        Ok(digest) if digest.algorithm().is_some() || piece.text.parse::<Reference>().is_err() => {
            Ok(Some(digest))
        }
        Err(error)
            if Algorithm::ALL
                .iter()
                .any(|algorithm| algorithm.name() == name) =>
        {
            Err(InputError::Reference(ReferenceError::of_digest(
                error,
                piece.start,
            )))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
