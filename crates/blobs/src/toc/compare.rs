//! The table of contents against the archive, entry by entry.

use std::collections::BTreeSet;
use std::fmt;

use waybill_core::digest::{Digest, Hasher};

use super::problem::shown;
use super::starts::Starts;
use super::{Chunk, Entry, Format, Problems, TABLE_NAME, Table};
use crate::finding::Code;
use crate::tar::{self, Event, Time};
use crate::unpack::Part;

/// Holds a table against the archive of the same layer, while that is read.
///
/// It compares name, type, mode, owner, size, time, link, device and extended attributes, and
/// hashes the content of each file and of each of its chunks. Whatever differs is an error:
/// engines that go by the table see other files than those that unpack the archive, though both
/// digests may hold.
///
/// ```
/// # use waybill_blobs::toc::{Comparison, Table};
/// # use waybill_blobs::layer::Layer;
/// # use waybill_core::digest::Algorithm;
/// fn compare(table: Table, blob: &[u8]) -> bool {
///     let mut comparison = Comparison::new(table);
///     let mut layer = Layer::new(Algorithm::Sha256);
///     layer.push(blob, &mut |event| comparison.push(&event));
///     let found = layer.finish(&mut |event| comparison.push(&event));
///     let (_table, problems) = comparison.finish();
///     found.archive.is_ok() && problems.is_empty()
/// }
/// ```
#[derive(Debug)]
pub struct Comparison {
    table: Table,
    pairs: Pairs,
    current: Option<Content>,
    starts: Starts,
    /// The table's own entry: it is in no table, as long as nothing stands behind it.
    own: Option<Vec<u8>>,
    problems: Problems,
}

/// A file of which the content is coming.
#[derive(Debug)]
struct Content {
    entry: usize,
    position: u64,
    whole: Option<(Digest, Hasher)>,
    /// The chunk that is coming, of those of the entry.
    chunk: usize,
    hasher: Option<(Digest, Hasher)>,
    /// Nothing but zeros came of a chunk that engines fill with zeros.
    is_zeros: bool,
    is_sparse: bool,
}

impl Comparison {
    /// Of a table, before the archive.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self {
            pairs: Pairs::of(&table),
            starts: Starts::of(&table),
            table,
            current: None,
            own: None,
            problems: Problems::default(),
        }
    }

    /// Takes what the archive tells, one after the other.
    pub fn push(&mut self, event: &Event<'_>) {
        match event {
            Event::Entry(entry) => self.entry(entry),
            Event::Data(bytes) => {
                if let Some(current) = &mut self.current {
                    current.take(bytes, &self.table, &mut self.problems);
                }
            }
        }
    }

    /// Takes the members or frames that [`Layer::take_parts`](crate::layer::Layer::take_parts)
    /// tells: each chunk has to begin with one, and none may hold what nobody names.
    ///
    /// Whoever gives them gives all of them.
    pub fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            self.starts.take(*part, &self.table, &mut self.problems);
        }
    }

    fn entry(&mut self, header: &tar::Entry) {
        self.end_content();
        if let Some(name) = self.own.take() {
            self.only_in_archive(&name);
        }
        // It is no file, and no engine makes one of it.
        if header.kind == b'g' {
            return;
        }
        let is_own = self.table.format == Format::Estargz && header.kind == b'0';
        if is_own && header.name == TABLE_NAME.as_bytes() {
            self.own = Some(header.name.clone());
            return;
        }
        let Some(index) = self.pairs.take(&self.table, &header.name) else {
            self.only_in_archive(&header.name);
            return;
        };
        let Some(entry) = self.table.entries.get(index) else {
            return;
        };
        compare(
            entry,
            header,
            Code::TableDiffers,
            "the archive",
            &mut self.problems,
        );
        let is_sparse = header.sparse.is_some();
        if is_sparse {
            let message = "it is sparse: its content was not compared";
            self.problems
                .push(Code::TableNotCompared, &header.name, message);
        }
        if entry.kind == b'0' && header.kind == b'0' {
            let mut content = Content {
                entry: index,
                position: 0,
                whole: sum(entry.content.digest()),
                chunk: 0,
                hasher: None,
                is_zeros: true,
                is_sparse,
            };
            content.begin_chunk(self.table.chunks(entry));
            self.current = Some(content);
        }
    }

    fn only_in_archive(&mut self, name: &[u8]) {
        let message = "the archive has it, the table has not";
        self.problems.push(Code::TableDiffers, name, message);
    }

    fn end_content(&mut self) {
        let Some(current) = self.current.take() else {
            return;
        };
        let Some(entry) = self.table.entries.get(current.entry) else {
            return;
        };
        let name = entry.name.as_bytes();
        if current.is_sparse {
            return;
        }
        // Of another size was said already.
        if current.position == entry.size
            && let Some((expected, hasher)) = current.whole
        {
            let found = hasher.finish();
            if found != expected {
                let message =
                    format!("its content has the digest {found}, the table says {expected}");
                self.problems.push(Code::TableDiffers, name, message);
            }
        }
    }

    /// Ends with the archive, and gives the table back.
    #[must_use]
    pub fn finish(mut self) -> (Table, Problems) {
        self.end_content();
        self.starts.end(&self.table, &mut self.problems);
        self.pairs.left(
            &self.table,
            "the archive",
            Code::TableDiffers,
            &mut self.problems,
        );
        (self.table, self.problems)
    }
}

fn sum(digest: Option<Digest>) -> Option<(Digest, Hasher)> {
    let digest = digest?;
    let hasher = Hasher::new(digest.algorithm()?);
    Some((digest, hasher))
}

impl Content {
    /// Begins with the chunk that stands at this place of the file, if one does.
    fn begin_chunk(&mut self, chunks: &[Chunk]) {
        let chunk = chunks.get(self.chunk).filter(|it| it.at == self.position);
        self.hasher = chunk.and_then(|chunk| sum(chunk.sum.digest()));
        self.is_zeros = true;
    }

    fn take(&mut self, mut bytes: &[u8], table: &Table, problems: &mut Problems) {
        if self.is_sparse {
            return;
        }
        if let Some((_, hasher)) = &mut self.whole {
            hasher.update(bytes);
        }
        let Some(entry) = table.entries.get(self.entry) else {
            return;
        };
        let chunks = table.chunks(entry);
        while let Some(chunk) = chunks.get(self.chunk)
            && !bytes.is_empty()
        {
            // Where chunks do not follow one another, `Table::check` says so.
            let Some(end) = chunk.at.checked_add(chunk.size) else {
                return;
            };
            let left = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at(bytes.len().min(left));
            if let Some((_, hasher)) = &mut self.hasher {
                hasher.update(piece);
            }
            self.is_zeros &= piece.iter().all(|byte| *byte == 0);
            self.position += piece.len() as u64;
            bytes = rest;
            if self.position < end {
                continue;
            }
            self.end_chunk(chunk, entry, problems);
            self.chunk += 1;
            self.begin_chunk(chunks);
        }
        self.position += bytes.len() as u64;
    }

    fn end_chunk(&mut self, chunk: &Chunk, entry: &Entry, problems: &mut Problems) {
        let name = entry.name.as_bytes();
        let at = chunk.at;
        if chunk.is_zeros && !self.is_zeros {
            let message = format!("the table has zeros for the chunk at {at}, the archive has not");
            problems.push(Code::TableDiffers, name, message);
        }
        if let Some((expected, hasher)) = self.hasher.take() {
            let found = hasher.finish();
            if found != expected {
                let message =
                    format!("its chunk at {at} has the digest {found}, the table says {expected}");
                problems.push(Code::TableDiffers, name, message);
            }
        }
    }
}

/// Which entry of the table belongs to a header: of several with one name the first that was
/// not taken.
#[derive(Debug)]
pub(super) struct Pairs {
    /// The entries by their names, and of one name in their order.
    order: Vec<u32>,
    /// How many of the entries with this name are taken; at the first of them.
    taken: Vec<u32>,
}

impl Pairs {
    pub(super) fn of(table: &Table) -> Self {
        let count = u32::try_from(table.entries.len()).unwrap_or(u32::MAX);
        let mut order: Vec<_> = (0..count).collect();
        order.sort_by_key(|index| table.entries.get(*index as usize).map(|it| &it.name));
        Self {
            taken: vec![0; order.len()],
            order,
        }
    }

    pub(super) fn take(&mut self, table: &Table, name: &[u8]) -> Option<usize> {
        let name_at = |place: usize| {
            let index = *self.order.get(place)?;
            let entry = table.entries.get(index as usize)?;
            Some(entry.name.as_bytes())
        };
        let first = self.order.partition_point(|index| {
            let entry = table.entries.get(*index as usize);
            entry.is_some_and(|entry| entry.name.as_bytes() < name)
        });
        let place = first + *self.taken.get(first)? as usize;
        if name_at(place)? != name {
            return None;
        }
        self.taken[first] += 1;
        self.order.get(place).map(|index| *index as usize)
    }

    /// Says what of the table was not taken.
    pub(super) fn left(&self, table: &Table, by: &str, code: Code, problems: &mut Problems) {
        let mut is_taken = vec![false; self.order.len()];
        for (first, count) in self.taken.iter().enumerate() {
            for index in self.order.iter().skip(first).take(*count as usize) {
                is_taken[*index as usize] = true;
            }
        }
        for (entry, _) in table
            .entries
            .iter()
            .zip(is_taken)
            .filter(|(_, taken)| !taken)
        {
            let message = format!("the table has it, {by} has not");
            problems.push(code, entry.name.as_bytes(), message);
        }
    }
}

/// Compares an entry of the table with a header of the same name.
pub(super) fn compare(
    entry: &Entry,
    header: &tar::Entry,
    code: Code,
    by: &str,
    problems: &mut Problems,
) {
    let mut differs = |what: &str, table: &dyn fmt::Display, other: &dyn fmt::Display| {
        let message = format!("{what} is {table} in the table, {other} in {by}");
        problems.push(code, entry.name.as_bytes(), message);
    };
    let (ours, theirs) = (kind_name(entry.kind), kind_name(header.kind));
    if entry.kind != header.kind {
        differs("its type", &ours, &theirs);
    }
    if entry.mode != header.mode {
        let octal = |mode: i64| format!("{mode:04o}");
        differs("its mode", &octal(entry.mode), &octal(header.mode));
    }
    if entry.user != header.user {
        differs("its owner", &entry.user, &header.user);
    }
    if entry.group != header.group {
        differs("its group", &entry.group, &header.group);
    }
    let is_file = header.kind == b'0' || entry.kind == b'0';
    if is_file && u64::try_from(header.size) != Ok(entry.size) {
        differs("its size", &entry.size, &header.size);
    }
    if !is_same_time(entry.modified, header.modified) {
        let ours = Seconds(entry.modified);
        differs("its time", &ours, &Seconds(header.modified));
    }
    let is_link = matches!(header.kind, b'1' | b'2') || matches!(entry.kind, b'1' | b'2');
    if is_link && entry.link.as_bytes() != header.link {
        let ours = shown(entry.link.as_bytes());
        differs("its target", &ours, &shown(&header.link));
    }
    let is_device = matches!(header.kind, b'3' | b'4') || matches!(entry.kind, b'3' | b'4');
    if is_device && entry.device != header.device {
        let pair = |(major, minor): (i64, i64)| format!("{major},{minor}");
        differs("its device", &pair(entry.device), &pair(header.device));
    }
    let ours: BTreeSet<_> = entry
        .xattrs
        .iter()
        .map(|(name, value)| (name.as_bytes(), &value[..]))
        .collect();
    let theirs: BTreeSet<_> = header
        .xattrs
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    for attribute in ours.symmetric_difference(&theirs) {
        let (name, value) = attribute;
        let what = format!("its attribute {}={}", shown(name), shown(value));
        if ours.contains(attribute) {
            differs(&what, &"there", &"not");
        } else {
            differs(&what, &"not", &"there");
        }
    }
}

/// A time as it stands in messages: seconds since 1970.
struct Seconds(Time);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0.seconds, self.0.nanoseconds)
    }
}

/// Whether the table's time is that of the archive: eStargz rounds it to seconds, and has none
/// for what lies within the first one of 1970.
fn is_same_time(table: Time, archive: Time) -> bool {
    let rounded = archive
        .seconds
        .checked_add(i64::from(archive.nanoseconds >= 500_000_000));
    table == archive
        || (table.nanoseconds == 0
            && (Some(table.seconds) == rounded || (table.seconds, archive.seconds) == (0, 0)))
}

fn kind_name(kind: u8) -> String {
    match kind {
        b'0' => "file".to_owned(),
        b'1' => "hard link".to_owned(),
        b'2' => "symbolic link".to_owned(),
        b'3' => "character device".to_owned(),
        b'4' => "block device".to_owned(),
        b'5' => "directory".to_owned(),
        b'6' => "pipe".to_owned(),
        other => format!("{:?}", char::from(other)),
    }
}
