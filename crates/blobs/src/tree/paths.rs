//! The paths of a tree, compact: an image may have two million of them.

/// No path, and no version.
const NONE: u32 = u32::MAX;

/// Paths by their numbers: 0 is the root, and a directory is before what is in it.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    all: Vec<Path>,
    /// The names in their directories, one behind the other, in the order of the numbers.
    names: Vec<u8>,
    /// What lies, or lay, in each directory, by [`Path::within`].
    directories: Vec<Children>,
}

/// A path that ever was. What is not there is [`NONE`].
#[derive(Clone, Copy, Debug)]
struct Path {
    /// The root's is itself.
    parent: u32,
    /// Where its name begins; it ends where the next one's begins.
    name: u32,
    /// Which of the directories it is, where something lies in it.
    within: u32,
    /// The newest version, hidden or not.
    newest: u32,
    /// What is visible there.
    visible: u32,
    /// What was shown in it last, since all that is in it was hidden.
    shown: u32,
    /// What was shown before it in the directory it lies in; itself for the first.
    shown_before: u32,
}

/// The paths in one directory, in runs that are each sorted by name: the first has as many paths
/// as the highest bit of their number says, and so on. One path more makes a run of one, and runs
/// of the same length become one. So a million in one directory are held by 4 bytes each, and
/// none of them moves more often than there are bits.
#[derive(Clone, Debug, Default)]
struct Children(Vec<u32>);

impl Paths {
    /// The root alone, with room for so many paths.
    pub(super) fn new(room: usize) -> Self {
        let mut paths = Self {
            all: Vec::with_capacity(room),
            names: Vec::new(),
            directories: Vec::new(),
        };
        paths.push(0, b"");
        paths
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn name_bytes(&self) -> usize {
        self.names.len()
    }

    /// Whether so many bytes of names can be added.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        u32::try_from(self.names.len() + bytes).is_ok_and(|end| end != NONE)
    }

    fn push(&mut self, parent: u32, name: &[u8]) -> u32 {
        let number = index(self.all.len());
        self.all.push(Path {
            parent,
            name: index(self.names.len()),
            within: NONE,
            newest: NONE,
            visible: NONE,
            shown: NONE,
            shown_before: NONE,
        });
        self.names.extend_from_slice(name);
        number
    }

    fn path(&self, number: u32) -> Option<&Path> {
        self.all.get(number as usize)
    }

    fn path_mut(&mut self, number: u32) -> Option<&mut Path> {
        self.all.get_mut(number as usize)
    }

    pub(super) fn parent(&self, number: u32) -> u32 {
        self.path(number).map_or(0, |path| path.parent)
    }

    pub(super) fn name(&self, number: u32) -> &[u8] {
        let Some(path) = self.path(number) else {
            return &[];
        };
        let next = self.all.get(number as usize + 1);
        let end = next.map_or(self.names.len(), |next| next.name as usize);
        let name = self.names.get(path.name as usize..end);
        name.unwrap_or_default()
    }

    pub(super) fn newest(&self, number: u32) -> Option<u32> {
        self.path(number).and_then(|path| some(path.newest))
    }

    pub(super) fn visible(&self, number: u32) -> Option<u32> {
        self.path(number).and_then(|path| some(path.visible))
    }

    /// Takes what is visible at a path: nothing is any more.
    pub(super) fn take_visible(&mut self, number: u32) -> Option<u32> {
        let path = self.path_mut(number)?;
        some(std::mem::replace(&mut path.visible, NONE))
    }

    /// Makes a version the newest of a path, and visible; the one that was the newest before.
    pub(super) fn show(&mut self, number: u32, version: u32) -> Option<u32> {
        let path = self.path_mut(number)?;
        let before = std::mem::replace(&mut path.newest, version);
        path.visible = version;
        // The root lies in no directory, and what is in the list already stays where it is.
        let (parent, is_listed) = (path.parent, path.shown_before != NONE);
        if number != 0
            && !is_listed
            && let Some(directory) = self.path_mut(parent)
        {
            let last = std::mem::replace(&mut directory.shown, number);
            if let Some(path) = self.path_mut(number) {
                path.shown_before = some(last).unwrap_or(number);
            }
        }
        some(before)
    }

    /// Takes out what was shown last in a directory, of what was shown since all of it was taken.
    pub(super) fn take_shown(&mut self, number: u32) -> Option<u32> {
        let shown = some(self.path(number)?.shown)?;
        let before = &mut self.path_mut(shown)?.shown_before;
        let before = std::mem::replace(before, NONE);
        self.path_mut(number)?.shown = if before == shown { NONE } else { before };
        Some(shown)
    }

    fn in_directory(&self, directory: u32) -> Option<&Children> {
        let within = self.path(directory)?.within;
        self.directories.get(within as usize)
    }

    /// Finds what lies, or lay, in a directory, by its name there.
    pub(super) fn within(&self, directory: u32, name: &[u8]) -> Option<u32> {
        let mut rest = &self.in_directory(directory)?.0[..];
        while let Some(length) = longest_run(rest.len()) {
            let (run, behind) = rest.split_at(length);
            rest = behind;
            // What is sorted already comes behind all that is there.
            if run.last().is_none_or(|last| self.name(*last) < name) {
                continue;
            }
            let place = run.binary_search_by(|child| self.name(*child).cmp(name));
            if let Some(child) = place.ok().and_then(|place| run.get(place)) {
                return Some(*child);
            }
        }
        None
    }

    /// Finds a path in a directory, and makes it where it never was.
    pub(super) fn child(&mut self, directory: u32, name: &[u8]) -> u32 {
        if let Some(known) = self.within(directory, name) {
            return known;
        }
        let number = self.push(directory, name);
        let next = index(self.directories.len());
        let Some(path) = self.path_mut(directory) else {
            return number;
        };
        if path.within == NONE {
            path.within = next;
            self.directories.push(Children::default());
        }
        let within = self.path(directory).map_or(0, |path| path.within) as usize;
        // It is taken out while the names are compared.
        let taken = self.directories.get_mut(within).map(std::mem::take);
        let mut children = taken.unwrap_or_default().0;
        children.push(number);
        // As many as the lowest bit says are one run now.
        let length = 1 << children.len().trailing_zeros();
        let from = children.len() - length;
        if let Some(run) = children.get_mut(from..) {
            // What is sorted already is only gone over.
            run.sort_by(|a, b| self.name(*a).cmp(self.name(*b)));
        }
        if let Some(place) = self.directories.get_mut(within) {
            place.0 = children;
        }
        number
    }

    /// Puts each directory in the order of the names: from now on it has no runs, and nothing is
    /// added.
    pub(super) fn settle(&mut self) {
        let mut directories = std::mem::take(&mut self.directories);
        for Children(children) in &mut directories {
            children.sort_by(|a, b| self.name(*a).cmp(self.name(*b)));
            children.shrink_to_fit();
        }
        self.directories = directories;
        self.all.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    /// What lies, or lay, in a directory, by name in the order of the bytes, once it is settled.
    pub(super) fn children(&self, directory: u32) -> &[u32] {
        let children = self.in_directory(directory);
        children.map(|it| &it.0[..]).unwrap_or_default()
    }
}

/// How many of so many paths are the first run; all that are left in a directory that is settled
/// are in order, so that they may be gone through by the same runs.
fn longest_run(length: usize) -> Option<usize> {
    length.checked_ilog2().map(|bit| 1 << bit)
}

fn some(number: u32) -> Option<u32> {
    (number != NONE).then_some(number)
}

/// A number of a path or place: there are fewer than `u32` holds.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}
