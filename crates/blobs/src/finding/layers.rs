//! Layers over each other: where engines apply them otherwise than the specification does.
//!
//! The tree says what is so by the specification. Engines differ by the order of a layer's
//! entries, so these are gone through in it, with a [`Seen`] for each path. An entry is looked up
//! in the directory of the one before, where it lies there too; then each directory above it is
//! touched once, so the time grows with the names' bytes.

use std::collections::BTreeMap;

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
}

/// What one layer has at a path, so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Which layer, from 1: of another layer it is nothing.
    layer: u32,
    /// Whether an entry stands there, or below.
    is_there: bool,
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
        }
    }

    /// Goes through the next layer.
    pub(super) fn layer(&mut self, layers: &[Listing], findings: &mut Findings) {
        let entries = layers.get(self.layer as usize).map(Listing::entries);
        let mut last = (Vec::new(), Tree::ROOT);
        for (index, view) in (0..).zip(entries.into_iter().flatten()) {
            match entry::check(&view, findings) {
                Stands::At(path) => self.at(index, &view, &path, &mut last, findings),
                Stands::Marks(Marker::Whiteout(target)) => {
                    self.whiteout(index, &target, findings);
                }
                Stands::Marks(Marker::Opaque(directory)) => {
                    self.opaque(index, &directory, findings);
                }
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
            findings.add(Code::WhiteoutDangling, target, || {
                "no lower layer has it: dive stops there, and does not count the rest of the layer"
                    .to_owned()
            });
        }
        let Some(seen) = node.and_then(|node| self.seen(node)) else {
            return;
        };
        seen.whiteout = Some(index);
        seen.is_told = (false, false);
        if seen.is_there {
            findings.add(Code::WhiteoutAfterFile, target, || {
                "its whiteout stands behind it: containerd's overlay refuses this layer; containerd \
                 and moby delete it where they unpack into one directory; crane export and dive \
                 show it"
                    .to_owned()
            });
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
    fn at(
        &mut self,
        index: u32,
        view: &EntryView<'_>,
        path: &[u8],
        last: &mut (Vec<u8>, Node),
        findings: &mut Findings,
    ) {
        let directory = path::parent(path);
        if last.0 != directory {
            let Some(node) = self.tree.find(directory) else {
                return;
            };
            *last = (directory.to_vec(), node);
        }
        let node = if path.is_empty() {
            Some(Tree::ROOT)
        } else {
            self.tree.within(last.1, path::base(path))
        };
        let Some(node) = node else { return };
        let is_broken = view.kind == Kind::HardLink && !self.hard_link(view, node, path, findings);
        let Some(seen) = self.seen(node) else { return };
        let before = seen.entry.replace((index, view.kind));
        let (was_there, is_target) = (seen.is_there, seen.is_target);
        (seen.is_broken, seen.is_target) = (is_broken, false);
        if let Some((_, before)) = before {
            duplicate(view, before, is_target, path, findings);
        }
        // A directory that so far had no entry of its own has one now.
        let known = was_there && before.is_none();
        self.touch(node, view, path, known, findings);
    }

    /// Says of each directory above an entry, and of itself, that something is there.
    fn touch(
        &mut self,
        node: Node,
        view: &EntryView<'_>,
        path: &[u8],
        known: bool,
        findings: &mut Findings,
    ) {
        let mut implied = 0;
        let (mut at, mut rest) = (node, path);
        loop {
            let Some(seen) = self.seen(at) else { return };
            seen.implied = if known && at != node {
                seen.implied.saturating_sub(1)
            } else {
                seen.implied + implied
            };
            if !seen.is_there {
                seen.is_there = true;
                implied += u32::from(at != node);
            }
            let is_directory = at != node || view.kind == Kind::Directory;
            if seen.whiteout.is_some() {
                self.behind_whiteout(at, rest, is_directory, findings);
            }
            if at == Tree::ROOT {
                return;
            }
            (at, rest) = (self.tree.parent(at), path::parent(rest));
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
        seen.is_told = (true, of_directory || is_directory);
        if !of_path {
            findings.add(Code::WhiteoutBeforeFile, path, || {
                let path = escape(path);
                format!(
                    "its whiteout stands before it: crane export shows no {path}, all others show \
                     this layer's"
                )
            });
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

    /// Checks where a hard link leads; whether it leads to something.
    fn hard_link(
        &mut self,
        view: &EntryView<'_>,
        node: Node,
        path: &[u8],
        findings: &mut Findings,
    ) -> bool {
        let target = match path::clean(view.link) {
            Cleaned::Path(target) => self.tree.find(&target),
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
                            && matches!(hidden.reason, Reason::Whiteout | Reason::Opaque)
                    }) =>
                {
                    "is deleted by its own layer"
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
                if is_link {
                    findings.add(Code::ThroughLink, &path, || {
                        format!(
                            "{} leads through this symbolic link: on containerd's overlay it \
                             becomes a directory, as here; moby writes to where it points; crane \
                             export writes both",
                            name()
                        )
                    });
                } else {
                    findings.add(Code::ThroughFile, &path, || {
                        format!(
                            "{} lies in what is no directory: on containerd's overlay it becomes \
                             one, as here; containerd and moby fail where they unpack into one \
                             directory; crane export writes both",
                            name()
                        )
                    });
                }
            }
            (Some(_) | None, _) => {}
        }
    }
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
