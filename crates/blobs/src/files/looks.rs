//! The three ways to look, each made into a tree once, and what its filters would show.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use waybill_core::finding::Severity;

use super::Image;
use super::capability::CAPABILITY;
use super::forest::{Forest, Item, Items, Node};
use super::query::{Filter, Look, State, Why};
use super::rows::Listed;
use crate::finding::Finding;
use crate::listing::{EntryView, Kind};
use crate::path::{self, Cleaned};
use crate::tree::{Changed, Marker, Place, Reason, Tree, Version, held, is_format, marker};

/// A look that was asked for.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) look: Look,
    pub(super) forest: Forest,
    /// How many nodes each filter has.
    pub(super) counts: [u32; Filter::ALL.len()],
    /// Files of the same content, those first that cost most: their nodes.
    pub(super) copies: Vec<Vec<u32>>,
    /// Which of those a node is of.
    pub(super) copies_of: HashMap<u32, u32>,
    /// What was found at a node: the places of findings.
    findings: HashMap<u32, Vec<usize>>,
    /// How many entries are shown.
    pub(super) entries: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// The rows that were asked for last.
    pub(super) listed: Option<Listed>,
}

impl Looked {
    pub(super) fn new(image: &Image, look: Look) -> Self {
        let forest = match look {
            Look::Image => of_image(image),
            Look::Layer(layer) => Forest::new(of_layer(image, layer), true),
            Look::Changes(layer) => Forest::new(of_changes(image, layer), false),
        };
        let copies = copies(image, &forest);
        let mut looked = Self {
            look,
            counts: [0; Filter::ALL.len()],
            copies_of: copies
                .iter()
                .zip(0..)
                .flat_map(|(nodes, group)| nodes.iter().map(move |node| (*node, group)))
                .collect(),
            copies,
            findings: findings(image, look, &forest),
            entries: 0,
            bytes: 0,
            forest,
            listed: None,
        };
        for (number, node) in looked.forest.numbered() {
            let passed = Filter::ALL.map(|filter| looked.passes(image, number, &node, filter));
            for (count, passes) in looked.counts.iter_mut().zip(passed) {
                *count += u32::from(passes);
            }
            if node.is_shown && !matches!(node.item.state, State::Implied) {
                looked.entries += 1;
                looked.bytes = looked.bytes.saturating_add(node.item.counted);
            }
        }
        looked
    }

    /// What was found at a node.
    pub(super) fn findings_at<'a>(
        &self,
        image: &'a Image,
        number: u32,
    ) -> impl Iterator<Item = &'a Finding> {
        let places = self.findings.get(&number).into_iter().flatten();
        places.filter_map(|place| image.findings.get(*place))
    }

    /// Tells whether engines would make something else of a node.
    pub(super) fn engines_differ_at(&self, image: &Image, number: u32) -> bool {
        self.findings_at(image, number).any(engines_differ)
    }

    /// Tells whether a filter shows a node.
    pub(super) fn passes(&self, image: &Image, number: u32, node: &Node, filter: Filter) -> bool {
        let Some(place) = node.item.place else {
            return false;
        };
        let is_hidden = matches!(node.item.state, State::Hidden(..));
        if filter == Filter::Hidden {
            return is_hidden;
        }
        // Of a layer's own entries those count that a later one hides.
        if is_hidden && !matches!(self.look, Look::Layer(_)) {
            return false;
        }
        let Some(entry) = image.entry(place) else {
            return false;
        };
        match filter {
            Filter::Setuid => entry.kind != Kind::Directory && entry.mode & 0o6000 != 0,
            Filter::Capabilities => entry.xattrs.iter().any(|(name, _)| name == CAPABILITY),
            Filter::WorldWritable => is_world_writable(&entry),
            Filter::Devices => matches!(entry.kind, Kind::CharacterDevice | Kind::BlockDevice),
            Filter::Hidden => is_hidden,
            Filter::Largest => entry.kind == Kind::File && node.item.size > 0,
            Filter::Duplicates => self.copies_of.contains_key(&number),
            Filter::EnginesDiffer => self.engines_differ_at(image, number),
        }
    }
}

/// Whether a finding says that engines see different things; the others are notes.
pub(super) fn engines_differ(finding: &Finding) -> bool {
    finding.severity() > Severity::Note
}

/// Finds the nodes at which something was found. What is said of a whiteout is said of what it
/// hides, and of itself where the layer is looked at.
fn findings(image: &Image, look: Look, forest: &Forest) -> HashMap<u32, Vec<usize>> {
    let mut at: HashMap<u32, Vec<usize>> = HashMap::new();
    for (place, finding) in image.findings.iter().enumerate() {
        let is_of = match look {
            Look::Image => true,
            Look::Layer(layer) | Look::Changes(layer) => finding.layer == Some(layer as usize),
        };
        if !is_of || finding.path.is_empty() {
            continue;
        }
        let (parent, base) = (path::parent(&finding.path), path::base(&finding.path));
        let whiteout = path::join(parent, &[b".wh.", base].concat());
        let node = forest
            .find(&finding.path)
            .or_else(|| forest.find(&whiteout));
        if let Some(node) = node {
            at.entry(node).or_default().push(place);
        }
    }
    at
}

/// Whether everybody may write it. The mode of a link means nothing, and of a directory with the
/// sticky bit, such as `/tmp`, nobody takes away what is another's.
fn is_world_writable(entry: &EntryView<'_>) -> bool {
    let is_shared = entry.kind == Kind::Directory && entry.mode & 0o1000 != 0;
    entry.mode & 0o002 != 0 && entry.kind != Kind::SymbolicLink && !is_shared
}

fn state_of(version: &Version) -> State {
    match version.hidden {
        None if version.entry.is_none() => State::Implied,
        None => State::Seen,
        Some(hidden) => State::Hidden(hidden.layer, why(hidden.reason)),
    }
}

pub(super) fn why(reason: Reason) -> Why {
    match reason {
        Reason::Replaced => Why::Replaced,
        Reason::Whiteout => Why::Whiteout,
        Reason::Opaque => Why::Opaque,
        Reason::ParentReplaced => Why::ParentReplaced,
        Reason::Duplicate => Why::Duplicate,
    }
}

/// The bytes of what a version has or leads to.
fn size(image: &Image, version: &Version) -> u64 {
    let entry = version.content.and_then(|place| image.entry(place));
    entry.map_or(0, |entry| held(&entry))
}

/// All paths in the order of a walk, each with what is visible there, all that stands below it, and then what is hidden.
fn of_image(image: &Image) -> Forest {
    let tree = &image.tree;
    // The contents that a hard link leads to: only these have two names.
    let is_link = |version: &&Version| {
        version
            .content
            .is_some_and(|_| version.place() != version.content)
    };
    let linked = tree.all().filter(is_link).filter_map(|it| it.content);
    let linked: BTreeSet<Place> = linked.collect();
    let mut counted = BTreeSet::new();
    let mut item = |version: &Version| {
        let size = size(image, version);
        let is_first = version.hidden.is_some()
            || version
                .content
                .is_some_and(|it| !linked.contains(&it) || counted.insert(it));
        Item {
            place: version.place(),
            layer: version.layer,
            state: state_of(version),
            size,
            counted: if is_first { size } else { 0 },
            is_directory: version.is_directory,
        }
    };
    let mut forest = Forest::with_room(tree.node_count(), tree.name_bytes());
    let mut path = Vec::new();
    // The directories on the way, how long their paths are, and what was there before them.
    let mut open = vec![(tree.children(Tree::ROOT), 0, Vec::new())];
    while let Some((children, length, before)) = open.last_mut() {
        let length = *length;
        let Some((name, node)) = children.next() else {
            path.truncate(length);
            for version in before.drain(..) {
                forest.push(&path, item(version));
            }
            open.pop();
            continue;
        };
        path.truncate(length);
        if length > 0 {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        let hidden = tree
            .versions(node)
            .filter(|version| version.hidden.is_some());
        let hidden = hidden.filter(|version| version.entry.is_some());
        // They come newest first.
        let mut hidden: Vec<_> = hidden.collect();
        hidden.reverse();
        // What stands below stands below the last that is pushed: what is seen, or else the newest of what was.
        if let Some(version) = tree.visible(node) {
            forest.push(&path, item(version));
        } else {
            for version in hidden.drain(..) {
                forest.push(&path, item(version));
            }
        }
        open.push((tree.children(node), path.len(), hidden));
    }
    forest.finish(false)
}

fn of_layer(image: &Image, layer: u32) -> Items {
    let mut items = Items::default();
    let Some(listing) = image.layers.get(layer as usize) else {
        return items;
    };
    for (entry, view) in (0..).zip(listing.entries()) {
        let place = Place { layer, entry };
        // What stands nowhere is shown as it is written.
        let path = match path::clean(view.name) {
            Cleaned::Path(path) => path,
            Cleaned::Outside => view.name.to_vec(),
        };
        let version = image.version(place);
        let state = match (marker(&path), version) {
            (Some(Marker::Whiteout(_) | Marker::Opaque(_)), _) => State::Whiteout,
            (_, Some(version)) => state_of(version),
            (Some(Marker::Invalid | Marker::Aufs) | None, None) => State::Seen,
        };
        let size = version.map_or(0, |version| size(image, version));
        let item = Item {
            place: Some(place),
            layer,
            state,
            size,
            counted: held(&view),
            is_directory: view.kind == Kind::Directory,
        };
        items.push(&path, item);
    }
    items
}

fn of_changes(image: &Image, layer: u32) -> Items {
    let mut items = Items::default();
    for change in image.tree.changes(layer) {
        let mut versions = image.tree.versions(change.node);
        let (state, version) = match change.changed {
            Changed::Added => (State::Added, versions.find(|it| it.layer == layer)),
            Changed::Modified => (State::Changed, versions.find(|it| it.layer == layer)),
            Changed::Removed => (State::Removed, versions.find(|it| it.layer < layer)),
        };
        let Some(version) = version else {
            continue;
        };
        let size = size(image, version);
        let item = Item {
            place: version.place(),
            layer: version.layer,
            state,
            size,
            counted: size,
            is_directory: version.is_directory,
        };
        items.push(&image.tree.path(change.node), item);
    }
    items
}

/// Finds the files of the same content, where contents were hashed. A hard link is no copy.
fn copies(image: &Image, forest: &Forest) -> Vec<Vec<u32>> {
    let content = |node: &Node| {
        let entry = node.item.place.and_then(|place| image.entry(place))?;
        entry.content.filter(|_| entry.kind == Kind::File)
    };
    // The beginning of each digest is enough to bring them together.
    let mut files: Vec<(u64, u32)> = Vec::new();
    for (number, node) in forest.numbered() {
        if node.is_shown
            && node.item.counted > 0
            && let Some(begin) = content(&node).as_ref().and_then(|it| it.first_chunk())
        {
            files.push((u64::from_be_bytes(*begin), number));
        }
    }
    files.sort_unstable();
    let mut copies = Vec::new();
    for alike in files.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
        let mut by_content: BTreeMap<[u8; 32], Vec<u32>> = BTreeMap::new();
        for (_, number) in alike {
            if let Some(content) = forest.node(*number).as_ref().and_then(content) {
                by_content.entry(content).or_default().push(*number);
            }
        }
        copies.extend(by_content.into_values().filter(|nodes| nodes.len() > 1));
    }
    let cost = |nodes: &[u32]| {
        let first = nodes.first().copied().unwrap_or(0);
        let size = forest.node(first).map_or(0, |node| node.item.size);
        (
            std::cmp::Reverse(size.saturating_mul(nodes.len() as u64 - 1)),
            first,
        )
    };
    copies.sort_by_cached_key(|nodes| cost(nodes));
    copies
}

/// Whether a node belongs to the layer's format, and is no content.
pub(super) fn is_of_format(image: &Image, node: &Node) -> bool {
    let entry = node.item.place.and_then(|place| image.entry(place));
    entry.is_some_and(|entry| {
        entry.kind == Kind::File
            && matches!(path::clean(entry.name), Cleaned::Path(path) if is_format(&path))
    })
}
