//! What one layer changed.

use super::{Node, Tree, Version};

/// A path that one layer changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which path.
    pub node: Node,
    /// What the layer did.
    pub changed: Changed,
}

/// What a layer did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// It was not there below.
    Added,
    /// It was there below, and is another one, or has other attributes.
    Modified,
    /// It was there below, and is gone.
    Removed,
}

impl Tree {
    /// Lists what one layer did to those below it, path by path, in the order in which the paths
    /// came up. Directories that only came about, with no entry of their own, are left out.
    #[must_use]
    pub fn changes(&self, layer: u32) -> Vec<Change> {
        let nodes = (0..self.paths.len()).filter_map(|node| u32::try_from(node).ok());
        let changes = nodes.map(Node).filter_map(|node| {
            let changed = self.changed(node, layer)?;
            Some(Change { node, changed })
        });
        changes.collect()
    }

    /// What a layer did to a path; `None` where it let it be.
    #[must_use]
    pub fn changed(&self, node: Node, layer: u32) -> Option<Changed> {
        let is_below = |version: &&Version| version.layer < layer;
        // What the layers below left is visible, or was hidden by this layer or a later one.
        let was_there = self
            .versions(node)
            .find(is_below)
            .filter(|version| version.hidden.is_none_or(|hidden| hidden.layer >= layer));
        let of_layer = |version: &&Version| {
            version.layer == layer && version.hidden.is_none_or(|hidden| hidden.layer > layer)
        };
        let is_there = self.versions(node).find(of_layer);
        let is_hidden_here =
            |version: &Version| version.hidden.is_some_and(|hidden| hidden.layer == layer);
        match (was_there, is_there) {
            (None, Some(now)) => now.entry.map(|_| Changed::Added),
            (Some(_), Some(_)) => Some(Changed::Modified),
            (Some(before), None) if is_hidden_here(before) => Some(Changed::Removed),
            (Some(_) | None, None) => None,
        }
    }
}
