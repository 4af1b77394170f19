//! Composes a list without a page: its bytes on standard output, what there is to say of it on standard error.
//! `--help` says how.

#![allow(clippy::expect_used, reason = "it says why it holds")]

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use serde::Serialize;
use waybill_core::compose::commands::{Commands, commands};
use waybill_core::compose::eligibility::{Ineligible, refusal};
use waybill_core::compose::layout::{Missing, REF_NAME};
use waybill_core::compose::{Draft, Entry, ListKind, Tool, Written};
use waybill_core::config::ImageConfig;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::finding::{Code, Finding, Severity};
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::platform::Platform;
use waybill_core::reference::{Reference, Tag};
use waybill_core::verify::{Comparison, DigestSource};

const HELP: &str = "\
Composes a list of manifests: exactly its bytes on standard output, one JSON object on standard error.

usage: cargo run -p waybill-core --example compose -- [FLAG...] LAYOUT_OR_MANIFEST...

  LAYOUT_OR_MANIFEST  [os/arch[/variant]=]FILE of a manifest, with its config beside it as FILE.config where there is
                      one: the platform is the config's unless it is stated. A list gives its entries. Or the folder of
                      an OCI layout: the entries of its index.json, and of the indexes that these name; the
                      annotation org.opencontainers.image.ref.name, which names them in the layout, is left out
  --as FORM           whose bytes: waybill (the default), skopeo, crane, docker, buildx, regctl, oras
  --kind oci|docker   an OCI index (the default) or a Docker list; oras, docker and buildx choose themselves
  --target REFERENCE  where the list is to be pushed, for the commands of other tools; on this machine by plain http
  --layout FILE       also write the list as an OCI layout, a tar file, with the manifests and configs that were given
  --help              print this

members of the object:
  mediaType  of the list that was written
  digest     sha256 of the bytes
  size       how many bytes there are
  findings   each with code, severity (error, warning, note), pointer into the bytes, and message
  commands   with --target: for each tool its lines, or why it is refused, what these leave out, and the file that they
             name
  missing    with --layout: the digests of the manifests, configs and layers that the layout names and does not hold

exit status: 0 nothing above a note was found
             1 findings above a note; the list was written, without the sources that are not what they claim to be
             2 nothing was written: a file is not readable, or wrong usage
";

/// How deep the indexes of a layout may nest.
const DEPTH: usize = 8;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    media_type: String,
    digest: String,
    size: usize,
    findings: Vec<Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commands: Vec<Command>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Absent>,
}

#[derive(Serialize)]
struct Absent {
    manifests: Vec<String>,
    configs: Vec<String>,
    layers: Vec<String>,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    severity: &'static str,
    pointer: String,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Command {
    tool: &'static str,
    lines: Vec<String>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    left_out: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<(&'static str, String)>,
}

fn main() -> ExitCode {
    let mut task = Task::default();
    match task.read(std::env::args_os().skip(1)) {
        Ok(true) => {}
        Ok(false) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("compose: {wrong}");
            return ExitCode::from(2);
        }
    }
    let written = task.draft.write();
    let findings: Vec<Finding> = task
        .findings
        .into_iter()
        .chain(written.findings.iter().cloned())
        .collect();
    let worst = findings.iter().map(Finding::severity).max();
    let target = task.target.as_ref();
    let commands = target.map(|target| commands(&task.draft, target, &[]));
    let commands = commands.unwrap_or_default();
    let missing = match task
        .layout
        .as_ref()
        .map(|path| write_layout(path, &written, target, &task.here))
        .transpose()
    {
        Ok(missing) => missing,
        Err(wrong) => {
            eprintln!("compose: {wrong}");
            return ExitCode::from(2);
        }
    };
    let report = Report {
        media_type: written.kind.media_type().to_string(),
        digest: written.digest.to_string(),
        size: written.bytes.len(),
        findings: findings.into_iter().map(found).collect(),
        commands: commands.into_iter().map(command).collect(),
        missing,
    };
    if let Err(error) = io::stdout().write_all(&written.bytes) {
        eprintln!("compose: standard output: {error}");
        return ExitCode::from(2);
    }
    eprintln!(
        "{}",
        serde_json::to_string(&report).expect("names are texts")
    );
    ExitCode::from(u8::from(worst > Some(Severity::Note)))
}

struct Task {
    draft: Draft,
    target: Option<Reference>,
    layout: Option<PathBuf>,
    /// Of sources that were left out.
    findings: Vec<Finding>,
    /// Every manifest and config that was read.
    here: Vec<Rc<[u8]>>,
}

impl Default for Task {
    fn default() -> Self {
        let draft = Draft::new(ListKind::OciIndex);
        Self {
            draft,
            target: None,
            layout: None,
            findings: Vec::new(),
            here: Vec::new(),
        }
    }
}

impl Task {
    /// Takes the arguments; false where only help was asked for.
    fn read(&mut self, mut arguments: impl Iterator<Item = OsString>) -> Result<bool, String> {
        let mut sources = Vec::new();
        let mut only_sources = false;
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            if only_sources || !text.starts_with('-') {
                sources.push(argument);
                continue;
            }
            let (flag, value) = text
                .split_once('=')
                .map_or((&*text, None), |(flag, value)| (flag, Some(value)));
            let next = || {
                arguments
                    .next()
                    .map(|value| value.to_string_lossy().into_owned())
            };
            let value = || {
                value
                    .map(str::to_owned)
                    .or_else(next)
                    .ok_or_else(|| format!("{flag} needs a value"))
            };
            match flag {
                "--as" => {
                    let name = value()?;
                    self.draft.tool =
                        Tool::of_name(&name).ok_or_else(|| format!("no form is called {name}"))?;
                }
                "--kind" => {
                    let name = value()?;
                    self.draft.kind = ListKind::of_name(&name)
                        .ok_or_else(|| format!("no kind is called {name}"))?;
                }
                "--target" => {
                    let text = value()?;
                    self.target = Some(
                        text.parse()
                            .map_err(|error| format!("--target {text}: {error}"))?,
                    );
                }
                "--layout" => self.layout = Some(PathBuf::from(value()?)),
                "--" => only_sources = true,
                "--help" | "-h" => return Ok(false),
                _ => {
                    return Err(format!(
                        "no flag is called {flag}; --help says what there is"
                    ));
                }
            }
        }
        if sources.is_empty() {
            return Err("no manifest was given; --help says how".to_owned());
        }
        for source in sources {
            self.add(&source)?;
        }
        Ok(true)
    }

    fn add(&mut self, source: &OsString) -> Result<(), String> {
        let text = source.to_string_lossy();
        let stated = text
            .split_once('=')
            .filter(|(platform, _)| platform.contains('/'));
        let stated =
            stated.and_then(|(platform, file)| Some((platform.parse::<Platform>().ok()?, file)));
        let (platform, path) = match stated {
            Some((platform, file)) => (Some(platform), PathBuf::from(file)),
            None => (None, PathBuf::from(source)),
        };
        if path.is_dir() {
            if platform.is_some() {
                return Err(format!(
                    "{text}: a layout has a platform for each entry, none of its own"
                ));
            }
            let index = path.join("index.json");
            let bytes =
                std::fs::read(&index).map_err(|error| format!("{}: {error}", index.display()))?;
            let name = path.display().to_string();
            let Some(manifest) = self.verified(&name, bytes, &[]) else {
                return Ok(());
            };
            self.add_layout_list(&path, &name, &manifest, DEPTH);
            return Ok(());
        }
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|error| format!("{name}: {error}"))?;
        let Some(manifest) = self.verified(&name, bytes, &[]) else {
            return Ok(());
        };
        if let Some(list) = manifest.list() {
            if platform.is_some() {
                return Err(format!(
                    "{text}: a list has a platform for each entry, none of its own"
                ));
            }
            for listed in &list.entries {
                self.add_listed(&name, listed);
            }
            if list.entries.is_empty() {
                self.refuse(&name, &Ineligible::Empty);
            }
            return Ok(());
        }
        let mut config = path.into_os_string();
        config.push(".config");
        let config = PathBuf::from(config);
        let config = if config.exists() {
            Some(self.read_config(&config, &manifest)?)
        } else {
            None
        };
        let mut entry = Entry::from_manifest(&manifest, config.as_ref());
        if platform.is_some() {
            entry.descriptor.platform = platform;
        }
        self.draft.entries.push(entry);
        Ok(())
    }

    /// The entries of a list in a layout, each verified against its blob.
    fn add_layout_list(&mut self, layout: &Path, name: &str, manifest: &Manifest, depth: usize) {
        for listed in manifest.list().into_iter().flat_map(|list| &list.entries) {
            let name = format!("{name} {}", listed.digest_text);
            let Some(digest) = &listed.digest else {
                self.refuse(&name, &Ineligible::Incomplete { member: "digest" });
                continue;
            };
            let bytes = match std::fs::read(blob(layout, digest)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.refuse(&name, &error);
                    continue;
                }
            };
            let said = Comparison::new(
                Some(&bytes),
                DigestSource::Parent,
                &listed.digest_text,
                listed.size,
            );
            let Some(child) = self.verified(&name, bytes, &[said]) else {
                continue;
            };
            if child.list().is_some() && depth > 0 {
                self.add_layout_list(layout, &name, &child, depth - 1);
                continue;
            }
            let mut listed = listed.clone();
            listed.annotations.remove(REF_NAME);
            if listed.platform.is_none()
                && listed.attests().is_none()
                && listed.annotations.is_empty()
            {
                let digest = child
                    .image()
                    .and_then(|image| image.config.as_ref()?.digest.as_ref());
                let config = digest.map(|digest| blob(layout, digest));
                let config = config
                    .filter(|path| path.exists())
                    .map(|path| self.read_config(&path, &child));
                match config.transpose() {
                    Ok(config) => self
                        .draft
                        .entries
                        .push(Entry::from_manifest(&child, config.as_ref())),
                    Err(error) => self.refuse(&name, &error),
                }
            } else {
                self.add_listed(&name, &listed);
            }
        }
    }

    fn add_listed(&mut self, name: &str, listed: &Descriptor) {
        match Entry::from_listed(listed) {
            Ok(entry) => self.draft.entries.push(entry),
            Err(why) => self.refuse(name, &why),
        }
    }

    /// The manifest of the bytes, unless something speaks against composing it.
    fn verified(&mut self, name: &str, bytes: Vec<u8>, said: &[Comparison]) -> Option<Manifest> {
        let (manifest, findings) = match Manifest::read(bytes, &DeclaredTypes::none()) {
            Ok((manifest, findings)) => (Ok(manifest), findings),
            Err(error) => (Err(error), Vec::new()),
        };
        if let Some(why) = refusal(&manifest, &findings, said) {
            self.refuse(name, &why);
            return None;
        }
        self.here.extend(
            manifest
                .as_ref()
                .ok()
                .map(|manifest| Rc::clone(&manifest.bytes)),
        );
        manifest.ok()
    }

    /// The config in that file, which has to be the one that the manifest names.
    fn read_config(&mut self, path: &Path, manifest: &Manifest) -> Result<ImageConfig, String> {
        let wrong = |error: &dyn Display| format!("{}: {error}", path.display());
        let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
        let named = manifest.image().and_then(|image| image.config.as_ref());
        let digest = named
            .and_then(|config| config.digest.as_ref())
            .ok_or_else(|| wrong(&"its manifest names no config"))?;
        if digest.check(&bytes) != Some(true) {
            return Err(wrong(&format!(
                "its manifest names the config {digest}, and this is another"
            )));
        }
        let config = ImageConfig::read(&bytes)
            .map(|(config, _)| config)
            .map_err(|error| wrong(&error));
        self.here.push(bytes.into());
        config
    }

    fn refuse(&mut self, name: &str, why: &dyn Display) {
        self.findings.push(Finding::new(
            Code::SourceRefused,
            "",
            format!("{name}: {why}"),
        ));
    }
}

fn blob(layout: &Path, digest: &Digest) -> PathBuf {
    layout
        .join("blobs")
        .join(digest.algorithm_name())
        .join(digest.encoded())
}

/// Writes the layout, and gives what is not in it.
fn write_layout(
    path: &Path,
    written: &Written,
    target: Option<&Reference>,
    here: &[Rc<[u8]>],
) -> Result<Absent, String> {
    let tag = target.map(|target| target.tag().cloned().unwrap_or_else(Tag::latest));
    let find = |digest: &Digest| {
        here.iter()
            .find(|bytes| digest.check(bytes) == Some(true))
            .cloned()
    };
    let layout = written.layout(tag.as_ref(), &find);
    std::fs::write(path, &layout.bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let texts = |digests: Vec<Digest>| digests.iter().map(Digest::to_string).collect();
    let Missing {
        manifests,
        configs,
        layers,
        ..
    } = layout.missing;
    Ok(Absent {
        manifests: texts(manifests),
        configs: texts(configs),
        layers: texts(layers),
    })
}

fn command(commands: Commands) -> Command {
    let Commands {
        tool,
        lines,
        left_out,
        file,
    } = commands;
    let refused = lines.as_ref().err().map(ToString::to_string);
    Command {
        tool,
        lines: lines.unwrap_or_default(),
        refused,
        left_out,
        file,
    }
}

fn found(finding: Finding) -> Found {
    let severity = finding.severity().name();
    let Finding {
        code,
        pointer,
        message,
        ..
    } = finding;
    Found {
        code: code.rule().name,
        severity,
        pointer: pointer.to_string(),
        message,
    }
}
