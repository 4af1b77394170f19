//! Finds the image in a command line, a `FROM` line or an `image:` line.
//!
//! Words are split as a shell does it (`shell`). Of the tools in [`TOOLS`] it is known where a
//! command has its image: the first word that is neither a flag nor a flag's value, so what
//! follows the image is never read as part of it. Of any other text the one word is taken that
//! is a reference with a registry (`elsewhere`).
//!
//! ```text
//! docker pull --platform linux/arm64 nginx    -> nginx
//! $ sudo podman push --creds a:b quay.io/o/r  -> quay.io/o/r
//! docker run -it -p 80:80 nginx sh            -> nginx
//! skopeo copy dir:/tmp/x docker://h.example/x -> docker://h.example/x
//! FROM --platform=x golang:1.22 AS build      -> golang:1.22
//! - image: "nginx:1.27"  # the web server     -> nginx:1.27
//! cosign verify --key k.pub h.example/x:1     -> h.example/x:1
//! ```
//!
//! `find_image` is called by [`understand`](super::understand) alone; the word that comes out
//! is then read as if it had been typed by itself.
//!
//! Longer than most files: a table of commands and their flags, and what reads them.

use super::shell::{self, Word};
use super::{InputError, Note, Piece, elsewhere};

/// The commands of docker, which podman and nerdctl share. Each is one or more words, all of
/// which have to follow the tool, with only flags between them.
const DOCKER: &[&str] = &[
    "pull",
    "push",
    "run",
    "create",
    "container run",
    "container create",
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
/// tool that is here, but not in its list, is read as any other tool's.
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
    (
        HELM,
        &["pull", "fetch", "install", "upgrade", "template", "show"],
    ),
];

/// Their images carry a scheme, so they are found wherever they stand.
///
/// `skopeo copy dir:/tmp/x docker://h.example/x` names one image in a registry, and it is the
/// second argument; `helm install NAME oci://h.example/charts/x` a chart. Other arguments are
/// left out, and where none is left that is an error.
const SKOPEO: &str = "skopeo";
const HELM: &str = "helm";
/// Their schemes. A word that begins with one is never taken for a flag's value, see
/// `takes_value`.
const SKOPEO_REGISTRY: &str = "docker://";
const HELM_REGISTRY: &str = "oci://";

/// Other names of the same tools.
const ALIASES: [(&str, &str); 3] = [("helm3", HELM), ("gcrane", "crane"), ("krane", "crane")];

/// Flags of `run` and `create` of docker, podman and nerdctl that take no value; all others do.
///
/// Source: `docker run --help` and `docker create --help`; podman `cmd/podman/common/create.go`
/// and `containers/run.go`.
const RUN_SWITCHES: &str = "detach disable-content-trust env-host help http-proxy init interactive no-healthcheck \
    no-hostname no-hosts oom-kill-disable passwd privileged publish-all quiet read-only read-only-tmpfs replace rm \
    rmi rootfs sig-proxy tls-verify tty unsetenv-all use-api-socket";
/// Their short ones, which may stand together: `-it`.
const RUN_SHORT_SWITCHES: &str = "diqtP";

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
    --runtime-endpoint --image-endpoint --timeout --auth -t --mode --unpack --digestfile --compression-format \
    --compression-level --add-compression --encryption-key --sign-by --connection --url --root --runroot \
    --storage-driver --storage-opt --signature-policy --max-concurrent-downloads --pod-config --depth --data-root";

/// What the names of flags have in them whose value is a secret, or goes with one:
/// `--registry-token`, `--src-creds`, `--from-username`.
const SECRETS: [&str; 6] = ["user", "pass", "token", "cred", "secret", "auth"];
/// And of those that have no value, or have it in the same word: `--creds=a:b`,
/// `--password-stdin`, `--src-no-creds`.
const NO_SECRETS: [&str; 3] = ["=", "-stdin", "no-creds"];

/// The image that a line names, and what else the line tells of it.
#[derive(Debug)]
pub(super) struct Image<'a> {
    /// The word to read.
    pub(super) word: Word<'a>,
    /// The value of helm's `--version`, which is the chart's tag.
    pub(super) version: Option<Word<'a>>,
    /// Whether the line asks for http without TLS.
    pub(super) plain_http: bool,
}

impl<'a> From<Word<'a>> for Image<'a> {
    fn from(word: Word<'a>) -> Self {
        Self {
            word,
            version: None,
            plain_http: false,
        }
    }
}

/// The word that names the image; `None` where the text is no line of a known kind.
///
/// Each command of the line is tried as a `FROM` line, as an `image:` line of YAML or JSON
/// (behind a `-` or not), and for a word that is a known tool with a known command: what stands
/// in front of it, a prompt or `sudo`, does not matter. The tool may be written with its path.
/// Where nothing is known, `elsewhere` looks at the whole text.
///
/// Of several images the first is taken, with [`Note::FirstOfSeveral`]; arguments that are no
/// images, such as the file of `crane pull nginx nginx.tar`, count there too.
pub(super) fn find_image<'a>(
    line: Piece<'a>,
    notes: &mut Vec<Note>,
) -> Result<Option<Image<'a>>, InputError> {
    let is_one_word = !line
        .text
        .contains([' ', '\t', '\n', '|', ';', '&', '<', '>', '=']);
    if is_one_word || (is_address(line) && !line.text.contains(char::is_whitespace)) {
        return Ok(None);
    }
    let typed = without_prompt(line);
    let mut is_behind = typed.start > line.start;
    let mut commands = shell::commands(typed);
    commands.extend(given_to_shells(&commands));
    if commands.iter().map(Vec::len).sum::<usize>() < 2 {
        return elsewhere::in_one_word(line, &commands, notes);
    }
    let end = line.end();
    let mut unknown = None;
    for (index, words) in commands.iter().enumerate() {
        let first = &words[0].text;
        if first.eq_ignore_ascii_case("FROM") {
            let image = arguments(&words[1..]).next();
            let is_more = commands[index + 1..]
                .iter()
                .any(|words| words[0].text.eq_ignore_ascii_case("FROM"));
            // scratch is no image: what begins with it is empty.
            if is_more && image.as_ref().is_some_and(|image| image.text == "scratch") {
                continue;
            }
            notes.push(Note::Dockerfile);
            if is_more {
                notes.push(Note::FirstOfSeveral);
            }
            return image
                .filter(|image| image.text != "scratch")
                .ok_or(InputError::NoImage { position: end })
                .and_then(known);
        }
        if let Some(value) = yaml_value(words) {
            notes.push(Note::Yaml);
            if commands[index + 1..]
                .iter()
                .any(|words| yaml_value(words).is_some())
            {
                notes.push(Note::FirstOfSeveral);
            }
            let value = value.first().ok_or(InputError::NoImage { position: end })?;
            let typed = value
                .typed
                .first(value.typed.text.trim_end_matches(',').len());
            return known(Word::new(typed));
        }
        for (at, word) in words.iter().enumerate() {
            let name = program(word);
            let Some((tool, commands)) = TOOLS.iter().find(|(tool, _)| *tool == name) else {
                continue;
            };
            let given = &words[at + 1..];
            let near = command_words(given);
            let Some((command, after)) = commands
                .iter()
                .find_map(|command| Some((*command, command_end(command, &near)?)))
            else {
                unknown = unknown.or(Some(word.typed.start));
                continue;
            };
            is_behind |= at > 0 || index > 0;
            if is_behind {
                notes.push(Note::BeforeCommand);
            }
            notes.push(Note::Command { tool, command });
            let word = image_of(tool, command, &given[after..], end, notes)?;
            let mut image = known(word)?;
            if let Some(image) = &mut image {
                image.plain_http = given.iter().any(|word| word.text == "--plain-http");
                if *tool == HELM {
                    image.version = version(given);
                }
            }
            return Ok(image);
        }
    }
    elsewhere::find_image(line, &commands, unknown, notes)
}

/// The commands in quotes that a line gives to another shell: `sh -c "…"`, `ssh HOST '…'`.
fn given_to_shells<'a>(commands: &[Vec<Word<'a>>]) -> Vec<Vec<Word<'a>>> {
    let is_flag = |word: &Word<'_>| {
        let letters = word.text.strip_prefix('-').unwrap_or_default();
        letters.ends_with('c') && letters.bytes().all(|b| b.is_ascii_lowercase())
    };
    let given = commands.iter().flat_map(|words| {
        let is_ssh = words[0].text == "ssh";
        let pairs = words.iter().zip(words.iter().skip(1));
        let given = pairs.filter(move |(before, word)| {
            (is_ssh || is_flag(before)) && word.typed.text.contains(char::is_whitespace)
        });
        given.flat_map(|(_, word)| shell::commands(word.typed))
    });
    given.collect()
}

/// The name of the tool that a word runs: without its folder, `.exe`, and the `@` of make.
fn program<'w>(word: &'w Word<'_>) -> &'w str {
    let name = word
        .typed
        .text
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let name = name.trim_start_matches('@');
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, name)| name)
}

/// Whether this is an address for a browser, in which `&` and `;` have their own meaning.
fn is_address(line: Piece<'_>) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        line.text
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Without the prompt of a shell: `$`, `#`, `me@host:~$`, `PS C:\>`; its last character would
/// be a comment or a redirection.
fn without_prompt(line: Piece<'_>) -> Piece<'_> {
    let is_powershell = line.text.starts_with("PS") || line.text.get(1..3) == Some(":\\");
    let end = line.text.char_indices().take(120).find(|&(at, c)| {
        let ends = matches!(c, '$' | '#' | '%' | '>' | '❯' | '➜');
        let behind = line.skip(at + c.len_utf8()).text;
        ends && (behind.starts_with(' ') || (c == '>' && is_powershell))
    });
    let Some((at, c)) = end else { return line };
    let before = line.first(at).text;
    let is_prompt = before.is_empty() || is_powershell || before.contains(['@', '~', '[']);
    if is_prompt && !before.contains(['"', '\'', '|', ';']) {
        line.skip(at + c.len_utf8()).trimmed()
    } else {
        line
    }
}

/// A word where the image is known to stand; what only the shell knows is an error.
fn known(word: Word<'_>) -> Result<Option<Image<'_>>, InputError> {
    match word.typed.text.find('$') {
        Some(at) => Err(InputError::Variable {
            position: word.typed.start + at,
        }),
        None => Ok(Some(word.into())),
    }
}

/// The words behind `image:`, `- image:` or `"image":`.
fn yaml_value<'a, 'w>(words: &'w [Word<'a>]) -> Option<&'w [Word<'a>]> {
    let entry = usize::from(words[0].text == "-");
    let (key, value) = words.get(entry..)?.split_first()?;
    (key.text == "image:").then_some(value)
}

/// The image among the words behind a command.
fn image_of<'a>(
    tool: &str,
    command: &str,
    words: &[Word<'a>],
    end: usize,
    notes: &mut Vec<Note>,
) -> Result<Word<'a>, InputError> {
    // Of oras: both, or the first or the second of two, are in a folder.
    let flag = |name: &str| words.iter().find(|word| word.text.starts_with(name));
    let local = flag("--oci-layout").or(flag("--from-oci-layout").and(flag("--to-oci-layout")));
    if let Some(local) = local {
        return Err(InputError::Local {
            position: local.typed.start,
        });
    }
    let no_image = InputError::NoImage { position: end };
    if command.ends_with("run") || command.ends_with("create") {
        return first_behind(words, run_takes_value).ok_or(no_image);
    }
    let mut images: Vec<Word<'a>> = arguments(words).collect();
    let first = images.first().map(|image| image.typed.start);
    let scheme = match tool {
        SKOPEO => SKOPEO_REGISTRY,
        HELM => HELM_REGISTRY,
        _ => "",
    };
    images.retain(|image| image.text.starts_with(scheme));
    if flag("--from-oci-layout").is_some() && !images.is_empty() {
        images.remove(0);
    }
    if images.len() > 1 {
        notes.push(Note::FirstOfSeveral);
    }
    match (images.into_iter().next(), first) {
        (Some(image), _) => Ok(image),
        (None, Some(position)) if tool == HELM => Err(InputError::Chart { position }),
        (None, Some(position)) => Err(InputError::Local { position }),
        (None, None) => Err(no_image),
    }
}

/// The value of helm's `--version`.
fn version<'a>(words: &[Word<'a>]) -> Option<Word<'a>> {
    const FLAG: &str = "--version";
    words.iter().enumerate().find_map(|(at, word)| {
        if word.text == FLAG {
            return words.get(at + 1).cloned();
        }
        word.text.strip_prefix(FLAG)?.strip_prefix('=')?;
        word.after("=")
    })
}

/// Where the words of `command` end, which `given` begins with, by the place of each.
fn command_end(command: &str, given: &[(usize, &str)]) -> Option<usize> {
    let mut given = given.iter();
    let mut end = None;
    for part in command.split(' ') {
        let (at, _) = given.next().filter(|(_, word)| *word == part)?;
        end = Some(at + 1);
    }
    end
}

/// The first words behind a tool that may name its command, with their places. There may be
/// flags between them: `docker --context far image pull`.
fn command_words<'w>(words: &'w [Word<'_>]) -> Vec<(usize, &'w str)> {
    let mut is_value = false;
    // Nobody sets more flags there, and each tool named in a long text would read all of it.
    let near = words.iter().enumerate().take(16);
    near.filter_map(|(at, word)| {
        if std::mem::take(&mut is_value) {
            return None;
        }
        is_value = word.text.starts_with('-') && takes_value(&word.text);
        (!word.text.starts_with('-')).then_some((at, &*word.text))
    })
    .take(3)
    .collect()
}

/// The words that are no flags and no values of flags.
///
/// A word that begins with `docker://` is an argument even behind a flag that takes a value,
/// because skopeo has flags without one that others spell alike: in `skopeo inspect --config
/// docker://h.example/x` the image is no value.
fn arguments<'a>(words: &[Word<'a>]) -> impl Iterator<Item = Word<'a>> {
    let mut is_value = false;
    words.iter().filter_map(move |word| {
        let is_scheme = [SKOPEO_REGISTRY, HELM_REGISTRY]
            .iter()
            .any(|scheme| word.text.starts_with(scheme));
        if std::mem::take(&mut is_value) && !is_scheme {
            return None;
        }
        if word.text.starts_with('-') {
            is_value = takes_value(&word.text);
            return None;
        }
        Some(word.clone())
    })
}

/// The first word that is no flag and no value of one.
fn first_behind<'a>(words: &[Word<'a>], takes_value: fn(&str) -> bool) -> Option<Word<'a>> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if !word.text.starts_with('-') {
            return Some(word.clone());
        }
        if takes_value(&word.text) {
            words.next();
        }
    }
    None
}

/// Whether the word behind a flag of `run` is its value.
fn run_takes_value(flag: &str) -> bool {
    if let Some(name) = flag.strip_prefix("--") {
        let is_switch = RUN_SWITCHES.split(' ').any(|switch| switch == name);
        return !name.is_empty() && !name.contains('=') && !is_switch;
    }
    // What follows a letter that takes a value is the value: -p80:80.
    let letters = flag.trim_start_matches('-');
    let rest = letters.trim_start_matches(|letter| RUN_SHORT_SWITCHES.contains(letter));
    rest.len() == 1
}

/// Whether the word behind a flag is its value.
///
/// Of a flag that may name a secret it is, whatever the tool calls it: better no image than a
/// password in its place, which would be shown and asked for at a registry.
fn takes_value(flag: &str) -> bool {
    takes_secret(flag) || FLAGS_WITH_VALUE.split(' ').any(|known| known == flag)
}

/// Whether the word behind a flag may be a secret.
pub(super) fn takes_secret(flag: &str) -> bool {
    is_secret(flag) && !NO_SECRETS.iter().any(|no| flag.contains(no))
}

/// Whether the value of a flag, in the same word or the next, may be a secret.
pub(super) fn is_secret(flag: &str) -> bool {
    let name = flag
        .split('=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests;
