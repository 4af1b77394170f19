//! One layer over those below.

use std::collections::BTreeMap;

use super::{
    DEPTH, Hidden, Marker, Misplaced, Node, Nowhere, PATHS, Place, Reason, Tree, VERSIONS, Version,
    is_format, link_source, marker,
};
use crate::listing::{EntryView, Kind, Listing};
use crate::path::{self, Cleaned};

/// What an entry means in its layer.
enum Meaning {
    /// Something that is gone below.
    Marker(Marker),
    /// Something that stands at a path; empty for the root.
    Content(Vec<u8>),
    /// Nothing in the file system.
    Nothing,
}

/// What hides: an entry of the layer that is applied.
#[derive(Clone, Copy)]
struct By {
    layer: u32,
    entry: u32,
}

impl From<By> for Place {
    fn from(By { layer, entry }: By) -> Self {
        Self { layer, entry }
    }
}

/// The sources of hard links that AUFS left in this layer so far, by their names.
type Sources = BTreeMap<Vec<u8>, Place>;

/// The directory that an entry was added to last, and those above it: most entries lie where the
/// one before does, or near it.
#[derive(Default)]
struct Near {
    path: Vec<u8>,
    /// Where in the path each part ends, and the node there. All are visible directories.
    parts: Vec<(usize, u32)>,
}

impl Near {
    /// Goes back to the last directory that is in both paths.
    fn go_back_to(&mut self, path: &[u8]) {
        let same = self.path.iter().zip(path).take_while(|(a, b)| a == b);
        let same = same.count();
        let is_in = |end: usize| end <= same && path.get(end).is_none_or(|byte| *byte == b'/');
        while self.parts.pop_if(|(end, _)| !is_in(*end)).is_some() {}
        self.path.truncate(self.end());
    }

    fn end(&self) -> usize {
        self.parts.last().map_or(0, |(end, _)| *end)
    }

    fn node(&self) -> u32 {
        self.parts.last().map_or(0, |(_, node)| *node)
    }

    fn go_into(&mut self, part: &[u8], node: u32) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(part);
        self.parts.push((self.path.len(), node));
    }
}

impl Tree {
    /// Applies one layer. It is read twice, so that nothing of it has to be kept between.
    pub(super) fn apply(&mut self, layer: u32, listing: &Listing) {
        for (entry, view) in (0..).zip(listing.entries()) {
            let by = By { layer, entry };
            match meaning(&view) {
                Ok(Meaning::Marker(marker)) => self.obey(&marker, by),
                Ok(Meaning::Content(_) | Meaning::Nothing) => {}
                Err(reason) => self.misplace(by, reason),
            }
        }
        let (mut near, mut sources) = (Near::default(), Sources::new());
        for (entry, view) in (0..).zip(listing.entries()) {
            let by = By { layer, entry };
            match meaning(&view) {
                Ok(Meaning::Content(path)) if path.is_empty() => self.root_is(by),
                Ok(Meaning::Content(path)) if self.has_room(&path) => {
                    self.add(by, &view, &path, &mut near, &sources);
                }
                Ok(Meaning::Content(_)) => self.misplace(by, Nowhere::TooMany),
                Err(Nowhere::Aufs) if view.kind == Kind::File => {
                    if let Cleaned::Path(path) = path::clean(view.name)
                        && let Some(name) = link_source(&path)
                    {
                        sources.insert(name.to_vec(), by.into());
                    }
                }
                Ok(Meaning::Marker(_) | Meaning::Nothing) | Err(_) => {}
            }
        }
    }

    fn misplace(&mut self, by: By, reason: Nowhere) {
        let place = by.into();
        self.misplaced.push(Misplaced { place, reason });
    }

    /// The first pass: hides what a marker says.
    fn obey(&mut self, marker: &Marker, by: By) {
        match marker {
            Marker::Whiteout(target) => {
                if let Some(node) = self.find(target) {
                    self.hide(node.0, by, Reason::Whiteout, Reason::Whiteout);
                }
            }
            Marker::Opaque(directory) => {
                if let Some(node) = self.find(directory) {
                    self.hide_children(node.0, by, Reason::Opaque);
                }
            }
            Marker::Invalid | Marker::Aufs => {}
        }
    }

    /// Whether an entry can be added with all directories above it. A name of a few bytes may
    /// need hundreds of them, so entries alone bound no memory.
    fn has_room(&self, path: &[u8]) -> bool {
        let parts = path::depth(path);
        self.paths.len() + parts <= PATHS
            && self.versions.len() + parts <= VERSIONS
            && self.paths.has_room(path.len())
    }

    /// Hides what is visible at a path, and everything in it.
    fn hide(&mut self, node: u32, by: By, reason: Reason, below: Reason) {
        if self.hide_one(node, by, reason) {
            self.hide_children(node, by, below);
        }
    }

    /// Hides everything that is visible in a directory. Below what is hidden nothing is visible.
    /// Each path is gone through once for each time it was shown, however often its directory is
    /// hidden.
    fn hide_children(&mut self, node: u32, by: By, reason: Reason) {
        let mut open = vec![node];
        while let Some(directory) = open.last().copied() {
            match self.paths.take_shown(directory) {
                Some(child) if self.hide_one(child, by, reason) => open.push(child),
                Some(_) => {}
                None => drop(open.pop()),
            }
        }
    }

    /// Hides what is visible at one path; false where nothing is.
    fn hide_one(&mut self, node: u32, by: By, reason: Reason) -> bool {
        let visible = self.paths.take_visible(node);
        let version = visible.and_then(|visible| self.versions.get_mut(visible as usize));
        let Some(version) = version else {
            return false;
        };
        version.hidden = Some(Hidden {
            layer: by.layer,
            entry: by.entry,
            reason,
        });
        true
    }

    /// The second pass: adds an entry.
    fn add(
        &mut self,
        by: By,
        view: &EntryView<'_>,
        path: &[u8],
        near: &mut Near,
        sources: &Sources,
    ) {
        let is_directory = view.kind == Kind::Directory;
        let directory = self.directory(path::parent(path), by, near);
        let node = self.paths.child(directory, path::base(path));
        let before = self.visible(Node(node)).copied();
        if let Some(before) = before {
            let again = if before.layer == by.layer && before.entry.is_some() {
                Reason::Duplicate
            } else {
                Reason::Replaced
            };
            self.hide_one(node, by, again);
            if before.is_directory && !is_directory {
                self.hide_children(node, by, Reason::ParentReplaced);
            }
        }
        let content = match view.kind {
            Kind::HardLink => self.target(view.link, sources),
            Kind::File
            | Kind::Directory
            | Kind::SymbolicLink
            | Kind::CharacterDevice
            | Kind::BlockDevice
            | Kind::Pipe
            | Kind::GlobalHeader
            | Kind::Other(_) => Some(by.into()),
        };
        self.show(Version {
            node: Node(node),
            layer: by.layer,
            entry: Some(by.entry),
            is_directory,
            content,
            hidden: None,
            is_format: view.kind == Kind::File && is_format(path),
            previous: None,
        });
    }

    /// The content that a hard link is bound to: that of what its target is at this moment.
    fn target(&self, link: &[u8], sources: &Sources) -> Option<Place> {
        let Cleaned::Path(path) = path::clean(link) else {
            return None;
        };
        if let Some(name) = link_source(&path) {
            return sources.get(name).copied();
        }
        let target = self.visible(self.find(&path)?)?;
        target.content.filter(|_| !target.is_directory)
    }

    /// Says that the root has attributes of its own.
    fn root_is(&mut self, by: By) {
        if let Some(before) = self.visible(Self::ROOT).copied() {
            let again = if before.layer == by.layer {
                Reason::Duplicate
            } else {
                Reason::Replaced
            };
            self.hide_one(0, by, again);
        }
        self.show(Version {
            node: Self::ROOT,
            layer: by.layer,
            entry: Some(by.entry),
            is_directory: true,
            content: None,
            hidden: None,
            is_format: false,
            previous: None,
        });
    }

    /// Finds a directory, and makes it and those above it where they are missing or are none.
    fn directory(&mut self, path: &[u8], by: By, near: &mut Near) -> u32 {
        near.go_back_to(path);
        let rest = path.get(near.end()..).unwrap_or_default();
        for part in rest.split(|byte| *byte == b'/') {
            if part.is_empty() {
                continue;
            }
            let node = self.paths.child(near.node(), part);
            if !self.is_directory(node) {
                self.hide_one(node, by, Reason::ParentReplaced);
                self.show(Version {
                    node: Node(node),
                    layer: by.layer,
                    entry: None,
                    is_directory: true,
                    content: None,
                    hidden: None,
                    is_format: false,
                    previous: None,
                });
            }
            near.go_into(part, node);
        }
        near.node()
    }

    fn is_directory(&self, node: u32) -> bool {
        node == 0
            || self
                .visible(Node(node))
                .is_some_and(|version| version.is_directory)
    }

    /// Shows a version at its path, where nothing is visible.
    fn show(&mut self, version: Version) {
        let Ok(number) = u32::try_from(self.versions.len()) else {
            return;
        };
        let previous = self.paths.show(version.node.0, number);
        self.versions.push(Version {
            previous,
            ..version
        });
    }
}

/// Finds what an entry means; the error says why it stands nowhere.
fn meaning(view: &EntryView<'_>) -> Result<Meaning, Nowhere> {
    if view.kind == Kind::GlobalHeader {
        return Ok(Meaning::Nothing);
    }
    if view.name.is_empty() {
        return Err(Nowhere::NoName);
    }
    let Cleaned::Path(path) = path::clean(view.name) else {
        return Err(Nowhere::Outside);
    };
    if path::depth(&path) > DEPTH {
        return Err(Nowhere::TooDeep);
    }
    match marker(&path) {
        Some(Marker::Invalid) => Err(Nowhere::InvalidWhiteout),
        Some(Marker::Aufs) => Err(Nowhere::Aufs),
        Some(marker) => Ok(Meaning::Marker(marker)),
        None if path.is_empty() && view.kind != Kind::Directory => Err(Nowhere::NoName),
        None => Ok(Meaning::Content(path)),
    }
}
