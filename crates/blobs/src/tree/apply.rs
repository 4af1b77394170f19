//! One layer over those below.

use super::{
    DEPTH, Hidden, Marker, Misplaced, Node, Nowhere, PathNode, Place, Reason, Tree, Version,
    is_format, marker,
};
use crate::listing::{EntryView, Kind, Listing};
use crate::path::{self, Cleaned};

/// An entry that is added at a path.
struct Added<'a> {
    view: EntryView<'a>,
    path: Vec<u8>,
}

/// What hides: an entry of the layer that is applied.
#[derive(Clone, Copy)]
struct By {
    layer: u32,
    entry: u32,
}

impl Tree {
    /// Applies one layer.
    pub(super) fn apply(&mut self, layer: u32, listing: &Listing) {
        let mut added = Vec::new();
        for (entry, view) in (0..).zip(listing.entries()) {
            let by = By { layer, entry };
            let found = if view.kind == Kind::GlobalHeader {
                continue;
            } else {
                self.place(by, view)
            };
            match found {
                Ok(Some(entry)) => added.push((by, entry)),
                Ok(None) => {}
                Err(reason) => self.misplaced.push(Misplaced {
                    place: Place { layer, entry },
                    reason,
                }),
            }
        }
        // The directory of the entry before: most entries lie where it does.
        let mut last: (Vec<u8>, u32) = (Vec::new(), 0);
        for (by, entry) in added {
            self.add(by, &entry, &mut last);
        }
    }

    /// The first pass: hides what a marker says, and finds the path of every other entry.
    fn place<'a>(&mut self, by: By, view: EntryView<'a>) -> Result<Option<Added<'a>>, Nowhere> {
        if view.name.is_empty() {
            return Err(Nowhere::NoName);
        }
        let Cleaned::Path(path) = path::clean(view.name) else {
            return Err(Nowhere::Outside);
        };
        if path.split(|byte| *byte == b'/').nth(DEPTH).is_some() {
            return Err(Nowhere::TooDeep);
        }
        match marker(&path) {
            Some(Marker::Invalid) => Err(Nowhere::InvalidWhiteout),
            Some(Marker::Aufs) => Err(Nowhere::Aufs),
            Some(Marker::Whiteout(target)) => {
                if let Some(node) = self.find(&target) {
                    self.hide(node.0, by, Reason::Whiteout, Reason::Whiteout);
                }
                Ok(None)
            }
            Some(Marker::Opaque(directory)) => {
                if let Some(node) = self.find(&directory) {
                    self.hide_children(node.0, by, Reason::Opaque);
                }
                Ok(None)
            }
            None if path.is_empty() && view.kind != Kind::Directory => Err(Nowhere::NoName),
            None => Ok(Some(Added { view, path })),
        }
    }

    /// Hides what is visible at a path, and everything in it.
    fn hide(&mut self, node: u32, by: By, reason: Reason, below: Reason) {
        if self.hide_one(node, by, reason) {
            self.hide_children(node, by, below);
        }
    }

    /// Hides everything that is visible in a directory. Below what is hidden nothing is visible.
    fn hide_children(&mut self, node: u32, by: By, reason: Reason) {
        let mut stack: Vec<u32> = self.children_of(node);
        while let Some(child) = stack.pop() {
            if self.hide_one(child, by, reason) {
                stack.extend(self.children_of(child));
            }
        }
    }

    fn children_of(&self, node: u32) -> Vec<u32> {
        let path = self.paths.get(node as usize);
        path.map(|path| path.children.values().copied().collect())
            .unwrap_or_default()
    }

    /// Hides what is visible at one path; false where nothing is.
    fn hide_one(&mut self, node: u32, by: By, reason: Reason) -> bool {
        let visible = self
            .paths
            .get_mut(node as usize)
            .and_then(|path| path.visible.take());
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
    fn add(&mut self, by: By, added: &Added<'_>, last: &mut (Vec<u8>, u32)) {
        let Added { view, path } = added;
        let is_directory = view.kind == Kind::Directory;
        if path.is_empty() {
            self.root_is(by);
            return;
        }
        let directory = path::parent(path);
        if last.0 != directory || !self.is_directory(last.1) {
            *last = (directory.to_vec(), self.directory(directory, by));
        }
        let node = self.child(last.1, path::base(path));
        let before = self.visible(Node(node)).copied();
        if let Some(before) = before {
            let again = if before.layer == by.layer && before.entry.is_some() {
                Reason::Duplicate
            } else {
                Reason::Replaced
            };
            self.hide_one(node, by, again);
            if !(before.is_directory && is_directory) {
                self.hide_children(node, by, Reason::ParentReplaced);
            }
        }
        let place = Place {
            layer: by.layer,
            entry: by.entry,
        };
        let content = match view.kind {
            Kind::HardLink => self.target(view.link),
            Kind::File
            | Kind::Directory
            | Kind::SymbolicLink
            | Kind::CharacterDevice
            | Kind::BlockDevice
            | Kind::Pipe
            | Kind::GlobalHeader
            | Kind::Other(_) => Some(place),
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
        if is_directory {
            *last = (path.clone(), node);
        }
    }

    /// The content that a hard link is bound to: that of what its target is at this moment.
    fn target(&self, link: &[u8]) -> Option<Place> {
        let Cleaned::Path(path) = path::clean(link) else {
            return None;
        };
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
    fn directory(&mut self, path: &[u8], by: By) -> u32 {
        let mut node = 0;
        for part in path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
        {
            node = self.child(node, part);
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
        }
        node
    }

    fn is_directory(&self, node: u32) -> bool {
        node == 0
            || self
                .visible(Node(node))
                .is_some_and(|version| version.is_directory)
    }

    /// Finds a path in a directory, and makes it where it never was.
    fn child(&mut self, parent: u32, name: &[u8]) -> u32 {
        let known = self.paths.get(parent as usize);
        if let Some(known) = known.and_then(|path| path.children.get(name)) {
            return *known;
        }
        let node = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        if let Some(path) = self.paths.get_mut(parent as usize) {
            path.children.insert(name.into(), node);
        }
        self.paths.push(PathNode {
            parent,
            name: name.into(),
            ..PathNode::default()
        });
        node
    }

    /// Shows a version at its path.
    fn show(&mut self, version: Version) {
        let number = u32::try_from(self.versions.len()).ok();
        if let Some(path) = self.paths.get_mut(version.node.number()) {
            let previous = path.newest;
            (path.newest, path.visible) = (number, number);
            self.versions.push(Version {
                previous,
                ..version
            });
        }
    }
}
