//! Finds the image in a command line, a `FROM` line or an `image:` line.
//!
//! Words are split as a shell does it, but nothing is expanded: a variable stays a variable
//! and is no reference. Where a command takes flags, only the first word that is neither a
//! flag nor a flag's value is the image, so what follows the image is never read as part of
//! it.
//!
//! ```text
//! docker pull --platform linux/arm64 nginx    -> nginx
//! $ sudo podman push --creds a:b quay.io/o/r  -> quay.io/o/r
//! skopeo copy dir:/tmp/x docker://h.example/x -> docker://h.example/x
//! FROM --platform=x golang:1.22 AS build      -> golang:1.22
//! - image: "nginx:1.27"  # the web server     -> nginx:1.27
//! docker run -it nginx sh                     -> an error at "docker"
//! ```
//!
//! `split_words` and `find_image` are called by [`understand`](super::understand) alone; the
//! word that comes out is then read as if it had been typed by itself. Commands that take an
//! image at no fixed place, as `docker run` does among its many flags, are not known.

use super::{InputError, Note, Piece};

/// The commands of docker, which podman and nerdctl share. Each is one or more words, all of
/// which have to follow the tool, with only flags between them.
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

/// Commands whose first argument is the image, by the name of their tool.
///
/// A word alone is never looked up here: `docker` is the image of that name. A command of a
/// tool that is here, but not in its list, is [`InputError::Command`].
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
///
/// `skopeo copy dir:/tmp/x docker://h.example/x` names one image in a registry, and it is the
/// second argument. Arguments that do not begin with `docker://` are left out, and where none
/// is left the error is [`InputError::Local`].
const SKOPEO: &str = "skopeo";
/// The only transport of skopeo that leads to a registry. A word that begins with it is never
/// taken for a flag's value, see `arguments`.
const SKOPEO_REGISTRY: &str = "docker://";

/// Flags of those tools whose value is the next word, separated by spaces. Short ones that
/// mean two things are left out.
///
/// Without them the value of a flag would be read as the image. A flag that is written with
/// its value in one word, `--platform=linux/arm64`, needs no entry.
const FLAGS_WITH_VALUE: &str = "--platform --format -f --type --arch --os --variant --authfile --cert-dir --creds \
    --decryption-key --policy --retry --retry-delay --retry-times --context -c --host -H --config --log-level -l \
    --builder --tlscacert --tlscert --tlskey --namespace -n --address --snapshotter --verify --cosign-key --cache_path \
    --username -u --password -p --output -o --registry-token --registry-config --override-arch --override-os \
    --override-variant --command-timeout --tmpdir --src-creds --dest-creds --src-cert-dir --dest-cert-dir \
    --src-authfile --dest-authfile --multi-arch --additional-tag --user --hosts-dir --label --verbosity --user-agent \
    --media-type --artifact-type --ca-file --cert-file --key-file --resolve --template --concurrency --filter \
    --runtime-endpoint --image-endpoint --timeout --auth";

/// What the names of flags have in them whose value is a secret, or goes with one:
/// `--registry-token`, `--src-creds`, `--from-username`.
const SECRETS: [&str; 6] = ["user", "pass", "token", "cred", "secret", "auth"];
/// And of those that have no value, or have it in the same word: `--creds=a:b`,
/// `--password-stdin`, `--src-no-creds`.
const NO_SECRETS: [&str; 3] = ["=", "-stdin", "no-creds"];

/// The quotes that keep a word with spaces together. A backquote only quotes here; nothing is
/// run.
const SHELL_QUOTES: [char; 3] = ['"', '\'', '`'];

/// Splits a line into words as a shell does, without the quotes around them.
///
/// Line breaks are white space too, and a `\` alone is left out, so a command over several
/// lines is one. Quotes are taken off where they stand around a whole word; a quote inside a
/// word, `--format='{{.Name}}'`, only keeps it together. A quote that is never closed holds
/// all that follows. There is no escaping by `\`.
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
/// It tries a `FROM` line, then an `image:` line of YAML or JSON (behind a `-` or not), then
/// looks for the first word that is a known tool with a known command: what stands in front of
/// it, a prompt or `sudo`, does not matter. The tool may be written with its path. There are
/// at least two words.
///
/// A known tool with an unknown command is an error at the tool's name, since the image could
/// stand anywhere in it. It is only told where no later word is a tool with a known command.
/// Of several images the first is taken, with [`Note::FirstOfSeveral`]; arguments that are no
/// images, such as the file of `crane pull nginx nginx.tar`, count there too.
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

/// Returns where a person would go on to type: the end of the last word, or 0 where there is
/// none.
fn end_of(words: &[Piece<'_>]) -> usize {
    words.last().map_or(0, |word| word.end())
}

/// The first argument; an error at `end` where there is none: a line that needs an image and
/// has none.
fn first_argument<'a>(words: &[Piece<'a>], end: usize) -> Result<Piece<'a>, InputError> {
    arguments(words)
        .next()
        .ok_or(InputError::NoImage { position: end })
}

/// Whether the arguments begin with the words of `command`: `image pull`.
///
/// Flags were left out of `arguments` already, so `docker --context far image pull` is one
/// too.
fn is_command(command: &str, arguments: &[Piece<'_>]) -> bool {
    let mut given = arguments.iter();
    command
        .split(' ')
        .all(|word| given.next().is_some_and(|argument| argument.text == word))
}

/// The words that are no flags and no values of flags, up to a pipe or another command.
///
/// Everything behind a word that begins with `|`, `&`, `;`, `<`, `>` or `#`, or with `2>`, is
/// left out, and that word too: a comment, a redirection, the next command. A `;` at the end
/// of a word ends the command as well.
///
/// A word that begins with `docker://` is an argument even behind a flag that takes a value,
/// because skopeo has flags without one that others spell alike: in `skopeo inspect --config
/// docker://h.example/x` the image is no value.
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

/// Whether the word behind a flag is its value.
///
/// Of a flag that may name a secret it is, whatever the tool calls it: better no image than a
/// password in its place, which would be shown and asked for at a registry.
fn takes_value(flag: &str) -> bool {
    let is_secret = SECRETS.iter().any(|secret| flag.contains(secret))
        && !NO_SECRETS.iter().any(|no| flag.contains(no));
    is_secret || FLAGS_WITH_VALUE.split(' ').any(|known| known == flag)
}

#[cfg(test)]
mod tests;
