//! Every path that any layer has, once, by a number.

use std::collections::BTreeMap;

use super::{DROPPED, WHITEOUT};

/// The number of the root, which is no node of dive's.
pub(super) const ROOT: usize = 0;

/// The paths of an image; a parent's number is less than those of its children.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    known: Vec<Path<'a>>,
    /// By the parent and the name, and so in the order in which dive goes through a tree.
    numbers: BTreeMap<(usize, &'a [u8]), usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    pub(super) parent: usize,
    name: &'a [u8],
    /// Where dive puts it when it lays one tree over another: the path without `..` before it.
    pub(super) stacked: usize,
    /// What it hides, where it is a whiteout.
    pub(super) whiteout: Option<Whiteout>,
}

/// What a whiteout means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whiteout {
    /// The path without the first letters of its last name: what dive counts it as.
    pub(super) counted: usize,
    /// What dive looks for: the same, but the parent where that name is empty.
    pub(super) hides: usize,
}

/// What an entry adds to the tree of its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// That node and its parents.
    Node(usize),
    /// Its parents only: that node and those above it. Its own name, or that of a directory on
    /// the way, is one that dive drops.
    Parents(usize),
}

/// Where the subtree of a path stands among all, each behind what is below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The place of the first one in the subtree.
    pub(super) first: usize,
    /// The path's own place, the last one of the subtree.
    pub(super) own: usize,
}

impl Default for Paths<'_> {
    fn default() -> Self {
        let root = Path {
            parent: ROOT,
            name: b"",
            stacked: ROOT,
            whiteout: None,
        };
        Self {
            known: vec![root],
            numbers: BTreeMap::new(),
        }
    }
}

impl<'a> Paths<'a> {
    /// Takes the name of an entry as Go's `path.Clean` leaves it; `None` where that is `.`.
    pub(super) fn add(&mut self, name: &'a [u8]) -> Option<Added> {
        let names = clean(name)?;
        let mut node = ROOT;
        for name in names {
            if name.starts_with(DROPPED) {
                return Some(Added::Parents(node));
            }
            node = self.child(node, name);
        }
        Some(if node == ROOT {
            Added::Parents(ROOT)
        } else {
            Added::Node(node)
        })
    }

    /// Finds a child, and makes it where it is missing.
    fn child(&mut self, parent: usize, name: &'a [u8]) -> usize {
        let node = self.number(parent, name);
        if self.get(node).whiteout.is_none() {
            let whiteout = name.strip_prefix(WHITEOUT).map(|rest| {
                let counted = self.number(parent, rest);
                let hides = if rest.is_empty() { parent } else { counted };
                Whiteout { counted, hides }
            });
            if let Some(path) = self.known.get_mut(node) {
                path.whiteout = whiteout;
            }
        }
        node
    }

    fn number(&mut self, parent: usize, name: &'a [u8]) -> usize {
        if let Some(number) = self.numbers.get(&(parent, name)) {
            return *number;
        }
        let number = self.known.len();
        self.known.push(Path {
            parent,
            name,
            stacked: number,
            whiteout: None,
        });
        self.numbers.insert((parent, name), number);
        let above = self.get(parent).stacked;
        let stacked = if name == b".." && above == ROOT {
            ROOT
        } else if above == parent {
            number
        } else {
            self.number(above, name)
        };
        if let Some(path) = self.known.get_mut(number) {
            path.stacked = stacked;
        }
        number
    }

    /// Returns what is known of a path; of one that is none, of the root.
    pub(super) fn get(&self, path: usize) -> Path<'a> {
        let known = self.known.get(path).or(self.known.first());
        known.copied().unwrap_or(Path {
            parent: ROOT,
            name: b"",
            stacked: ROOT,
            whiteout: None,
        })
    }

    /// The path as dive writes it.
    pub(super) fn text(&self, path: usize) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = path;
        while at != ROOT {
            let path = self.get(at);
            names.push(path.name);
            at = path.parent;
        }
        names.push(b"");
        names.reverse();
        names.join(&b'/')
    }

    /// Finds the place of every path in the order in which dive goes through a tree: children by
    /// the bytes of their names, and a node behind its children.
    pub(super) fn places(&self) -> Vec<Places> {
        let mut sizes = vec![1_usize; self.known.len()];
        for (number, path) in self.known.iter().enumerate().skip(1).rev() {
            sizes[path.parent] += sizes[number];
        }
        let mut places = vec![Places::default(); self.known.len()];
        places[ROOT].own = sizes[ROOT] - 1;
        // By parents, and these have the lesser numbers: where a parent stands is known.
        let mut next = (ROOT, 0);
        for ((parent, _), number) in &self.numbers {
            if next.0 != *parent {
                next = (*parent, places[*parent].first);
            }
            let first = next.1;
            next.1 += sizes[*number];
            places[*number] = Places {
                first,
                own: next.1 - 1,
            };
        }
        places
    }
}

/// The names that Go's `path.Clean` leaves of a path, without the `/` at its beginning; `None`
/// where it leaves nothing but `.`. Only a relative path may begin with `..`.
fn clean(name: &[u8]) -> Option<Vec<&[u8]>> {
    let is_absolute = name.starts_with(b"/");
    let mut names: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if names.last().is_some_and(|last| *last != b"..") => {
                names.pop();
            }
            b".." if is_absolute => {}
            part => names.push(part),
        }
    }
    (is_absolute || !names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_as_go_does() {
        for (name, expected) in [
            ("a//b/./c/", Some(vec!["a", "b", "c"])),
            ("./", None),
            ("", None),
            ("a/..", None),
            ("/", Some(vec![])),
            ("/..", Some(vec![])),
            ("/../a", Some(vec!["a"])),
            ("../../a/../b", Some(vec!["..", "..", "b"])),
            ("a/../../b", Some(vec!["..", "b"])),
        ] {
            let names = clean(name.as_bytes());
            let expected = expected.map(|names| names.iter().map(|it| it.as_bytes()).collect());
            assert_eq!(names, expected, "{name}");
        }
    }

    #[test]
    fn paths_stand_by_name_and_behind_what_is_below() {
        let mut paths = Paths::default();
        for name in ["b", "a/z", "a.b", "a/.wh.y", "c/.wh..wh..opq/x"] {
            paths.add(name.as_bytes());
        }
        let places = paths.places();
        let mut order: Vec<_> = (0..places.len()).collect();
        order.sort_by_key(|path| places[*path].own);
        let texts: Vec<_> = order
            .iter()
            .map(|path| String::from_utf8(paths.text(*path)).expect("text"))
            .collect();
        assert_eq!(
            texts,
            ["/a/.wh.y", "/a/y", "/a/z", "/a", "/a.b", "/b", "/c", ""]
        );
        assert_eq!(paths.add(b"a/.wh..wh..opq"), paths.add(b"a/.wh..wh..x"));
        assert!(matches!(
            paths.add(b"a/.wh..wh..opq"),
            Some(Added::Parents(_))
        ));
    }
}
