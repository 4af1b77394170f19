//! The same list by other tools: command lines and a file for manifest-tool.
//!
//! [`commands`] gives them for a draft, a [`Commands`] for each tool of [`TOOLS`], for
//! somebody who wants to make the list in a script rather than push it from the page. They
//! make a list with the same entries, not the same bytes: a tool writes its own form, so the
//! digest may be another. What the tool cannot be told is named in [`Commands::left_out`].
//!
//! Which words each tool wants is in `tools`, how they get into a shell whole in
//! `crate::command_line`.

mod arguments;
pub mod manifest_tool;
mod tools;

use tools::Task;

use crate::command_line::{Line, Unsayable, chain};
use crate::reference::{Reference, RegistryHost, Target};

use super::{Draft, Entry};

/// The commands of one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// The tool: `docker buildx`.
    pub tool: &'static str,
    /// The lines, to be run one after the other in a POSIX shell, or why there are none: some
    /// text of the draft cannot be said in a shell at all. A long one is broken by `\`.
    pub lines: Result<Vec<String>, Unsayable>,
    /// Parts of the draft that these commands cannot say: `annotations`. Everything else comes
    /// out the same.
    pub left_out: Vec<String>,
    /// A file that the lines name: its name and text.
    pub file: Option<(&'static str, String)>,
}

impl Commands {
    /// All lines, to be pasted at once: none runs before Enter, and none after one that
    /// failed. In front stands a command that does nothing, with what is left out; a comment
    /// would be a command where zsh is typed into, and a name with a line break would go on
    /// behind it.
    ///
    /// Fails where there are no lines, and where the names of what is left out cannot be said.
    pub fn together(&self) -> Result<String, Unsayable> {
        let mut lines = Vec::new();
        if !self.left_out.is_empty() {
            let mut left_out = Line::new(":");
            left_out.word(&["leaves out ", &self.left_out.join(", ")].concat());
            lines.push(left_out.finish()?);
        }
        lines.extend(self.lines.clone()?);
        Ok(chain(&lines))
    }
}

/// The tools that there are commands for, in the order of [`commands`].
pub const TOOLS: [&str; 7] = [
    "docker buildx",
    "docker manifest",
    "crane",
    "regctl",
    "oras",
    "podman",
    "manifest-tool",
];

/// The name of manifest-tool's file.
const SPEC: &str = "list.yaml";

/// The commands that make the list of a draft and push it to `target`, for each tool that can.
///
/// Every source is named by its digest, in the repository that it was had from, or in the
/// target's where it was given as bytes or is in an archive: there it has to be before the commands run. A digest
/// in `target` is left out. The draft's `tool` does not matter. `plain_http` are the hosts that
/// speak plain http beside loopback ones, which are taken to. It is said to each tool in its own
/// way, but to buildx not at all: it has to be told by its configuration.
///
/// ```
/// use waybill_core::compose::{Draft, ListKind, commands::commands};
///
/// let commands = commands(&Draft::new(ListKind::OciIndex), &"ghcr.io/o/app:1".parse()?, &[]);
/// assert_eq!(commands[0].lines.clone()?, ["docker buildx imagetools create -t ghcr.io/o/app:1"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn commands(draft: &Draft, target: &Reference, plain_http: &[RegistryHost]) -> Vec<Commands> {
    let task = Task {
        draft,
        target: target.without_digest(),
        sources: draft
            .entries
            .iter()
            .map(|entry| source(entry, target))
            .collect(),
        plain_http,
    };
    vec![
        task.buildx(),
        task.docker(),
        task.crane(),
        task.regctl(),
        task.oras(),
        task.podman(),
        task.manifest_tool(),
    ]
}

/// The manifest as a reference by digest, in the repository that its entry names or else, also of
/// what is in an archive, the target's. Without a valid digest that reference stays as it is.
fn source(entry: &Entry, target: &Reference) -> Reference {
    let named = entry.reference.as_ref();
    let repository = named
        .filter(|reference| reference.archive().is_none())
        .unwrap_or(target);
    match &entry.descriptor.digest {
        Some(digest) => repository.at(Target::Digest(digest.clone())),
        None => repository.clone(),
    }
}
