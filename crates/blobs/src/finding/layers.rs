//! Layers over each other: where engines apply them otherwise than the specification does.
//!
//! The tree says what is so by the specification. Engines differ by the order of a layer's
//! entries, so these are gone through in it, with a [`Seen`] for each path. An entry is looked up
//! in the directory of the one before, where it lies there too; then each directory above it is
//! touched once, so the time grows with the names' bytes.
//!
//! Longer than most files: the order of entries is one matter, and needs all of that state.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{self, Stands};
use super::{Code, Findings};
use crate::listing::{EntryView, Kind, Listing};
use crate::path::{self, Cleaned, escape};
use crate::tree::{self, Marker, Node, Reason, Tree, Version};

/// Goes through the layers, base first.
pub(super) struct Walk<'t> {
    tree: &'t Tree,
    /// By the number of a node: what the layers so far left there; it may be hidden since.
    below: Vec<Option<&'t Version>>,
    /// By the number of a node: what the layer that is looked at has there, so far.
    seen: Vec<Seen>,
    /// The versions of the tree from that layer on.
    versions: std::iter::Peekable<Box<dyn Iterator<Item = &'t Version> + 't>>,
    /// How many versions an entry hides, by its layer and number.
    hides: BTreeMap<(u32, u32), u32>,
    layer: u32,
    /// The directory of the last entry.
    directory: Vec<u8>,
    /// Its node; `None` where it has to be looked up, or touched, again.
    touched: Option<Node>,
    /// The directories in which the layer has markers.
    marked: BTreeSet<Node>,
    /// The last of these that never was.
    missing: Option<Vec<u8>>,
    /// The targets of its whiteouts that no layer has, at most [`UNKNOWN`].
    unknown: BTreeSet<Vec<u8>>,
    /// The names of the sources of hard links that AUFS left in the layer so far.
    link_sources: BTreeSet<Vec<u8>>,
}

/// How many targets of whiteouts that no layer has are held, to tell those that come twice.
const UNKNOWN: usize = 100_000;

/// What one layer has at a path, so far.
#[derive(Clone, Copy, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is known by itself; there is one of these for each path"
)]
struct Seen {
    /// Which layer, from 1: of another layer it is nothing.
    layer: u32,
    /// Whether an entry stands there, or below.
    is_there: bool,
    /// Whether a whiteout or an opaque directory's marker stands below.
    has_marker: bool,
    /// The last entry of the very path, and what it is.
    entry: Option<(u32, Kind)>,
    /// The whiteout of the path.
    whiteout: Option<u32>,
    /// Whether what stands behind that was told, of a file and of a directory.
    is_told: (bool, bool),
    /// How many directories below have no entry of their own.
    implied: u32,
    /// Whether the last entry is a hard link that leads nowhere.
    is_broken: bool,
    /// Whether a hard link leads here.
    is_target: bool,
}

impl<'t> Walk<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let mut hides = BTreeMap::new();
        for hidden in tree.hidden().filter_map(|version| version.hidden) {
            *hides.entry((hidden.layer, hidden.entry)).or_default() += 1;
        }
        let versions: Box<dyn Iterator<Item = &'t Version> + 't> = Box::new(tree.all());
        Self {
            tree,
            below: vec![None; tree.node_count()],
            seen: vec![Seen::default(); tree.node_count()],
            versions: versions.peekable(),
            hides,
            layer: 0,
            directory: Vec::new(),
            touched: None,
            marked: BTreeSet::new(),
            missing: None,
            unknown: BTreeSet::new(),
            link_sources: BTreeSet::new(),
        }
    }

    /// Goes through the next layer.
    pub(super) fn layer(&mut self, layers: &[Listing], findings: &mut Findings) {
        let entries = layers.get(self.layer as usize).map(Listing::entries);
        self.touched = None;
        self.link_sources.clear();
        for (index, view) in (0..).zip(entries.into_iter().flatten()) {
            match entry::check(&view, findings) {
                Stands::At(path) => self.at(index, &view, &path, findings),
                Stands::Marks(Marker::Whiteout(target)) => {
                    self.whiteout(index, &target, findings);
                    self.mark(path::parent(&target), findings);
                }
                Stands::Marks(Marker::Opaque(directory)) => {
                    self.opaque(index, &directory, findings);
                    self.mark(&directory, findings);
                }
                Stands::Marks(Marker::Aufs) if view.kind == Kind::File => self.link_source(&view),
                Stands::Marks(Marker::Invalid | Marker::Aufs) | Stands::Nowhere => {}
            }
        }
        self.end_layer(layers, findings);
    }

    fn seen(&mut self, node: Node) -> Option<&mut Seen> {
        let layer = self.layer + 1;
        let seen = self.seen.get_mut(node.number())?;
        if seen.layer != layer {
            *seen = Seen {
                layer,
                ..Seen::default()
            };
        }
        Some(seen)
    }

    /// What was visible at a path before this layer.
    fn below(&self, node: Node) -> Option<&'t Version> {
        let version = (*self.below.get(node.number())?)?;
        let is_visible = |hidden: tree::Hidden| hidden.layer >= self.layer;
        version.hidden.is_none_or(is_visible).then_some(version)
    }

    fn hides(&self, entry: u32) -> u32 {
        let number = self.hides.get(&(self.layer, entry));
        number.copied().unwrap_or_default()
    }

    fn whiteout(&mut self, index: u32, target: &[u8], findings: &mut Findings) {
        let node = self.tree.find(target);
        if node.and_then(|node| self.below(node)).is_none() {
            // What an opaque directory hid, or what became no directory, dive still knows.
            let before = node.and_then(|node| *self.below.get(node.number())?);
            let is_known = before
                .and_then(|before| before.hidden)
                .is_some_and(|hidden| {
                    matches!(hidden.reason, Reason::Opaque | Reason::ParentReplaced)
                });
            findings.add(Code::WhiteoutDangling, target, || {
                if is_known {
                    "it was hidden before: no lower layer shows it".to_owned()
                } else {
                    "no lower layer has it: dive stops there, and does not count the rest of the \
                     layer"
                        .to_owned()
                }
            });
        }
        let Some(seen) = node.and_then(|node| self.seen(node)) else {
            if self.unknown.contains(target) {
                duplicate_whiteout(target, findings);
            } else if self.unknown.len() < UNKNOWN {
                self.unknown.insert(target.to_vec());
            }
            return;
        };
        if seen.whiteout.replace(index).is_some() {
            duplicate_whiteout(target, findings);
        }
        seen.is_told = (false, false);
        let (is_there, has_marker) = (seen.is_there, seen.has_marker);
        self.touched = None;
        if !is_there && has_marker {
            findings.add(Code::WhiteoutAfterFile, target, || {
                "its whiteout stands behind those of what lies in it: containerd's overlay refuses \
                 this layer, all others hide what is below"
                    .to_owned()
            });
        }
        if is_there {
            findings.add(Code::WhiteoutAfterFile, target, || {
                "its whiteout stands behind it: containerd's overlay refuses this layer; \
                 containerd and moby delete it where they unpack into one directory; crane export \
                 and dive show it"
                    .to_owned()
            });
        }
    }

    /// Says of a directory, and of those above it, that a marker stands in it.
    fn mark(&mut self, directory: &[u8], findings: &mut Findings) {
        let Some(mut node) = self.tree.find(directory) else {
            // Markers of one directory mostly stand side by side.
            if self.missing.as_deref() != Some(directory) {
                without_directory(directory, findings);
                self.missing = Some(directory.to_vec());
            }
            return;
        };
        if !self.marked.insert(node) {
            return;
        }
        while node != Tree::ROOT {
            if let Some(seen) = self.seen(node) {
                seen.has_marker = true;
            }
            node = self.tree.parent(node);
        }
    }

    fn opaque(&mut self, index: u32, directory: &[u8], findings: &mut Findings) {
        let node = self.tree.find(directory);
        if node
            .and_then(|node| self.seen(node))
            .is_some_and(|seen| seen.implied > 0)
        {
            findings.add(Code::OpaqueAfterContent, directory, || {
                "its marker stands behind entries whose directories have none: containerd and \
                 moby delete these where they unpack into one directory; containerd's overlay and \
                 crane export keep them"
                    .to_owned()
            });
        }
        let hidden = self.hides(index);
        if hidden == 0 {
            return;
        }
        if directory.is_empty() {
            findings.add(Code::OpaqueRoot, directory, || {
                format!(
                    "it hides {hidden} of the layers below; containerd's overlay and dive keep \
                     them, moby and crane export do not"
                )
            });
        } else {
            findings.add(Code::Opaque, directory, || {
                format!("it hides {hidden} of the layers below; dive still shows them")
            });
        }
    }

    /// An entry that stands at a path.
    fn at(&mut self, index: u32, view: &EntryView<'_>, path: &[u8], findings: &mut Findings) {
        let parent = path::parent(path);
        let touched = self.touched.filter(|_| self.directory == parent);
        let directory = touched.or_else(|| self.tree.find(parent));
        let node = match directory {
            Some(_) if path.is_empty() => Some(Tree::ROOT),
            Some(directory) => self.tree.within(directory, path::base(path)),
            None => None,
        };
        let Some(node) = node else { return };
        let is_broken =
            view.kind == Kind::HardLink && !self.hard_link(index, view, node, path, findings);
        let Some(seen) = self.seen(node) else { return };
        let before = seen.entry.replace((index, view.kind));
        let (was_there, is_target) = (seen.is_there, seen.is_target);
        (seen.is_broken, seen.is_target) = (is_broken, false);
        if let Some((_, before)) = before {
            duplicate(view, before, is_target, path, findings);
        }
        // A directory that so far had no entry of its own has one now.
        let is_new = was_there && before.is_none();
        let is_directory = view.kind == Kind::Directory;
        self.touch(node, path, is_directory, findings);
        // Of an entry beside the one before, the directories above know already.
        if touched.is_none() || is_new {
            self.touch_above(node, parent, is_new, findings);
        }
        if touched.is_none() {
            self.directory = parent.to_vec();
            self.touched = directory;
        }
    }

    /// Says of a path that something is there; whether that is new.
    fn touch(
        &mut self,
        node: Node,
        path: &[u8],
        is_directory: bool,
        findings: &mut Findings,
    ) -> bool {
        let Some(seen) = self.seen(node) else {
            return false;
        };
        let is_new = !std::mem::replace(&mut seen.is_there, true);
        if seen.whiteout.is_some() {
            self.behind_whiteout(node, path, is_directory, findings);
        }
        is_new
    }

    /// Says of each directory above a path that something is in it, and how many below have no
    /// entry of their own: one less where the path was one of these.
    fn touch_above(&mut self, node: Node, parent: &[u8], is_new: bool, findings: &mut Findings) {
        let mut implied = 0;
        let (mut at, mut path) = (node, parent);
        while at != Tree::ROOT {
            at = self.tree.parent(at);
            if let Some(seen) = self.seen(at) {
                let less = u32::from(is_new);
                seen.implied = (seen.implied + implied).saturating_sub(less);
            }
            implied += u32::from(self.touch(at, path, true, findings));
            path = path::parent(path);
        }
    }

    /// Something stands where this layer has deleted what was there.
    fn behind_whiteout(
        &mut self,
        node: Node,
        path: &[u8],
        is_directory: bool,
        findings: &mut Findings,
    ) {
        let Some(seen) = self.seen(node) else { return };
        let Some(whiteout) = seen.whiteout else {
            return;
        };
        let (of_path, of_directory) = seen.is_told;
        let seen_entry = seen.entry;
        seen.is_told = (true, of_directory || is_directory);
        if !of_path {
            findings.add(Code::WhiteoutBeforeFile, path, || {
                let path = escape(path);
                format!(
                    "its whiteout stands before it, and hides lower layers only: crane export shows \
                     no {path}"
                )
            });
        }
        // Where it has no entry, the whiteout itself stands in the way of what is in it.
        let is_implied = seen_entry.is_none_or(|(entry, _)| entry < whiteout);
        if is_directory && !of_directory && is_implied {
            findings.add(Code::ImpliedAfterWhiteout, path, || {
                "it is deleted and has no entry, but things in it: containerd's overlay refuses \
                 this layer, crane export shows nothing of it, all others this layer's"
                    .to_owned()
            });
            return;
        }
        // Itself is hidden too.
        let hidden = self.hides(whiteout).saturating_sub(1);
        if is_directory && !of_directory && hidden > 0 {
            findings.add(Code::DirectoryAfterWhiteout, path, || {
                format!(
                    "it is deleted and made anew: on containerd's overlay {hidden} of the layers \
                     below stay in it, crane export shows nothing of it, all others this layer's"
                )
            });
        }
    }

    /// Notes a source of hard links of AUFS, which no link leads to by its path.
    fn link_source(&mut self, view: &EntryView<'_>) {
        if let Cleaned::Path(path) = path::clean(view.name)
            && let Some(name) = tree::link_source(&path)
        {
            self.link_sources.insert(name.to_vec());
        }
    }

    /// Checks where a hard link leads; whether it leads to something.
    fn hard_link(
        &mut self,
        index: u32,
        view: &EntryView<'_>,
        node: Node,
        path: &[u8],
        findings: &mut Findings,
    ) -> bool {
        let target = match path::clean(view.link) {
            Cleaned::Path(target) => {
                let source = tree::link_source(&target);
                if source.is_some_and(|name| self.link_sources.contains(name)) {
                    return true;
                }
                self.tree.find(&target)
            }
            Cleaned::Outside => None,
        };
        let layer = self.layer;
        let below = target.and_then(|target| self.below(target));
        let seen = target.and_then(|target| self.seen(target));
        let why = match (target, seen) {
            (Some(target), _) if target == node => "leads to itself",
            (_, Some(seen)) if seen.is_there => match seen.entry {
                Some((_, Kind::Directory)) | None => "is a directory",
                Some(_) if seen.is_broken => "is a hard link without its target",
                Some(_) => {
                    seen.is_target = true;
                    return true;
                }
            },
            _ => match below {
                None => "is not there before it",
                Some(version) if version.is_directory => "is a directory",
                Some(version)
                    if version.hidden.is_some_and(|hidden| {
                        hidden.layer == layer
                            && hidden.entry < index
                            && matches!(hidden.reason, Reason::Whiteout | Reason::Opaque)
                    }) =>
                {
                    findings.add(Code::HardLinkBroken, path, || {
                        let link = escape(view.link);
                        format!(
                            "its target {link} is deleted by its own layer before it: containerd \
                             and moby fail where they unpack into one directory; on containerd's \
                             overlay it fails, or is a whiteout too; crane export shows the link"
                        )
                    });
                    return false;
                }
                Some(_) => {
                    findings.add(Code::HardLinkLower, path, || {
                        let link = escape(view.link);
                        format!(
                            "its target {link} is in a lower layer only: containerd's overlay \
                             refuses this layer; where containerd and moby unpack into one \
                             directory it works; crane export leaves the link without its target"
                        )
                    });
                    return true;
                }
            },
        };
        findings.add(Code::HardLinkBroken, path, || {
            let link = escape(view.link);
            format!(
                "its target {link} {why}: containerd and moby refuse this layer, crane export and \
                 dive show the link"
            )
        });
        false
    }

    /// What the tree says of this layer, once all of its entries are known.
    fn end_layer(&mut self, layers: &[Listing], findings: &mut Findings) {
        let layer = self.layer;
        while let Some(version) = self.versions.next_if(|version| version.layer == layer) {
            if let Some(before) = self.tree.before(version) {
                self.replaced(version, before, layers, findings);
            }
            if let Some(below) = self.below.get_mut(version.node.number()) {
                *below = Some(version);
            }
        }
        self.unknown.clear();
        self.missing = None;
        for node in std::mem::take(&mut self.marked) {
            let there = self.below.get(node.number()).copied().flatten();
            let is_directory = there.is_some_and(|version| {
                version.is_directory && version.hidden.is_none_or(|hidden| hidden.layer > layer)
            });
            if node != Tree::ROOT && !is_directory {
                without_directory(&self.tree.path(node), findings);
            }
        }
        self.layer += 1;
    }

    /// A version in place of another one.
    fn replaced(
        &self,
        version: &Version,
        before: &Version,
        layers: &[Listing],
        findings: &mut Findings,
    ) {
        let Some(hidden) = before.hidden.filter(|hidden| hidden.layer == version.layer) else {
            return;
        };
        match (version.entry, hidden.reason) {
            (Some(entry), Reason::Replaced)
                if before.is_directory && !version.is_directory && self.hides(entry) > 1 =>
            {
                let path = self.tree.path(version.node);
                findings.add(Code::DirectoryReplaced, &path, || {
                    let inside = self.hides(entry) - 1;
                    format!("with it {inside} paths in it are gone; dive still shows them")
                });
            }
            (None, Reason::ParentReplaced) if !before.is_directory => {
                let kind = before.place().and_then(|place| tree::entry(layers, place));
                let is_link = kind.is_some_and(|entry| entry.kind == Kind::SymbolicLink);
                let path = self.tree.path(version.node);
                let by = tree::Place {
                    layer: hidden.layer,
                    entry: hidden.entry,
                };
                let name = || {
                    let by = tree::entry(layers, by);
                    by.map(|entry| escape(entry.name)).unwrap_or_default()
                };
                let is_own = before.layer == version.layer;
                if is_link {
                    findings.add(Code::ThroughLink, &path, || {
                        let name = name();
                        if is_own {
                            format!(
                                "{name} leads through this symbolic link of its own layer: \
                                 containerd and moby write to where it points; here it becomes a \
                                 directory; crane export writes both"
                            )
                        } else {
                            format!(
                                "{name} leads through this symbolic link: on containerd's overlay \
                                 it becomes a directory, as here; moby writes to where it points; \
                                 crane export writes both"
                            )
                        }
                    });
                } else {
                    findings.add(Code::ThroughFile, &path, || {
                        let name = name();
                        if is_own {
                            format!(
                                "{name} lies in what its own layer has as no directory: containerd \
                                 and moby fail; here it becomes one; crane export writes both"
                            )
                        } else {
                            format!(
                                "{name} lies in what is no directory: on containerd's overlay it \
                                 becomes one, as here; containerd and moby fail where they unpack \
                                 into one directory; crane export writes both"
                            )
                        }
                    });
                }
            }
            (Some(_) | None, _) => {}
        }
    }
}

/// A whiteout that its layer had already.
fn duplicate_whiteout(target: &[u8], findings: &mut Findings) {
    findings.add(Code::DuplicateWhiteout, target, || {
        "containerd's overlay refuses this layer, all others hide it once".to_owned()
    });
}

/// A marker in a directory that is not there.
fn without_directory(directory: &[u8], findings: &mut Findings) {
    findings.add(Code::MarkerOutside, directory, || {
        "a whiteout stands in it and it is not there: containerd and moby make it, or fail; crane \
         export does not"
            .to_owned()
    });
}

/// A path that its layer had already.
fn duplicate(
    view: &EntryView<'_>,
    before: Kind,
    is_target: bool,
    path: &[u8],
    findings: &mut Findings,
) {
    if before == Kind::Directory && view.kind == Kind::Directory {
        findings.add(Code::DuplicateDirectory, path, || {
            "the attributes of the last count; crane export takes the first".to_owned()
        });
        return;
    }
    findings.add(Code::Duplicate, path, || {
        "the last counts; crane export shows the first, dive counts the size of each".to_owned()
    });
    if is_target {
        findings.add(Code::HardLinkKeeps, path, || {
            "a hard link to it keeps the content that it had; crane export shows that for both"
                .to_owned()
        });
    }
}
