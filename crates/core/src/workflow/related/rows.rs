//! The tree line by line.

use super::Model;
use super::node::{Edge, Related};

/// A line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place of the manifest among [`Model::nodes`].
    pub node: usize,
    /// The place of the one that it was found under.
    pub parent: usize,
    /// How many steps below the first one of its section, from 1 on.
    pub depth: usize,
    /// Whether it stands above already with what refers to it, so that this is not drawn again.
    pub is_again: bool,
    /// Whether it is one of those above it in this very branch.
    pub is_loop: bool,
}

impl Model {
    /// What was found around one of the manifests about which is asked: the line of each, those
    /// of one branch behind each other.
    ///
    /// A manifest that is listed under several stands under each, with its own branch at the
    /// first only; so a tree that refers to itself ends.
    #[must_use]
    pub fn rows(&self, root: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut seen = vec![root];
        self.branch(root, &mut vec![root], &mut seen, &mut rows);
        rows
    }

    fn branch(
        &self,
        parent: usize,
        above: &mut Vec<usize>,
        seen: &mut Vec<usize>,
        rows: &mut Vec<Row>,
    ) {
        for (node, related) in self.nodes.iter().enumerate() {
            if edge(related, parent).is_none() {
                continue;
            }
            let is_loop = above.contains(&node);
            let is_again = seen.contains(&node);
            rows.push(Row {
                node,
                parent,
                depth: above.len(),
                is_again: is_again && !is_loop,
                is_loop,
            });
            if !is_again {
                seen.push(node);
                above.push(node);
                self.branch(node, above, seen, rows);
                above.pop();
            }
        }
    }

    /// How the manifest of a line was found under the one above it.
    #[must_use]
    pub fn edge(&self, row: Row) -> Option<&Edge> {
        edge(self.nodes.get(row.node)?, row.parent)
    }
}

fn edge(related: &Related, parent: usize) -> Option<&Edge> {
    related.under.iter().find(|edge| edge.parent == parent)
}
