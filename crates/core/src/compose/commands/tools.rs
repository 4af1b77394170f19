//! The commands of each tool: one method of [`Task`] for each.
//!
//! A tool reads the manifests from their registries itself, so its commands name sources and
//! what is to be said beside them; they hold no bytes and no sizes. Here is only which flags a
//! tool has and how it spells them. What it makes of a manifest's own words is known by the
//! writer of its form (`convert`).
//!
//! What the commands cannot say is told in two ways, both gathered by `Task::left_out`:
//!
//! - what the tool's form has no place for, such as a subject with buildx: `convert` finds it;
//! - what the form has a place for and no flag sets, such as annotations with crane: each
//!   method lists these itself, as `unsaid`.
//!
//! podman and manifest-tool have no form of their own here: they are asked about as skopeo's.
//!
//! How each says that registries speak plain http. oras, podman and regctl are told of each
//! registry by itself, the others where any of them does:
//!
//! | tool | flag |
//! | --- | --- |
//! | buildx | none: the command is the same |
//! | docker | `--insecure` of `create` and `push` |
//! | crane | `--insecure` |
//! | regctl | `--host reg=HOST,tls=disabled`, for each such host that the line names |
//! | oras | `--plain-http`; `--from-plain-http --to-plain-http` of `cp` |
//! | podman | `--tls-verify=false` of `add` and `push` |
//! | manifest-tool | `--plain-http`, in front of `push` |
//!
//! Longer than most files: one method a tool, side by side, so that their differences are seen.

use std::borrow::Cow;

use super::super::convert::{LostItem, convert};
use super::super::{Draft, Entry, ListKind, Tool};
use crate::command_line::Line;
use crate::lenient::first_equals;
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::reference::{Reference, RegistryHost};

use super::arguments::{
    annotate, buildx_platforms, is_beside, is_edited, push_platform, regctl_platform,
    told_by_parts, unsaid_members,
};
use super::manifest_tool;
use super::{Commands, SPEC, TOOLS};

/// What the commands are to make, for every tool alike.
pub(super) struct Task<'a> {
    /// The list as it was composed, its entries in the order that the person gave them. Its
    /// `tool` means nothing here: each method asks for its own.
    pub(super) draft: &'a Draft,
    /// Where it goes, without a digest: what is pushed gets one by its bytes.
    pub(super) target: Reference,
    /// Where each entry is read from, in the order of the entries: by its digest, since the
    /// tag may name something else by now. Only an entry without a valid digest is named by
    /// its reference as it is.
    pub(super) sources: Vec<Reference>,
    /// The hosts that speak plain http beside loopback ones, which each tool says in a way of
    /// its own; buildx is told by its configuration, not here.
    pub(super) plain_http: &'a [RegistryHost],
}

impl Task<'_> {
    /// The entries with their sources, in the list's order.
    fn entries(&self) -> impl Iterator<Item = (&Entry, &Reference)> {
        self.draft.entries.iter().zip(&self.sources)
    }

    /// Whether the registry of a reference speaks plain http.
    fn is_http(&self, reference: &Reference) -> bool {
        let host = reference.host();
        host.is_loopback() || self.plain_http.contains(host)
    }

    /// ` --insecure`, where any of the registries speaks plain http: to stand behind a word of
    /// the command, without a gap where there is nothing.
    fn insecure(&self, flag: &'static str) -> String {
        let mut all = self.sources.iter().chain([&self.target]);
        with(all.any(|one| self.is_http(one)), flag)
    }

    /// A line of regctl up to the target, with a flag for each host of `sources` and the target
    /// that speaks plain http.
    fn regctl_line(&self, words: &str, sources: &[Reference]) -> Line {
        let mut line = Line::new("regctl");
        let hosts: Vec<_> = [&self.target].into_iter().chain(sources).collect();
        let names = hosts.iter().map(|one| Cow::Borrowed(one.host().as_str()));
        for (place, first) in first_equals(names.collect()).into_iter().enumerate() {
            if place == first && self.is_http(hosts[place]) {
                let host = hosts[place].host();
                line.flag("--host", &format!("reg={host},tls=disabled"));
            }
        }
        line.words(words);
        line.word(&self.target.to_string());
        line
    }

    /// What the form leaves out, and of `unsaid` what the draft has: that no flag of the tool
    /// sets.
    ///
    /// It asks the writer of the tool's own form (`convert`), so what is said here and what
    /// the form leaves out cannot differ. Each name stands there once, in the order in which
    /// it was found: the kind of list, the losses of the form, then those of `unsaid`.
    ///
    /// `convert` gets a copy of the draft in which every entry is called by its source. docker
    /// sorts by the names that it is given, and the commands give it these, not the tags that
    /// the person typed: so `the order` is told for what the commands do.
    ///
    /// The names that `unsaid` may hold, and when the draft has them:
    ///
    /// - `annotations`, `annotations of entries`, `artifactType`, `subject`: where there are
    ///   some, also in a Docker list: some tools write them there.
    /// - `platforms that differ from the config`: where `is_edited` says so of an entry.
    /// - `artifactType of entries`: where an entry says another than its manifest, or, taken
    ///   from a list, says any.
    /// - `data and urls`: where a descriptor has one of both.
    /// - `nested lists`: where an entry is a list.
    /// - any other, such as `os.features`: always, since the method has looked already.
    fn left_out(&self, tool: Tool, unsaid: &[&str]) -> Vec<String> {
        let mut left_out: Vec<String> = Vec::new();
        let mut push = |name: &str| {
            if !left_out.iter().any(|known| known == name) {
                left_out.push(name.to_owned());
            }
        };
        let mut draft = Draft {
            tool,
            ..self.draft.clone()
        };
        for (entry, source) in draft.entries.iter_mut().zip(&self.sources) {
            entry.reference = Some(source.clone());
        }
        let adapted = convert(&draft);
        if adapted.kind != self.draft.kind {
            push("the kind of list");
        }
        for loss in &adapted.losses {
            match &loss.lost {
                LostItem::Member(name) => push(name),
                LostItem::Unknown(name) => push(name),
                LostItem::Order => push("the order"),
                LostItem::Repeated => push("repeated entries"),
                LostItem::OciChild | LostItem::NestedList => {}
            }
        }
        let descriptors = || self.draft.entries.iter().map(|entry| &entry.descriptor);
        let is_there = |name: &str| match name {
            "annotations" => !self.draft.annotations.is_empty(),
            "annotations of entries" => descriptors().any(|entry| !entry.annotations.is_empty()),
            "artifactType" => self.draft.artifact_type.is_some(),
            "subject" => self.draft.subject.is_some(),
            "platforms that differ from the config" => self.draft.entries.iter().any(is_edited),
            "artifactType of entries" => self.draft.entries.iter().any(|entry| {
                let own = entry.origin.as_ref().map(|origin| &origin.artifact_type);
                own.map_or(entry.descriptor.artifact_type.is_some(), |own| {
                    *own != entry.descriptor.artifact_type
                })
            }),
            "data and urls" => {
                descriptors().any(|entry| entry.data.is_some() || !entry.urls.is_empty())
            }
            "nested lists" => {
                descriptors().any(|entry| entry.media_type.as_ref().is_some_and(MediaType::is_list))
            }
            _ => true,
        };
        unsaid
            .iter()
            .filter(|name| is_there(name))
            .for_each(|name| push(name));
        left_out
    }

    /// `docker buildx imagetools create`: one line.
    ///
    /// `index:` stands in front of an annotation of the list,
    /// `manifest-descriptor[linux/arm/v7]:` in front of one of an entry. buildx goes by the
    /// platform alone, so entries whose annotations it cannot tell apart get none, and these
    /// are left out (`buildx_platforms`). A Docker list gets none of either. No flag asks for a
    /// kind: the form goes by the sources' media types, and where that gives another kind,
    /// `the kind of list` is left out.
    pub(super) fn buildx(&self) -> Commands {
        let mut line = Line::new("docker buildx imagetools create -t");
        line.word(&self.target.to_string());
        let mut unsaid = vec![
            "platforms that differ from the config",
            "artifactType of entries",
            "data and urls",
            "nested lists",
        ];
        if self.draft.kind == ListKind::OciIndex {
            annotate(&mut line, "--annotation", "index:", &self.draft.annotations);
            let platforms = buildx_platforms(&self.draft.entries);
            let mut is_all_said = true;
            for (entry, platform) in self.draft.entries.iter().zip(platforms) {
                let annotations = &entry.descriptor.annotations;
                if let Some(platform) = platform {
                    let of = ["manifest-descriptor[", &platform, "]:"].concat();
                    annotate(&mut line, "--annotation", &of, annotations);
                } else {
                    is_all_said &= annotations.is_empty();
                }
            }
            if !is_all_said {
                unsaid.push("annotations of entries");
            }
        } else {
            unsaid.extend(["annotations", "annotations of entries"]);
        }
        self.push_sources(&mut line, None);
        self.commands(TOOLS[0], vec![line], Tool::Buildx, &unsaid)
    }

    /// `docker manifest create`, `annotate` for each platform that is another than its
    /// config's, and `push`: the list is kept on the machine in between.
    ///
    /// Only a platform can be annotated. `annotate` names the entry by the same reference as
    /// `create`, digest and all. Annotations, artifact type and subject of the list are not
    /// among `unsaid`: docker's form has no place for them, so they are told anyway.
    pub(super) fn docker(&self) -> Commands {
        let (target, insecure) = (&self.target.to_string(), self.insecure(" --insecure"));
        let mut create = Line::new(&format!("docker manifest create{insecure}"));
        create.word(target);
        self.push_sources(&mut create, None);
        let mut lines = vec![create];
        for (entry, source) in self.entries().filter(|(entry, _)| is_edited(entry)) {
            let mut line = Line::new("docker manifest annotate");
            push_platform(&mut line, &entry.descriptor, true);
            line.word(target);
            line.word(&source.to_string());
            lines.push(line);
        }
        let mut push = Line::new(&format!("docker manifest push{insecure}"));
        push.word(target);
        lines.push(push);
        let mut unsaid = vec!["annotations of entries", "data and urls", "nested lists"];
        unsaid.extend(unsaid_members(&self.draft.entries, &|told, config| {
            let mut made = told_by_parts(told, config);
            made.os_features.extend_from_slice(&told.os_features);
            made
        }));
        self.commands(TOOLS[1], lines, Tool::Docker, &unsaid)
    }

    /// `crane index append`: entries are read from their sources, so platforms and annotations
    /// are the sources'.
    ///
    /// `--docker-empty-base` chooses a Docker list, without it there is an index.
    /// `--flatten=false` keeps a nested list one entry, so nested lists are not among
    /// `unsaid`; nor is the subject, which crane's form lacks.
    pub(super) fn crane(&self) -> Commands {
        let base = if self.draft.kind == ListKind::DockerList {
            " --docker-empty-base"
        } else {
            ""
        };
        let mut line = Line::new(&format!(
            "crane index append{}{base} --flatten=false",
            self.insecure(" --insecure")
        ));
        self.push_sources(&mut line, Some("-m"));
        line.flag("-t", &self.target.to_string());
        let unsaid = [
            "annotations",
            "annotations of entries",
            "artifactType",
            "artifactType of entries",
            "platforms that differ from the config",
            "data and urls",
        ];
        self.commands(TOOLS[2], vec![line], Tool::Crane, &unsaid)
    }

    /// `regctl index create` with every source; or, where an entry has a platform or
    /// annotations of its own, an empty one and `index add` for each entry.
    ///
    /// `index create` says what the list says of itself either way: annotations, artifact type
    /// and subject of an index, or the media type of a Docker list. The subject is given as a
    /// digest alone. `index add` says a platform only where it is not the config's, and
    /// `os.features` not at all.
    ///
    /// Plain http is said of each host that the line names and that speaks it.
    pub(super) fn regctl(&self) -> Commands {
        let is_edited_or_annotated =
            |entry: &Entry| is_edited(entry) || !entry.descriptor.annotations.is_empty();
        let one_by_one = self.draft.entries.iter().any(is_edited_or_annotated);
        let at_once = if one_by_one { &[] } else { &*self.sources };
        let mut create = self.regctl_line("index create", at_once);
        let oci = self.draft.kind == ListKind::OciIndex;
        if oci {
            annotate(&mut create, "--annotation", "", &self.draft.annotations);
            if let Some(artifact_type) = &self.draft.artifact_type {
                create.flag("--artifact-type", artifact_type.as_str());
            }
            if let Some(subject) = &self.draft.subject {
                create.flag("--subject", &subject.digest_text);
            }
        } else {
            create.flag("--media-type", MediaType::DOCKER_LIST.as_str());
        }
        let mut lines = Vec::new();
        if one_by_one {
            lines.push(create);
            for (entry, source) in self.entries() {
                let mut line = self.regctl_line("index add", std::slice::from_ref(source));
                line.flag("--ref", &source.to_string());
                if let Some(platform) = entry
                    .descriptor
                    .platform
                    .as_ref()
                    .filter(|_| is_edited(entry))
                {
                    line.flag("--desc-platform", &regctl_platform(platform));
                }
                if oci {
                    annotate(
                        &mut line,
                        "--desc-annotation",
                        "",
                        &entry.descriptor.annotations,
                    );
                }
                lines.push(line);
            }
        } else {
            self.push_sources(&mut create, Some("--ref"));
            lines.push(create);
        }
        let mut unsaid = vec!["artifactType of entries", "data and urls"];
        if !oci {
            unsaid.extend(["annotations", "annotations of entries"]);
        }
        unsaid.extend(unsaid_members(&self.draft.entries, &|told, _| Platform {
            os_features: Vec::new(),
            features: Vec::new(),
            ..told.clone()
        }));
        self.commands(TOOLS[3], lines, Tool::Regctl, &unsaid)
    }

    /// `oras manifest index create`, behind an `oras cp` for each source that is not in the
    /// target's repository: oras takes nothing from elsewhere.
    ///
    /// A copy goes to the repository without a tag, and the index then names each source by
    /// its digest alone, as `oras` reads it in the target's repository. Annotations and
    /// artifact type are said even where a Docker list is wanted: oras writes an index
    /// whatever is asked, and `the kind of list` is left out.
    pub(super) fn oras(&self) -> Commands {
        let is_http = self.is_http(&self.target);
        let to = with(is_http, " --to-plain-http");
        let mut lines = Vec::new();
        for source in self
            .sources
            .iter()
            .filter(|source| !is_beside(source, &self.target))
        {
            // oras takes only what is in the target's repository.
            let from = with(self.is_http(source), " --from-plain-http");
            let mut copy = Line::new(&format!("oras cp{from}{to}"));
            copy.word(&source.to_string());
            copy.word(
                &[
                    self.target.host().as_str(),
                    "/",
                    self.target.repository().as_str(),
                ]
                .concat(),
            );
            lines.push(copy);
        }
        let http = with(is_http, " --plain-http");
        let mut line = Line::new(&format!("oras manifest index create{http}"));
        line.word(&self.target.to_string());
        for source in &self.sources {
            line.word(&source.target().to_string());
        }
        annotate(&mut line, "--annotation", "", &self.draft.annotations);
        if let Some(artifact_type) = &self.draft.artifact_type {
            line.flag("--artifact-type", artifact_type.as_str());
        }
        lines.push(line);
        let unsaid = [
            "annotations of entries",
            "artifactType of entries",
            "subject",
            "platforms that differ from the config",
            "data and urls",
        ];
        self.commands(TOOLS[4], lines, Tool::Oras, &unsaid)
    }

    /// `podman manifest create`, `add` for each entry, and `push --all`: as for docker the
    /// list stays on the machine in between.
    ///
    /// The kind is chosen when the list is pushed: `--format oci` or `v2s2`. A platform is
    /// said where it is not the config's, without `os.features`. The sources and the target
    /// get `docker://` in front where a registry is meant; the list's name on the machine is
    /// the target's as it is.
    pub(super) fn podman(&self) -> Commands {
        let target = &self.target.to_string();
        let http = |one: &Reference| with(self.is_http(one), " --tls-verify=false");
        let mut create = Line::new("podman manifest create");
        create.word(target);
        let mut lines = vec![create];
        for (entry, source) in self.entries() {
            let mut line = Line::new(&format!("podman manifest add{}", http(source)));
            if is_edited(entry) {
                push_platform(&mut line, &entry.descriptor, false);
            }
            if self.draft.kind == ListKind::OciIndex {
                annotate(&mut line, "--annotation", "", &entry.descriptor.annotations);
            }
            line.word(target);
            line.word(&["docker://", &source.to_string()].concat());
            lines.push(line);
        }
        let format = if self.draft.kind == ListKind::OciIndex {
            "oci"
        } else {
            "v2s2"
        };
        let mut push = Line::new(&format!(
            "podman manifest push{} --all --format {format}",
            http(&self.target)
        ));
        push.word(target);
        push.word(&["docker://", target].concat());
        lines.push(push);
        let mut unsaid = vec![
            "annotations",
            "artifactType",
            "artifactType of entries",
            "subject",
            "data and urls",
            "nested lists",
        ];
        unsaid.extend(unsaid_members(&self.draft.entries, &told_by_parts));
        self.commands(TOOLS[5], lines, Tool::Skopeo, &unsaid)
    }

    /// `manifest-tool push from-spec`: the list stands in a YAML file, which is given with the
    /// command.
    ///
    /// The line names the file and the kind; everything else is in the file
    /// (`manifest_tool::yaml`), also the annotations of the list and every platform. So
    /// neither of these two is among `unsaid`, but for what is empty in a platform: that is the
    /// config's.
    pub(super) fn manifest_tool(&self) -> Commands {
        let kind = if self.draft.kind == ListKind::OciIndex {
            "oci"
        } else {
            "docker"
        };
        let http = self.insecure(" --plain-http");
        let line = Line::new(&format!(
            "manifest-tool{http} push --type {kind} from-spec {SPEC}"
        ));
        let mut unsaid = vec![
            "annotations of entries",
            "artifactType",
            "artifactType of entries",
            "subject",
            "data and urls",
            "nested lists",
        ];
        unsaid.extend(unsaid_members(&self.draft.entries, &|told, config| {
            let mut made = told_by_parts(told, config);
            if !told.os_features.is_empty() {
                made.os_features.clone_from(&told.os_features);
            }
            made
        }));
        let commands = self.commands(TOOLS[6], vec![line], Tool::Skopeo, &unsaid);
        Commands {
            file: Some((SPEC, manifest_tool::yaml(self.draft, &self.target))),
            ..commands
        }
    }

    /// Adds every source in the draft's order, each behind `flag` where the tool takes them
    /// so, else as a word of its own.
    fn push_sources(&self, line: &mut Line, flag: Option<&'static str>) {
        for source in &self.sources {
            match flag {
                Some(flag) => line.flag(flag, &source.to_string()),
                None => line.word(&source.to_string()),
            }
        }
    }

    /// Finishes the lines, and asks what they leave out.
    ///
    /// Where one line cannot be said, there are none: without it the others would make another
    /// list. `written_as` is the form whose losses are the tool's, for podman and
    /// manifest-tool that of skopeo.
    fn commands(
        &self,
        tool: &'static str,
        lines: Vec<Line>,
        written_as: Tool,
        unsaid: &[&str],
    ) -> Commands {
        let lines = lines.into_iter().map(Line::finish).collect();
        Commands {
            tool,
            lines,
            left_out: self.left_out(written_as, unsaid),
            file: None,
        }
    }
}

/// A flag with the blank in front of it, or nothing.
fn with(is_wanted: bool, flag: &'static str) -> String {
    if is_wanted { flag } else { "" }.to_owned()
}
