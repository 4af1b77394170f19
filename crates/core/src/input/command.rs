//! Finds the image in a command line, a `FROM` line or an `image:` line.
//!
//! Words are split as a shell does it, but nothing is expanded: a variable stays a variable and is
//! no reference. Where a command takes flags, only the first word that is neither a flag nor a
//! flag's value is the image, so what follows the image in `docker run` is never looked at.

use super::{InputError, Note, Piece};

const DOCKER: &[&str] = &[
    "pull",
    "push",
    "inspect",
    "image pull",
    "image push",
    "image inspect",
    "manifest inspect",
    "buildx imagetools inspect",
];

/// Commands whose first argument is the image.
const TOOLS: &[(&str, &[&str])] = &[
    ("docker", DOCKER),
    ("podman", DOCKER),
    ("nerdctl", DOCKER),
    (SKOPEO, &["inspect", "copy", "list-tags"]),
    (
        "crane",
        &["manifest", "digest", "config", "pull", "export", "ls"],
    ),
    (
        "regctl",
        &[
            "manifest get",
            "manifest head",
            "manifest diff",
            "image digest",
            "image inspect",
            "image config",
            "image manifest",
            "image copy",
            "image export",
            "tag ls",
        ],
    ),
    (
        "oras",
        &[
            "manifest fetch",
            "manifest fetch-config",
            "pull",
            "resolve",
            "discover",
            "copy",
            "cp",
            "repo tags",
        ],
    ),
    (
        "ctr",
        &[
            "image pull",
            "images pull",
            "i pull",
            "image push",
            "images push",
            "i push",
        ],
    ),
    ("crictl", &["pull", "inspecti"]),
];

/// Its images carry their transport, so they are found wherever they stand.
const SKOPEO: &str = "skopeo";
const SKOPEO_REGISTRY: &str = "docker://";

/// Flags of those tools whose value is the next word. Short ones that mean two things are left out.
///
/// Without them the value of a flag would be read as the image.
const FLAGS_WITH_VALUE: &str = "--platform --format -f --type --arch --os --variant --authfile --cert-dir --creds \
    --decryption-key --policy --retry --retry-delay --retry-times --context -c --host -H --config --log-level -l \
    --builder --tlscacert --tlscert --tlskey --namespace -n --address --snapshotter --verify --cosign-key --cache_path \
    --username -u --password -p --output -o --registry-token --registry-config --override-arch --override-os \
    --override-variant --command-timeout --tmpdir --src-creds --dest-creds --src-cert-dir --dest-cert-dir \
    --src-authfile --dest-authfile --multi-arch --additional-tag --user --hosts-dir --label --verbosity --user-agent \
    --media-type --artifact-type --ca-file --cert-file --key-file --resolve --template --concurrency --filter \
    --runtime-endpoint --image-endpoint --timeout --auth";

/// What the names of flags have in them whose value is a secret, or goes with one.
const SECRETS: [&str; 6] = ["user", "pass", "token", "cred", "secret", "auth"];
/// And of those that have no value, or have it in the same word.
const NO_SECRETS: [&str; 3] = ["=", "-stdin", "no-creds"];

const SHELL_QUOTES: [char; 3] = ['"', '\'', '`'];

/// Splits a line into words as a shell does, without the quotes around them.
pub(super) fn split_words(line: Piece<'_>) -> Vec<Piece<'_>> {
    let mut words = Vec::new();
    let mut quote = None;
    let mut start = None;
    for (at, c) in line.text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c.is_whitespace() => {
                if let Some(start) = start.take() {
                    words.push(line.first(at).skip(start));
                }
                continue;
            }
            None if SHELL_QUOTES.contains(&c) => quote = Some(c),
            _ => {}
        }
        start = start.or(Some(at));
    }
    if let Some(start) = start {
        words.push(line.skip(start));
    }
    // A line that goes on behind a backslash.
    words.retain(|word| word.text != "\\");
    let is_quoted = |word: &Piece<'_>| word.text.starts_with(SHELL_QUOTES);
    words
        .into_iter()
        .map(|word| word.unquoted().filter(|_| is_quoted(&word)).unwrap_or(word))
        .collect()
}

/// The word that names the image; `None` where the words are no line of a known kind.
///
/// A known tool with an unknown command is an error at the tool's name, since the image could stand
/// anywhere in it.
pub(super) fn find_image<'a>(
    words: &[Piece<'a>],
    notes: &mut Vec<Note>,
) -> Result<Option<Piece<'a>>, InputError> {
    if words[0].text.eq_ignore_ascii_case("FROM") {
        notes.push(Note::Dockerfile);
        return first_argument(&words[1..], end_of(words)).map(Some);
    }
    let entry = usize::from(words[0].text == "-");
    if words[entry].text.ends_with(':')
        && words[entry].text.trim_matches(['"', '\'', ':']) == "image"
    {
        notes.push(Note::Yaml);
        let value = words.get(entry + 1).ok_or(InputError::NoImage {
            position: end_of(words),
        })?;
        let value = value.first(value.text.trim_end_matches(',').len());
        return Ok(Some(value.unquoted().unwrap_or(value)));
    }
    let mut unknown = None;
    for (at, word) in words.iter().enumerate() {
        // The tool may be written with its path.
        let name = word.text.rsplit('/').next().unwrap_or_default();
        let Some((tool, commands)) = TOOLS.iter().find(|(tool, _)| *tool == name) else {
            continue;
        };
        let arguments: Vec<Piece<'a>> = arguments(&words[at + 1..]).collect();
        let Some(command) = commands
            .iter()
            .find(|command| is_command(command, &arguments))
        else {
            unknown = unknown.or(Some(InputError::Command {
                position: word.start,
            }));
            continue;
        };
        if at > 0 {
            notes.push(Note::BeforeCommand);
        }
        notes.push(Note::Command { tool, command });
        let mut images = arguments[command.split(' ').count()..].to_vec();
        let first = images.first().copied();
        if *tool == SKOPEO {
            images.retain(|image| image.text.starts_with(SKOPEO_REGISTRY));
        }
        if images.len() > 1 {
            notes.push(Note::FirstOfSeveral);
        }
        return match (images.first(), first) {
            (Some(image), _) => Ok(Some(*image)),
            (None, Some(first)) => Err(InputError::Local {
                position: first.start,
            }),
            (None, None) => Err(InputError::NoImage {
                position: end_of(words),
            }),
        };
    }
    unknown.map_or(Ok(None), Err)
}

/// Returns where a person would go on to type.
fn end_of(words: &[Piece<'_>]) -> usize {
    words.last().map_or(0, |word| word.end())
}

/// An error where there is none: a command that needs an image and has none.
fn first_argument<'a>(words: &[Piece<'a>], end: usize) -> Result<Piece<'a>, InputError> {
    arguments(words)
        .next()
        .ok_or(InputError::NoImage { position: end })
}

/// Whether the arguments begin with the words of `command`: `image pull`.
fn is_command(command: &str, arguments: &[Piece<'_>]) -> bool {
    let mut given = arguments.iter();
    command
        .split(' ')
        .all(|word| given.next().is_some_and(|argument| argument.text == word))
}

/// The words that are no flags and no values of flags, up to a pipe or another command.
///
/// A `;` at the end of a word ends the command as well.
fn arguments<'a>(words: &[Piece<'a>]) -> impl Iterator<Item = Piece<'a>> {
    let mut is_value = false;
    let mut is_over = false;
    words.iter().copied().filter_map(move |word| {
        // skopeo has flags without value that are spelled like others' with one.
        let is_value_of_flag =
            std::mem::take(&mut is_value) && !word.text.starts_with(SKOPEO_REGISTRY);
        let is_first_of_next =
            word.text.starts_with(['|', '&', ';', '<', '>', '#']) || word.text.starts_with("2>");
        is_over |= is_first_of_next;
        if is_over || is_value_of_flag {
            return None;
        }
        if word.text.starts_with('-') {
            is_value = takes_value(word.text);
            return None;
        }
        is_over = word.text.ends_with(';');
        Some(word.first(word.text.trim_end_matches(';').len()))
    })
}

/// Whether the word behind a flag is its value. Of a flag that may name a secret it is,
/// whatever the tool calls it: better no image than a password in its place.
fn takes_value(flag: &str) -> bool {
    let is_secret = SECRETS.iter().any(|secret| flag.contains(secret))
        && !NO_SECRETS.iter().any(|no| flag.contains(no));
    is_secret || FLAGS_WITH_VALUE.split(' ').any(|known| known == flag)
}

#[cfg(test)]
mod tests;
