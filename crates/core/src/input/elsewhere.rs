//! Finds the one image in a text whose form is not known: a command of another tool, a message
//! of one, a sentence.
//!
//! The one rule is that the image names its registry: a dot, a port or `localhost` before the
//! first slash, `oci://` or `docker://` in front, or an address of a registry's API or of an
//! image's page. A command has to have one such word. A message may name an image several
//! times; the first with a tag or digest is taken.

use super::command::{Image, is_secret, takes_secret};
use super::shell::Word;
use super::{InputError, Note, Piece, address, is_short_id};
use crate::reference::{Reference, Tag};

/// How long the name of a tool gets.
const NAME_BYTES: usize = 40;

/// Words in front of the name of an image in messages of docker and podman, which leave out the
/// registry there: `manifest for nginx:1.27 not found`.
const BEFORE_IMAGE: [&str; 4] = ["image", "for", "reference", "source"];

/// The image in a text of `commands`; `tool` is where a known tool with an unknown command
/// stands.
pub(super) fn find_image<'a>(
    line: Piece<'a>,
    commands: &[Vec<Word<'a>>],
    tool: Option<usize>,
    notes: &mut Vec<Note>,
) -> Result<Option<Image<'a>>, InputError> {
    if let Some(image) = row(commands) {
        notes.push(Note::Message);
        return Ok(Some(image));
    }
    let name = commands.first().and_then(|words| name(words));
    let is_message = (tool.is_none() && starts_message(line.text))
        || commands.iter().any(|words| has_colon(words));
    let found = if commands.iter().flatten().any(|word| word.text == "login") {
        // A password may stand anywhere in it.
        None
    } else if is_message {
        in_message(words_of(line).map(bare))
    } else {
        in_command(commands)
    };
    let Some(found) = found else {
        if let Some(error) = words_of(line).map(bare).find_map(local_or_api) {
            return Err(error);
        }
        return match (is_message, tool, name) {
            (true, ..) => Err(InputError::Message {
                position: line.start,
            }),
            (false, Some(position), _) => Err(InputError::Command { position }),
            (false, None, Some(name)) => Err(InputError::Other {
                position: name.start,
                name: name.text.to_owned(),
            }),
            (false, None, None) => Ok(first_word(line, commands, notes)),
        };
    };
    notes.push(if is_message || (tool.is_none() && name.is_none()) {
        Note::Message
    } else {
        Note::OnlyImage
    });
    if found.has_credentials {
        notes.push(Note::Credentials);
    }
    let mut image = Image::from(found.word);
    image.plain_http = found.plain_http;
    Ok(Some(image))
}

/// The value of a variable alone, such as `IMAGE=h.example/x:1`, where it names its registry.
pub(super) fn in_one_word<'a>(
    line: Piece<'a>,
    commands: &[Vec<Word<'a>>],
    notes: &mut Vec<Note>,
) -> Result<Option<Image<'a>>, InputError> {
    let Some(word) = commands.iter().flatten().next() else {
        return Ok(None);
    };
    let (name, value) = word.typed.cut("=");
    let is_variable = !name.text.contains(['/', '?', '#', '@']);
    let Some(value) = value.filter(|_| is_variable) else {
        // A comment or an operator stands behind it.
        let is_more = line.text.contains(char::is_whitespace);
        return Ok(is_more.then(|| word.clone().into()));
    };
    match read(&Word::new(value)) {
        Some(found) => {
            notes.push(Note::Message);
            let mut image = Image::from(found.word);
            image.plain_http = found.plain_http;
            Ok(Some(image))
        }
        None => Err(InputError::Message {
            position: value.start,
        }),
    }
}

/// The image of a row of `docker images`: its name, its tag, and the short id.
fn row<'a>(commands: &[Vec<Word<'a>>]) -> Option<Image<'a>> {
    let [name, tag, id, ..] = commands.first()?.as_slice() else {
        return None;
    };
    let is_row = is_short_id(&id.text)
        && tag.text.parse::<Tag>().is_ok()
        && name.text.parse::<Reference>().ok()?.tag().is_none();
    is_row.then(|| {
        let text = [&*name.text, ":", &*tag.text].concat().into();
        let typed = name.typed;
        Image::from(Word { typed, text })
    })
}

/// The first word of a text of several where it is a name: a row of `docker images`, a list of
/// images, a name with something behind it. A row has the tag in its second column.
fn first_word<'a>(
    line: Piece<'a>,
    commands: &[Vec<Word<'a>>],
    notes: &mut Vec<Note>,
) -> Option<Image<'a>> {
    if !line.text.contains(char::is_whitespace) {
        return None;
    }
    let mut words = words_of(line)
        .map(bare)
        .filter(|word| !word.text.is_empty());
    let first = words.next()?;
    first.text.parse::<Reference>().ok()?;
    let is_name = |word: &Word<'_>| with_host(&word.text).is_some();
    let names = commands
        .iter()
        .flatten()
        .filter(|word| is_name(word))
        .count();
    notes.push(if names > 1 {
        Note::FirstOfSeveral
    } else {
        Note::Message
    });
    Some(Image::from(Word::new(first)))
}

/// A word that names an image with its registry.
struct Found<'a> {
    word: Word<'a>,
    reference: Reference,
    /// Whether it is an address of a registry with `http://`, which was taken off.
    plain_http: bool,
    /// Whether a user and password in front of the host were taken off.
    has_credentials: bool,
}

/// Whether a text begins as no command does: `Error: …`, `[error] …`, `time="…" …`.
fn starts_message(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_log = ["time=", "level=", "ts="]
        .iter()
        .any(|field| first.starts_with(field));
    let is_sentence = first.starts_with(|c: char| c.is_ascii_uppercase() || "[(".contains(c));
    // A command may set variables first.
    is_log || (is_sentence && !first.contains('='))
}

/// Whether a word ends with a colon, as in a message or in YAML; behind a flag it is its value.
fn has_colon(words: &[Word<'_>]) -> bool {
    let mut is_behind_flag = false;
    words.iter().any(|word| {
        let is_value = std::mem::replace(&mut is_behind_flag, word.text.starts_with('-'));
        word.text.ends_with(':') && !is_value
    })
}

/// The one image of a command; `None` where there are several.
fn in_command<'a>(commands: &[Vec<Word<'a>>]) -> Option<Found<'a>> {
    let mut found: Option<Found<'a>> = None;
    for words in commands {
        let mut is_secret_value = false;
        for word in words {
            let is_flag = word.text.starts_with('-');
            let is_hidden = std::mem::replace(
                &mut is_secret_value,
                is_flag && is_secret_behind(&word.text),
            );
            if is_hidden || (is_flag && hides(&word.text)) {
                continue;
            }
            let here = if is_flag { None } else { read(word) };
            let Some(here) = here.or_else(|| in_value(word)) else {
                continue;
            };
            match &found {
                Some(found) if found.reference != here.reference => return None,
                Some(_) => {}
                None => found = Some(here),
            }
        }
    }
    found
}

/// Whether the word behind a flag of any tool is never looked at: it may be a secret, or a
/// header that has one.
fn is_secret_behind(flag: &str) -> bool {
    takes_secret(flag) || matches!(flag, "-u" | "-p" | "-b" | "-H" | "--header" | "--cookie")
}

/// Whether a flag may have a secret in the same word: `--password=x`, `-ume:x`.
fn hides(flag: &str) -> bool {
    is_secret(flag)
        || ["-u", "-p", "-b", "-H", "--header", "--cookie"]
            .iter()
            .any(|secret| flag.starts_with(secret))
}

/// The image of a message.
fn in_message<'a>(words: impl Iterator<Item = Piece<'a>>) -> Option<Found<'a>> {
    let (mut first, mut named, mut before) = (None, None, "");
    for piece in words {
        let word = Word::new(piece);
        let here = read(&word).or_else(|| in_value(&word));
        if let Some(here) = here {
            if here.reference.tag().is_some() || here.reference.digest().is_some() {
                return Some(here);
            }
            first = first.or(Some(here));
        } else if named.is_none()
            && BEFORE_IMAGE.contains(&before)
            && piece.text.contains(['/', ':'])
            && let Ok(reference) = piece.text.parse()
        {
            named = Some(Found::plain(word, reference));
        }
        before = piece.text;
    }
    first.or(named)
}

impl<'a> Found<'a> {
    fn plain(word: Word<'a>, reference: Reference) -> Self {
        Self {
            word,
            reference,
            plain_http: false,
            has_credentials: false,
        }
    }
}

/// Reads what stands behind `=` in a word, or in a part of it between commas, as in
/// `type=image,name=h.example/x:1`; or such a part itself.
fn in_value<'a>(word: &Word<'a>) -> Option<Found<'a>> {
    word.typed.split(',').find_map(|part| {
        let value = match part.cut("=") {
            (_, Some(value)) => value,
            (part, None) => part,
        };
        let is_whole = value.text.len() == word.typed.text.len();
        read(&Word::new(bare(value))).filter(|_| !is_whole)
    })
}

/// Reads a word that names an image and its registry.
fn read<'a>(word: &Word<'a>) -> Option<Found<'a>> {
    let text = &*word.text;
    let Some((scheme, rest)) = text.split_once("://") else {
        // syft and grype write registry:h.example/x.
        let skipped = text
            .strip_prefix("registry:")
            .map_or(0, |_| "registry:".len());
        let word = Word::new(word.typed.skip(skipped));
        let reference = with_host(&word.text)?;
        return Some(Found::plain(word, reference));
    };
    let is_http = scheme.eq_ignore_ascii_case("http");
    if !is_http && !scheme.eq_ignore_ascii_case("https") {
        let found = address::read(word.piece(), Vec::new()).ok()?;
        return Some(Found::plain(word.clone(), found.reference));
    }
    // What stands before the @ of an address is a user and a password.
    let user = rest.split('/').next().and_then(|host| host.rfind('@'));
    let word = match user {
        Some(_) => {
            let (before, _) = text.split_at(text.len() - rest.len() + user? + 1);
            Word::new(word.typed.skip(before.len()))
        }
        None => word.clone(),
    };
    let found = address::read(word.piece(), Vec::new()).ok()?;
    let is_page = found
        .notes
        .iter()
        .any(|note| matches!(note, Note::Page { .. }));
    (is_page || found.notes.contains(&Note::Api)).then_some(Found {
        word,
        reference: found.reference,
        plain_http: is_http && !is_page,
        has_credentials: user.is_some(),
    })
}

/// A reference whose first part is a registry, and not a number such as the `1.5` of `1.5/2`.
fn with_host(text: &str) -> Option<Reference> {
    let (host, _) = text.split_once('/')?;
    let is_name = host.contains('.') && host.bytes().any(|b| b.is_ascii_alphabetic());
    let is_host = is_name || host.contains(':') || host == "localhost";
    (is_host || host.bytes().filter(|b| *b == b'.').count() == 3)
        .then(|| text.parse().ok())
        .flatten()
}

/// What a word says of a place that is no registry's, or names no manifest in one.
fn local_or_api(word: Piece<'_>) -> Option<InputError> {
    let error = address::read(word, Vec::new()).err()?;
    matches!(error, InputError::Local { .. } | InputError::Api { .. }).then_some(error)
}

/// The name of the program that a command runs: the first word that sets no variable and is not
/// a program that runs another; `None` where that is no name.
fn name<'a>(words: &[Word<'a>]) -> Option<Piece<'a>> {
    let word = words.iter().find(|word| {
        !word.text.contains('=')
            && !matches!(
                &*word.text,
                "sudo" | "doas" | "env" | "time" | "exec" | "nohup"
            )
            && !word.text.starts_with('-')
    })?;
    let at = word.typed.text.rfind('/').map_or(0, |at| at + 1);
    let name = word.typed.skip(at);
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    let is_program =
        !name.text.is_empty() && name.text.len() <= NAME_BYTES && name.text.bytes().all(is_name);
    is_program.then_some(name)
}

/// The words of a text that is no command.
fn words_of(line: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let mut start = line.start;
    line.text
        .split_inclusive(char::is_whitespace)
        .map(move |text| {
            let piece = Piece { text, start };
            start = piece.end();
            piece.trimmed()
        })
}

/// A word of a message without the punctuation and quotes around it.
fn bare(word: Piece<'_>) -> Piece<'_> {
    let has_address = word.text.contains("]:");
    let is_mark = |c: char| {
        ".,;:!?(){}<>\"'`\\“”‘’«»".contains(c) || (matches!(c, '[' | ']') && !has_address)
    };
    let text = word.text.trim_start_matches(is_mark);
    let start = word.end() - text.len();
    Piece {
        text: text.trim_end_matches(is_mark),
        start,
    }
}
