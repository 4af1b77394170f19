//! Which entries an archive has, and where each one's bytes stand: read by its headers alone.

use std::collections::BTreeMap;

use super::source::{Files, FolderFile, Place, ReadError, Source};
use super::walk;
use crate::path::{Cleaned, clean, join, parent};
use crate::sniff::SNIFFED;
use crate::tar::{End, TarError};

/// How many entries are listed.
pub const ENTRIES: usize = 100_000;
/// How many bytes their names and links may have together.
pub(super) const NAME_BYTES: usize = 32 << 20;
/// How many links are followed, one behind the other.
const LINKS: usize = 16;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, as it is written.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Its bytes; `None` of what has none, and of what cannot be read by its place alone.
    pub place: Option<Place>,
    /// The first bytes, as far as they came with the header: at most [`SNIFFED`].
    pub first: Vec<u8>,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A file with holes, in a form of its own: it is not read here.
    Sparse,
    /// A file of which the archive ends before its last byte.
    Cut,
    /// A directory.
    Directory,
    /// A symbolic link, with its target as it is written.
    SymbolicLink(Vec<u8>),
    /// A hard link, with its target as it is written.
    HardLink(Vec<u8>),
    /// A device, a pipe, or of a type that nobody defines: the type's byte.
    Other(u8),
}

/// The entries of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    entries: Vec<Entry>,
    /// The entries of each clean path, in their order; what leads outside has none.
    paths: BTreeMap<Vec<u8>, Vec<usize>>,
    name_bytes: usize,
    /// The folder in which all stands, with a `/` at its end; mostly there is none.
    root: Vec<u8>,
    pub(super) state: State,
}

/// One of these stands at the top of each archive of images.
const TOPS: [&[u8]; 5] = [
    b"manifest.json",
    b"index.json",
    b"oci-layout",
    b"repositories",
    b"version",
];

/// What reading the headers showed beside the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// How it ends; `None` of a folder.
    pub(super) end: Option<Result<End, TarError>>,
    /// Where a second archive begins behind the end.
    pub(super) second: Option<u64>,
    /// Whether there are more entries than are listed.
    pub(super) is_full: bool,
    /// Names of entries with what somebody reads otherwise.
    pub(super) odd: Vec<(Vec<u8>, String)>,
}

/// Why a name does not lead to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// No entry has it.
    NotHere,
    /// It leads out of the archive.
    Outside,
    /// A link leads to no entry.
    Dangling,
    /// Links lead in a circle, or on and on.
    Circle,
    /// It is a directory, a device or a pipe.
    NoFile,
    /// It is a file with holes.
    Sparse,
    /// The archive ends before its last byte.
    Cut,
}

impl Lost {
    /// What is so, in words that follow the name.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotHere => "is not in the archive",
            Self::Outside => "leads out of the archive, where nothing is looked for",
            Self::Dangling => "is a link to what is not in the archive",
            Self::Circle => "is a link that leads to no end",
            Self::NoFile => "is no file",
            Self::Sparse => "is a sparse file, which is not read here",
            Self::Cut => "is cut off: the archive ends before its last byte",
        }
    }
}

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The number of the entry that is the file.
    pub entry: usize,
    /// The bytes.
    pub place: Place,
    /// Whether a symbolic link was followed.
    pub by_symbolic_link: bool,
    /// Whether a hard link was.
    pub by_hard_link: bool,
}

impl Index {
    /// Reads the headers of a tar file, or takes the files of a folder.
    pub(super) async fn read<S: Source>(source: &S) -> Result<Self, ReadError> {
        match source.files() {
            Files::One(size) => walk::walk(source, size).await,
            Files::Folder(files) => Ok(Self::of_folder(files)),
        }
    }

    fn of_folder(files: Vec<FolderFile>) -> Self {
        let mut index = Self::default();
        for (file, FolderFile { path, size }) in files.into_iter().enumerate() {
            let place = Place {
                file,
                offset: 0,
                size,
            };
            index.push(Entry {
                name: path,
                kind: Kind::File,
                place: Some(place),
                first: Vec::new(),
            });
        }
        index
    }

    /// Takes an entry; what is behind the limits is only told to be there.
    pub(super) fn push(&mut self, entry: Entry) {
        let link = match &entry.kind {
            Kind::SymbolicLink(link) | Kind::HardLink(link) => link.len(),
            Kind::File | Kind::Sparse | Kind::Cut | Kind::Directory | Kind::Other(_) => 0,
        };
        self.name_bytes += entry.name.len() + link;
        if self.entries.len() >= ENTRIES || self.name_bytes > NAME_BYTES {
            self.state.is_full = true;
            return;
        }
        if let Cleaned::Path(path) = clean(&entry.name) {
            let number = self.entries.len();
            self.paths.entry(path).or_default().push(number);
        }
        self.entries.push(entry);
    }

    /// Looks into the one folder at the top, where somebody packed a whole folder instead of what
    /// is in it: names then lead from there. Gives the folder.
    pub(super) fn enter_folder(&mut self) -> Option<&[u8]> {
        let first = self.paths.keys().find(|path| !path.is_empty())?;
        let top = first.split(|byte| *byte == b'/').next()?;
        let root = [top, b"/"].concat();
        let is_inside = |path: &Vec<u8>| path.is_empty() || path == top || path.starts_with(&root);
        let has_top = TOPS.iter().any(|name| self.has(&join(top, name)));
        if !has_top || !self.paths.keys().all(is_inside) {
            return None;
        }
        let paths = std::mem::take(&mut self.paths).into_iter();
        let inside = paths.filter_map(|(path, all)| {
            let path = path.strip_prefix(&root[..])?.to_vec();
            Some((path, all))
        });
        self.paths = inside.collect();
        self.root = root;
        Some(&self.root)
    }

    /// All entries in the order in which they stand.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The numbers of the entries of each clean path, by path.
    pub fn paths(&self) -> impl Iterator<Item = (&[u8], &[usize])> {
        self.paths
            .iter()
            .map(|(path, entries)| (&path[..], &entries[..]))
    }

    /// The numbers of the entries of a clean path, in their order.
    #[must_use]
    pub fn at(&self, path: &[u8]) -> &[usize] {
        self.paths.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether a clean path has an entry.
    #[must_use]
    pub fn has(&self, path: &[u8]) -> bool {
        !self.at(path).is_empty()
    }

    /// Finds the file that a name leads to, by way of links inside of the archive: a symbolic
    /// one to the last entry of its target, a hard one to the last before itself. Of several
    /// entries of one name the last counts, as where all is unpacked in turn.
    pub fn resolve(&self, name: &[u8]) -> Result<Resolved, Lost> {
        let path = inside(name)?;
        let entry = *self.at(&path).last().ok_or(Lost::NotHere)?;
        self.resolve_entry(entry)
    }

    /// Finds the file that an entry is, or leads to.
    pub(super) fn resolve_entry(&self, entry: usize) -> Result<Resolved, Lost> {
        let (mut by_symbolic_link, mut by_hard_link) = (false, false);
        let mut number = entry;
        for _ in 0..=LINKS {
            let entry = self.entries.get(number).ok_or(Lost::NotHere)?;
            let next = match &entry.kind {
                Kind::File => {
                    return Ok(Resolved {
                        entry: number,
                        place: entry.place.ok_or(Lost::NoFile)?,
                        by_symbolic_link,
                        by_hard_link,
                    });
                }
                Kind::Sparse => return Err(Lost::Sparse),
                Kind::Cut => return Err(Lost::Cut),
                Kind::Directory | Kind::Other(_) => return Err(Lost::NoFile),
                Kind::SymbolicLink(target) => {
                    by_symbolic_link = true;
                    let target = match (target.first(), clean(&entry.name)) {
                        (Some(b'/'), _) => target.clone(),
                        (_, Cleaned::Path(own)) => join(parent(&own), target),
                        (_, Cleaned::Outside) => return Err(Lost::Outside),
                    };
                    let path = inside(&target)?;
                    self.at(self.within_root(&path)).last().copied()
                }
                Kind::HardLink(target) => {
                    by_hard_link = true;
                    let path = inside(target)?;
                    let earlier = self.at(self.within_root(&path)).iter().rev();
                    earlier.copied().find(|earlier| *earlier < number)
                }
            };
            number = next.ok_or(Lost::Dangling)?;
        }
        Err(Lost::Circle)
    }

    /// A clean path of the tar file, as one from the folder in which all stands.
    fn within_root<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        path.strip_prefix(&self.root[..]).unwrap_or(path)
    }
}

/// The clean path that a name leads to.
fn inside(name: &[u8]) -> Result<Vec<u8>, Lost> {
    match clean(name) {
        Cleaned::Path(path) => Ok(path),
        Cleaned::Outside => Err(Lost::Outside),
    }
}

/// The first bytes of a file, as far as the bytes behind its header are there.
pub(super) fn first(behind: &[u8], size: u64) -> Vec<u8> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let length = behind.len().min(size).min(SNIFFED);
    let whole = length == size.min(SNIFFED);
    if whole {
        behind[..length].to_vec()
    } else {
        Vec::new()
    }
}
