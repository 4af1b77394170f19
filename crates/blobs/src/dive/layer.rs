//! One layer, as dive's tree of it.

use super::paths::{DROPPED, Paths, ROOT, clean};
use super::{File, Uncounted};
use crate::listing::{Kind, Listing};

/// The layer that is read; each takes the place of the one before.
#[derive(Default)]
pub(super) struct Layer {
    /// What it has at each path, by the numbers of all paths.
    slots: Vec<Slot>,
    /// The paths that it has; directories that nobody wrote are among them.
    has: Vec<u32>,
    /// The sizes of all entries, those too that stand in no tree.
    pub(super) bytes: u64,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    is_there: bool,
    file: File,
    /// Where what lies in it begins in the order by directory and name; `None` where nothing
    /// does.
    children: Option<usize>,
}

/// A path of a layer, in the order in which dive goes over them.
pub(super) struct Visit {
    pub(super) path: u32,
    /// The path to which dive adds it in the stack: without the `..` it begins with.
    pub(super) rooted: u32,
    /// Whether nothing lies in it.
    pub(super) is_leaf: bool,
}

impl Layer {
    /// Reads the layer of that number.
    pub(super) fn read<'a>(
        &mut self,
        number: usize,
        listing: &'a Listing,
        paths: &mut Paths<'a>,
    ) -> Result<(), Uncounted> {
        if listing.totals().left_out > 0 {
            return Err(Uncounted::LeftOut { layer: number });
        }
        self.bytes = 0;
        for path in std::mem::take(&mut self.has) {
            *self.slot_mut(path) = Slot::default();
        }
        // The parts of the entry before with their paths: most entries lie where it does.
        let mut before: Vec<(&[u8], u32)> = Vec::new();
        for entry in listing.entries() {
            let (is_absolute, parts) = clean(entry.name);
            if parts.is_empty() && !is_absolute {
                continue;
            }
            if entry.kind == Kind::GlobalHeader {
                return Err(Uncounted::GlobalHeader { layer: number });
            }
            self.bytes = self.bytes.wrapping_add(entry.size);
            let same = before.iter().zip(&parts);
            before.truncate(same.take_while(|((name, _), part)| name == *part).count());
            for part in parts.iter().skip(before.len()) {
                if part.starts_with(DROPPED) {
                    break;
                }
                let parent = before.last().map_or(ROOT, |(_, path)| *path);
                let path = paths.child(parent, part)?;
                self.add(path);
                before.push((part, path));
            }
            if let (true, Some((_, path))) = (before.len() == parts.len(), before.last()) {
                self.slot_mut(*path).file = File {
                    size: entry.size.cast_signed(),
                    is_directory: entry.kind == Kind::Directory,
                };
            }
        }
        Ok(())
    }

    fn add(&mut self, path: u32) {
        let slot = self.slot_mut(path);
        if !slot.is_there {
            slot.is_there = true;
            self.has.push(path);
        }
    }

    fn slot_mut(&mut self, path: u32) -> &mut Slot {
        let place = path as usize;
        if self.slots.len() <= place {
            self.slots.resize(place + 1, Slot::default());
        }
        &mut self.slots[place]
    }

    fn slot(&self, path: u32) -> Slot {
        self.slots.get(path as usize).copied().unwrap_or_default()
    }

    /// What it has at a path.
    pub(super) fn file(&self, path: u32) -> File {
        self.slot(path).file
    }

    /// All that it has, in no order.
    pub(super) fn files(&self) -> impl Iterator<Item = (u32, File)> {
        self.has.iter().map(|path| (*path, self.file(*path)))
    }

    /// Goes over all paths: by name, and over a directory behind what is in it.
    pub(super) fn visits(&mut self, paths: &mut Paths<'_>) -> Result<Vec<Visit>, Uncounted> {
        let has = self.has.iter();
        let mut children: Vec<_> = has
            .map(|path| (paths.parent(*path), paths.name(*path), *path))
            .collect();
        children.sort_unstable();
        for (place, (parent, _, _)) in children.iter().enumerate().rev() {
            self.slot_mut(*parent).children = Some(place);
        }
        let mut visits = Vec::with_capacity(children.len());
        let mut open = vec![(ROOT, ROOT, self.slot(ROOT).children)];
        while let Some((directory, rooted, next)) = open.last_mut() {
            let child = next.and_then(|next| children.get(next));
            let child = child.filter(|(parent, _, _)| parent == directory);
            if let Some((_, name, path)) = child {
                *next = next.map(|next| next + 1);
                let rooted = if *rooted == ROOT && *name == b".." {
                    ROOT
                } else if rooted == directory {
                    *path
                } else {
                    paths.child(*rooted, name)?
                };
                open.push((*path, rooted, self.slot(*path).children));
            } else {
                let (path, rooted) = (*directory, *rooted);
                open.pop();
                if path != ROOT {
                    visits.push(Visit {
                        path,
                        rooted,
                        is_leaf: self.slot(path).children.is_none(),
                    });
                }
            }
        }
        self.slot_mut(ROOT).children = None;
        Ok(visits)
    }
}
