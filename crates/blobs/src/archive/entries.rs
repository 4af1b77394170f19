//! What is wrong with the entries of an archive, whatever the images.

use super::finding::{Code, Findings};
use super::index::{ENTRIES, Index, Kind};
use super::reading::Reading;
use super::source::{ReadError, Source, read_place};
use crate::path::{Cleaned, clean, escape};
use crate::tar::Reason;

/// Files of up to so many bytes are compared at once where a name stands twice.
const COMPARED: u64 = 4 << 20;
/// How many bytes are compared of one archive.
const COMPARED_BYTES: u64 = 64 << 20;

/// Finds what the headers show by themselves.
pub(super) fn find(index: &Index, findings: &mut Findings) {
    match &index.state.end {
        Some(Err(error)) if error.reason == Reason::EndsEarly => {
            let message = format!(
                "the archive ends inside of an entry, at byte {}",
                error.offset
            );
            findings.add(Code::Truncated, None, b"", message);
        }
        Some(Err(error)) if !index.state.is_full => {
            findings.add(Code::Broken, None, b"", error.to_string());
        }
        Some(Ok(end)) if !index.state.is_full => {
            if end.zero_blocks < 2 {
                let message = match end.zero_blocks {
                    0 => "no block of zeros stands at the end: entries may be missing",
                    _ => "one block of zeros stands at the end, it should be two",
                };
                findings.add(Code::NoEnd, None, b"", message);
            }
            if let Some(second) = index.state.second {
                let message = format!("another archive begins at byte {second}");
                findings.add(Code::Concatenated, None, b"", message);
            } else if end.content > 0 {
                let message = "bytes that are not zero stand behind the end";
                findings.add(Code::BehindEnd, None, b"", message);
            }
        }
        Some(_) | None => {}
    }
    if index.state.is_full {
        let message = format!(
            "only the first {ENTRIES} entries are looked at, or fewer whose names are long"
        );
        findings.add(Code::LeftOut, None, b"", message);
    }
    for (name, what) in &index.state.odd {
        findings.add(Code::ReadDifferently, None, name, what.clone());
    }
}

/// Finds what no archive of images has.
pub(super) fn find_special(index: &Index, findings: &mut Findings) {
    for entry in index.entries() {
        if clean(&entry.name) == Cleaned::Outside {
            let message = format!("{} leads out of the archive", escape(&entry.name));
            findings.add(Code::PathTraversal, None, &entry.name, message);
        }
        if let Kind::Other(kind) = entry.kind {
            let what = match kind {
                b'3' | b'4' => "a device".to_owned(),
                b'6' => "a pipe".to_owned(),
                other => format!("an entry of the type {}", escape(&[other])),
            };
            let message = format!("{} is {what}", escape(&entry.name));
            findings.add(Code::Special, None, &entry.name, message);
        }
    }
}

/// What entries of one name have in common.
enum Same {
    Bytes,
    Size,
    Nothing,
}

impl<S: Source> Reading<'_, S> {
    /// Compares entries of one name with each other.
    pub(super) async fn compare_duplicates(&mut self) -> Result<(), ReadError> {
        let entries = self.index.entries();
        let is_file = |entry: &usize| {
            let kind = entries.get(*entry).map(|entry| &entry.kind);
            kind.is_some_and(|kind| *kind != Kind::Directory)
        };
        let twice = self.index.paths().filter_map(|(path, all)| {
            let files: Vec<_> = all.iter().copied().filter(is_file).collect();
            let is_twice = files.len() > 1;
            is_twice.then(|| (path.to_vec(), files))
        });
        let twice: Vec<_> = twice.collect();
        for (path, files) in twice {
            let same = self.compare(&files).await?;
            let (code, what) = match same {
                Same::Bytes => (Code::Duplicate, "with the same bytes"),
                Same::Size => (
                    Code::DuplicateUnread,
                    "and may have the same bytes: verifying tells",
                ),
                Same::Nothing => (Code::DuplicateDiffers, "with other bytes"),
            };
            let message = format!("{} stands {} times, {what}", escape(&path), files.len());
            self.findings.add(code, None, &path, message);
        }
        Ok(())
    }

    async fn compare(&mut self, files: &[usize]) -> Result<Same, ReadError> {
        let mut first: Option<(u64, Option<Vec<u8>>)> = None;
        for file in files {
            // Where one of them leads nowhere, or somewhere else, readers differ.
            let Ok(found) = self.index.resolve_entry(*file) else {
                return Ok(Same::Nothing);
            };
            let size = found.place.size;
            let bytes = if size <= COMPARED && self.compared + size <= COMPARED_BYTES {
                self.compared += size;
                Some(read_place(self.source, found.place).await?)
            } else {
                None
            };
            match &first {
                None => first = Some((size, bytes)),
                Some((known, _)) if *known != size => return Ok(Same::Nothing),
                // From here on too much would be read.
                Some((_, Some(_))) if bytes.is_none() => return Ok(Same::Size),
                Some((_, known)) if *known != bytes => return Ok(Same::Nothing),
                Some(_) => {}
            }
        }
        let is_read = first.is_some_and(|(_, bytes)| bytes.is_some());
        Ok(if is_read { Same::Bytes } else { Same::Size })
    }
}
