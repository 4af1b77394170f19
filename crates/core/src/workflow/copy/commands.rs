//! The same copy by other tools.
//!
//! Each names its source by the digest that the copy is pinned to. What a tool cannot be told is in
//! [`Commands::left_out`]; a tool that cannot do the copy at all has no place in the list.
//!
//! | tool | exact | of a list | another format | other compression |
//! | --- | --- | --- | --- | --- |
//! | skopeo | `copy --all --preserve-digests` | one image by its digest | `--format`, rewrites configs | `--dest-compress-format` |
//! | crane | `copy` | `index filter`, without attestations | – | – |
//! | regctl | `image copy` | one image by its digest | `image mod`, keeps configs | `--layer-compress` |
//! | oras | `cp` | one image by its digest | – | – |
//! | docker buildx | `imagetools create` | – | – | – |
//! | podman | – | one image, pulled and pushed | `push --format` | `--compression-format` |
//!
//! What is in an archive is named by its file: to skopeo as `docker-archive:` or `oci-archive:`, to
//! `crane push`, to `regctl image import` and to `oras cp --from-oci-layout`. No page learns where a
//! file is, so the archive's name in the page stands for it. Longer than most files: it is a table
//! of tools.

use crate::command_line::Line;
use crate::compose::commands::Commands;
use crate::conversion::{Compression, ConfigBytes, Packing};
use crate::digest::Digest;
use crate::platform::Platform;
use crate::reference::{Reference, RegistryHost, Tag, Target};

use super::{Format, Kind, Model, Scope};

/// The tools that there are commands of.
pub const TOOLS: [&str; 6] = [
    "skopeo",
    "crane",
    "regctl",
    "oras",
    "docker buildx",
    "podman",
];

/// What the commands are to do.
struct Task<'a> {
    model: &'a Model,
    source: Reference,
    target: Reference,
    more_tags: &'a [Tag],
    plain_http: &'a [RegistryHost],
    /// Whether what is copied is a list.
    is_list: bool,
    /// Whether entries of the list are left out.
    is_part: bool,
    /// Whether what is copied is one image of a list.
    is_one_of_list: bool,
}

/// The commands of each tool that can make the copy that was chosen, to `target` and under
/// `more_tags` beside its own; none before the source is here. `plain_http` are the hosts that speak
/// plain http beside loopback ones.
#[must_use]
pub fn commands(
    model: &Model,
    target: &Reference,
    more_tags: &[Tag],
    plain_http: &[RegistryHost],
) -> Vec<Commands> {
    let Some(root) = model.root().done() else {
        return Vec::new();
    };
    let entries = model.entries();
    let one = entries.iter().find(|entry| entry.is_kept);
    let one = one.filter(|_| model.choice().scope == Scope::One);
    let one = one.and_then(|entry| entry.descriptor.digest.clone());
    let is_list = root.list().is_some() && model.choice().scope != Scope::One;
    let mut all = of_task(&Task {
        model,
        is_part: is_list && entries.iter().any(|entry| !entry.is_kept),
        is_list,
        is_one_of_list: one.is_some(),
        source: model
            .source()
            .at(Target::Digest(one.unwrap_or_else(|| root.digest.clone()))),
        target: target.without_digest(),
        more_tags,
        plain_http,
    });
    for (tag, manifest, digest) in model.others() {
        let others = of_task(&Task {
            model,
            is_part: false,
            is_list: manifest.list().is_some(),
            is_one_of_list: false,
            source: model.source().at(Target::Digest(digest)),
            target: target.without_digest().at(Target::Tag(tag)),
            more_tags: &[],
            plain_http,
        });
        add(&mut all, others);
    }
    all
}

/// Adds the commands of another copy, to be run after these. A tool that cannot make both has no
/// place in the list.
pub fn add(all: &mut Vec<Commands>, others: Vec<Commands>) {
    all.retain(|known| others.iter().any(|other| other.tool == known.tool));
    for other in others {
        if let Some(known) = all.iter_mut().find(|known| known.tool == other.tool) {
            let left_out = other.left_out.into_iter();
            for words in left_out {
                if !known.left_out.contains(&words) {
                    known.left_out.push(words);
                }
            }
            match (&mut known.lines, other.lines) {
                (Ok(lines), Ok(more)) => lines.extend(more),
                (Ok(_), Err(unsayable)) => known.lines = Err(unsayable),
                (Err(_), _) => {}
            }
        }
    }
}

fn of_task(task: &Task<'_>) -> Vec<Commands> {
    let all = match task.source.archive() {
        Some((file, made)) => [
            Some(task.skopeo()),
            task.crane_push(file, made),
            task.regctl_import(file, made),
            task.oras_from_layout(file, made),
            None,
            None,
        ],
        None => [
            Some(task.skopeo()),
            task.crane(),
            task.regctl(),
            task.oras(),
            task.buildx(),
            task.podman(),
        ],
    };
    all.into_iter().flatten().collect()
}

impl Task<'_> {
    fn is_http(&self, reference: &Reference) -> bool {
        let host = reference.host();
        host.is_loopback() || self.plain_http.contains(host)
    }

    /// The targets: the one that was named, and one for each tag more.
    fn targets(&self) -> Vec<Reference> {
        let more = self.more_tags.iter().cloned().map(Target::Tag);
        let more = more.map(|tag| self.target.at(tag));
        [self.target.clone()].into_iter().chain(more).collect()
    }

    fn skopeo(&self) -> Commands {
        let choice = self.model.choice();
        let mut words = "skopeo copy".to_owned();
        if self.is_list {
            words.push_str(" --all");
        }
        words.push_str(match choice.format {
            Format::Exact if choice.is_exact() => " --preserve-digests",
            Format::Exact => "",
            Format::Oci(_) => " --format oci",
            Format::DockerSchema2 => " --format v2s2",
            Format::DockerSchema1 { .. } => " --format v2s1",
        });
        // Of what goes to a registry it compresses all that is not.
        let named = choice.compression.and_then(|it| Some((name(it)?, it)));
        if let Some((name, compression)) = named {
            words.push_str(" --dest-compress-format ");
            words.push_str(name);
            if let Some(level) = compression.level {
                words.push_str(" --dest-compress-level ");
                words.push_str(&level.to_string());
            }
        }
        if self.is_http(&self.source) {
            words.push_str(" --src-tls-verify=false");
        }
        if self.is_http(&self.target) {
            words.push_str(" --dest-tls-verify=false");
        }
        let archive = self.source.archive();
        let source = match archive {
            Some((file, true)) => ["docker-archive:", file].concat(),
            Some((file, false)) => ["oci-archive:", file].concat(),
            None => ["docker://", &self.source.to_string()].concat(),
        };
        let is_one_of_list = self.is_one_of_list && archive.is_some();
        let line = |target: &Reference| {
            let mut line = Line::new(&words);
            line.word(&source);
            line.word(&["docker://", &target.to_string()].concat());
            line
        };
        let keeps_configs = choice.format == Format::Oci(ConfigBytes::Kept);
        let left_out = left_out(&[
            (self.is_part, "the choice of entries"),
            (is_one_of_list, "the choice of the image"),
            (keeps_configs, "the configs' bytes"),
            (
                choice.compression.is_some() && named.is_none(),
                "layers without compression",
            ),
            (named.is_some(), TAKES_ANOTHER),
            (choice.referrers, "referrers"),
            (choice.cosign, "cosign's tags"),
        ]);
        made_of(
            "skopeo",
            self.targets().iter().map(line).collect(),
            left_out,
        )
    }

    fn crane(&self) -> Option<Commands> {
        let choice = self.model.choice();
        if !choice.is_exact() || choice.scope == Scope::Sparse && self.is_part {
            return None;
        }
        let insecure = self.is_http(&self.source) || self.is_http(&self.target);
        let flag = if insecure { " --insecure" } else { "" };
        let mut line = if self.is_part {
            let mut line = Line::new(&["crane index filter", flag].concat());
            line.word(&self.source.to_string());
            for platform in self.platforms() {
                line.flag("--platform", &platform.to_string());
            }
            line.flag("-t", &self.target.to_string());
            line
        } else {
            let mut line = Line::new(&["crane copy", flag].concat());
            line.word(&self.source.to_string());
            line.word(&self.target.to_string());
            line
        };
        let tags = self.more_tags.iter().map(|tag| {
            let mut line = Line::new(&["crane tag", flag].concat());
            line.word(&self.target.to_string());
            line.word(tag.as_str());
            line
        });
        let lines = [std::mem::take(&mut line)]
            .into_iter()
            .chain(tags)
            .collect();
        let left_out = left_out(&[
            (self.is_part, "the list's other bytes"),
            (self.is_part && choice.attestations, "attestations"),
            (choice.referrers, "referrers"),
            (choice.cosign, "cosign's tags"),
        ]);
        Some(made_of("crane", lines, left_out))
    }

    /// Whether an archive goes elsewhere as it is, which is all that most tools do.
    fn is_whole(&self) -> bool {
        let is_part = self.is_part || self.is_one_of_list;
        !is_part && self.model.choice().is_exact()
    }

    fn crane_push(&self, file: &str, made: bool) -> Option<Commands> {
        if !made || !self.is_whole() {
            return None;
        }
        let flag = if self.is_http(&self.target) {
            " --insecure"
        } else {
            ""
        };
        let line = |target: &Reference| {
            let mut line = Line::new(&["crane push", flag].concat());
            line.word(file);
            line.word(&target.to_string());
            line
        };
        let left_out = vec!["the digest: crane makes another manifest".to_owned()];
        Some(made_of(
            "crane",
            self.targets().iter().map(line).collect(),
            left_out,
        ))
    }

    fn regctl_import(&self, file: &str, made: bool) -> Option<Commands> {
        let line = |target: &Reference| {
            let mut line = Line::new("regctl");
            if self.is_http(target) {
                line.flag("--host", &format!("reg={},tls=disabled", target.host()));
            }
            line.words("image import");
            line.word(&target.to_string());
            line.word(file);
            line
        };
        let left_out = left_out(&[(made, "the digest: regctl makes another manifest")]);
        self.is_whole().then(|| {
            made_of(
                "regctl",
                self.targets().iter().map(line).collect(),
                left_out,
            )
        })
    }

    fn oras_from_layout(&self, file: &str, made: bool) -> Option<Commands> {
        if made || !self.is_whole() {
            return None;
        }
        let mut line = Line::new("oras cp --from-oci-layout");
        if self.is_http(&self.target) {
            line.word("--to-plain-http");
        }
        let digest = self.source.digest().map(Digest::as_str);
        line.word(&[file, "@", digest.unwrap_or_default()].concat());
        line.word(&self.targets_of_oras());
        Some(made_of("oras", vec![line], Vec::new()))
    }

    /// The target with all its tags, as oras takes them in one.
    fn targets_of_oras(&self) -> String {
        let mut target = self.target.to_string();
        for tag in self.more_tags {
            target = [&target, ",", tag.as_str()].concat();
        }
        target
    }

    /// The platforms of the images that go along.
    fn platforms(&self) -> Vec<Platform> {
        let entries = self.model.entries();
        let kept = entries
            .iter()
            .filter(|entry| entry.is_kept && entry.kind == Kind::Image);
        kept.filter_map(|entry| entry.descriptor.platform.clone())
            .collect()
    }

    fn regctl(&self) -> Option<Commands> {
        let choice = self.model.choice();
        if self.is_part || matches!(choice.format, Format::DockerSchema1 { .. }) {
            return None;
        }
        let begin = || {
            let mut line = Line::new("regctl");
            let mut known: Vec<&RegistryHost> = Vec::new();
            for place in [&self.source, &self.target] {
                if self.is_http(place) && !known.contains(&place.host()) {
                    known.push(place.host());
                    line.flag("--host", &format!("reg={},tls=disabled", place.host()));
                }
            }
            line
        };
        let line = |target: &Reference| {
            let mut line = begin();
            match choice.format {
                Format::Exact if choice.is_exact() => {
                    line.words("image copy");
                    if choice.referrers {
                        line.word("--referrers");
                    }
                    if choice.cosign {
                        line.word("--digest-tags");
                    }
                    line.word(&self.source.to_string());
                    line.word(&target.to_string());
                }
                format => {
                    line.words("image mod");
                    line.word(&self.source.to_string());
                    match format {
                        Format::Exact | Format::DockerSchema1 { .. } => {}
                        Format::Oci(_) => line.word("--to-oci"),
                        Format::DockerSchema2 => line.word("--to-docker"),
                    }
                    if let Some(compression) = choice.compression {
                        line.flag("--layer-compress", name(compression).unwrap_or("none"));
                    }
                    line.flag("--create", &target.to_string());
                }
            }
            line
        };
        let rewrites = choice.format == Format::Oci(ConfigBytes::AsSkopeo);
        let has_level = choice.compression.is_some_and(|it| it.level.is_some());
        let left_out = left_out(&[
            (rewrites, "what skopeo leaves out of configs"),
            (has_level, "the level of compression"),
        ]);
        Some(made_of(
            "regctl",
            self.targets().iter().map(line).collect(),
            left_out,
        ))
    }

    fn oras(&self) -> Option<Commands> {
        let choice = self.model.choice();
        if self.is_part || !choice.is_exact() {
            return None;
        }
        let mut line = Line::new("oras cp");
        if choice.referrers {
            line.word("-r");
        }
        if self.is_http(&self.source) {
            line.word("--from-plain-http");
        }
        if self.is_http(&self.target) {
            line.word("--to-plain-http");
        }
        line.word(&self.source.to_string());
        line.word(&self.targets_of_oras());
        Some(made_of(
            "oras",
            vec![line],
            left_out(&[(choice.cosign, "cosign's tags")]),
        ))
    }

    /// buildx needs no daemon. No flag tells it of plain http: only a builder's settings do.
    fn buildx(&self) -> Option<Commands> {
        let choice = self.model.choice();
        if self.is_part || !choice.is_exact() {
            return None;
        }
        let mut line = Line::new("docker buildx imagetools create");
        if !self.is_list {
            line.word("--prefer-index=false");
        }
        for target in self.targets() {
            line.flag("-t", &target.to_string());
        }
        line.word(&self.source.to_string());
        // Of these it takes localhost and loopback addresses to speak it, but no name below localhost.
        let is_untold = |place: &Reference| {
            let host = place.host();
            self.is_http(place) && (!host.is_loopback() || host.name().ends_with(".localhost"))
        };
        let left_out = left_out(&[
            (
                is_untold(&self.source) || is_untold(&self.target),
                "plain http: a builder's buildkitd.toml says it",
            ),
            (choice.referrers, "referrers"),
            (choice.cosign, "cosign's tags"),
        ]);
        Some(made_of("docker buildx", vec![line], left_out))
    }

    /// podman has the image in its own store in between, where layers are unpacked.
    fn podman(&self) -> Option<Commands> {
        if self.is_list {
            return None;
        }
        let choice = self.model.choice();
        let secure = |place: &Reference| {
            if self.is_http(place) {
                " --tls-verify=false"
            } else {
                ""
            }
        };
        let mut pull = Line::new(&["podman pull", secure(&self.source)].concat());
        pull.word(&self.source.to_string());
        let named = choice.compression.and_then(|it| Some((name(it)?, it)));
        let pushes = self.targets();
        let pushes = pushes.iter().map(|target| {
            let mut push = Line::new(&["podman push", secure(&self.target)].concat());
            match choice.format {
                Format::Exact => {}
                Format::Oci(_) => push.words("--format oci"),
                Format::DockerSchema2 => push.words("--format v2s2"),
                Format::DockerSchema1 { .. } => push.words("--format v2s1"),
            }
            if let Some((name, compression)) = named {
                push.words("--compression-format");
                push.word(name);
                if let Some(level) = compression.level {
                    push.flag("--compression-level", &level.to_string());
                }
            }
            push.word(&self.source.to_string());
            push.word(&["docker://", &target.to_string()].concat());
            push
        });
        let left_out = left_out(&[
            (true, "the digest: layers are compressed anew"),
            (
                choice.compression.is_some() && named.is_none(),
                "layers without compression",
            ),
            (named.is_some(), TAKES_ANOTHER),
            (choice.referrers, "referrers"),
            (choice.cosign, "cosign's tags"),
        ]);
        Some(made_of(
            "podman",
            [pull].into_iter().chain(pushes).collect(),
            left_out,
        ))
    }
}

/// What those of containers/image do unless they are forced, which old ones cannot be.
const TAKES_ANOTHER: &str = "the compression of layers that the target has in another";

/// What tools call a format of compression; `None` where there is to be none.
fn name(compression: Compression) -> Option<&'static str> {
    let packing = compression.packing;
    (packing != Packing::None).then(|| packing.name())
}

/// What a tool leaves out: the words beside what is so.
fn left_out(unsaid: &[(bool, &str)]) -> Vec<String> {
    let said = unsaid.iter().filter(|(is_so, _)| *is_so);
    said.map(|(_, words)| (*words).to_owned()).collect()
}

fn made_of(tool: &'static str, lines: Vec<Line>, left_out: Vec<String>) -> Commands {
    Commands {
        tool,
        lines: lines.into_iter().map(Line::finish).collect(),
        left_out,
        file: None,
    }
}
