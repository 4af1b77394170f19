//! What is wrong with a table by itself: paths, links, and where its chunks stand.

use std::collections::HashMap;

use super::{Chunk, Entry, Problems, Sum, Table};
use crate::finding::Code;

/// What is known of a hard link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Unknown,
    /// On the way that is followed just now.
    OnTheWay,
    Good,
    Bad,
}

impl Table {
    /// Says what is wrong with the table, whatever the archive holds.
    ///
    /// These are the rules of the engines: one path once, a digest for each content, chunks that
    /// make up their file and stand before the table, none where another stands, hard links that
    /// end at a file.
    #[must_use]
    pub fn check(&self) -> Problems {
        let mut problems = self.problems.clone();
        let names = self.check_names(&mut problems);
        self.check_links(&names, &mut problems);
        for entry in &self.entries {
            self.check_file(entry, &mut problems);
        }
        self.check_offsets(&mut problems);
        problems
    }

    /// Which entry has a path: the last one that does, as for stargz.
    fn check_names(&self, problems: &mut Problems) -> HashMap<String, usize> {
        let mut names = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if names.insert(clean(&entry.name), index).is_some() {
                let message = "another entry before it has the same path";
                problems.push(Code::TableDuplicate, entry.name.as_bytes(), message);
            }
        }
        names
    }

    fn check_links(&self, names: &HashMap<String, usize>, problems: &mut Problems) {
        let mut known = vec![Link::Unknown; self.entries.len()];
        for first in 0..self.entries.len() {
            let mut way = Vec::new();
            let mut at = Some(first);
            // Follows links until something is known of one, or it is none.
            let (end, message) = loop {
                let Some((index, entry)) =
                    at.and_then(|index| Some((index, self.entries.get(index)?)))
                else {
                    break (
                        Link::Bad,
                        "it is a hard link to a path that the table does not have",
                    );
                };
                if entry.kind == b'5' && !way.is_empty() {
                    break (Link::Bad, "it is a hard link to a directory");
                }
                match known[index] {
                    Link::Unknown => {}
                    Link::OnTheWay => break (Link::Bad, "it is a hard link that leads to itself"),
                    Link::Good => break (Link::Good, ""),
                    Link::Bad => break (Link::Bad, "it is a hard link to one that leads nowhere"),
                }
                known[index] = Link::OnTheWay;
                way.push(index);
                if entry.kind != b'1' {
                    break (Link::Good, "");
                }
                at = names.get(&clean(&entry.link)).copied();
            };
            for index in way {
                known[index] = end;
                if end == Link::Bad {
                    let name = self.entries[index].name.as_bytes();
                    problems.push(Code::TableLink, name, message);
                }
            }
        }
    }

    fn check_file(&self, entry: &Entry, problems: &mut Problems) {
        let chunks = self.chunks(entry);
        if chunks.is_empty() {
            return;
        }
        let name = entry.name.as_bytes();
        let is_known = |sum: &Sum| sum.digest().is_some();
        if !is_known(&entry.content) && !chunks.iter().all(|chunk| is_known(&chunk.sum)) {
            let message = "neither it nor all of its chunks have a digest";
            problems.push(Code::TableNoDigest, name, message);
        }
        let mut end = Some(0_u64);
        for chunk in chunks {
            if end != Some(chunk.at) {
                let is_gap = end.is_some_and(|end| end < chunk.at);
                let what = if is_gap {
                    "leaves a gap before it"
                } else {
                    "overlaps another"
                };
                let message = format!("the chunk at {} of the file {what}", chunk.at);
                problems.push(Code::TableChunks, name, message);
            }
            if chunk.size == 0 {
                let message = format!("the chunk at {} of the file is empty", chunk.at);
                problems.push(Code::TableChunks, name, message);
            }
            end = chunk.at.checked_add(chunk.size);
        }
        if end != Some(entry.size) {
            let end = end.unwrap_or(u64::MAX);
            let message = format!("it has {} bytes, and its chunks end at {end}", entry.size);
            problems.push(Code::TableChunks, name, message);
        }
        if entry.end > self.end || (entry.end > 0 && entry.end <= chunks[0].offset) {
            let message = format!("its end, {}, is not behind its beginning", entry.end);
            problems.push(Code::TableOffset, name, message);
        }
        let last = &chunks[chunks.len() - 1];
        if entry.end > last.end && entry.end <= self.end {
            let message = format!("another file begins at {}, before its end", last.end);
            problems.push(Code::TableOffset, name, message);
        }
        // The first member begins with a header, so a chunk stands behind that.
        let is_first = |chunk: &Chunk| chunk.offset == 0 && chunk.inner == 0;
        let bad = |chunk: &&Chunk| is_first(chunk) || chunk.offset >= self.end;
        if let Some(chunk) = chunks.iter().find(bad) {
            let message = format!(
                "a chunk stands at byte {} of the layer, where no file can be: the table begins \
                 at {}",
                chunk.offset, self.end
            );
            problems.push(Code::TableOffset, name, message);
        }
    }

    /// Two chunks at one place: stargz refuses the layer ("offset found twice"). Several may
    /// be in one member, one behind the other.
    fn check_offsets(&self, problems: &mut Problems) {
        let mut places: Vec<_> = self
            .entries
            .iter()
            .flat_map(|entry| self.chunks(entry).iter().map(move |chunk| (chunk, entry)))
            .filter(|(chunk, _)| chunk.size > 0)
            .collect();
        places.sort_by_key(|(chunk, _)| (chunk.offset, chunk.inner));
        for pair in places.windows(2) {
            let [(first, _), (second, entry)] = pair else {
                continue;
            };
            let is_over = first.inner.checked_add(first.size);
            let is_over = is_over.is_none_or(|end| end > second.inner);
            if first.offset == second.offset && is_over {
                let message = format!("byte {} of the layer is the place of two", second.offset);
                problems.push(Code::TableOffset, entry.name.as_bytes(), message);
            }
        }
    }
}

/// The path that both engines make of a name: from the root, without `.`, `..` and `//`. What
/// leads out of the root stays in it, where [`crate::path::clean`] says that it leads out.
pub(super) fn clean(name: &str) -> String {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::Format;

    const SUM: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn found(entries: &str) -> Vec<(Code, String)> {
        let json = format!(r#"{{"version":1,"entries":[{entries}]}}"#).replace("SUM", SUM);
        let table = Table::read(json.as_bytes(), Format::Estargz, 1000);
        let problems = table.map(|table| table.check()).unwrap_or_default();
        let list = problems.list().iter();
        list.map(|problem| {
            (
                problem.code,
                String::from_utf8_lossy(&problem.path).into_owned(),
            )
        })
        .collect()
    }

    #[test]
    fn a_table_is_held_to_the_rules_of_the_engines() {
        let good = r#"{"name":"a/","type":"dir"},
            {"name":"a/f","type":"reg","size":10,"offset":100,"chunkSize":6,"chunkDigest":"SUM"},
            {"name":"a/f","type":"chunk","offset":200,"chunkOffset":6,"chunkDigest":"SUM"},
            {"name":"b","type":"hardlink","linkName":"./a/f"},
            {"name":"c","type":"hardlink","linkName":"b"},
            {"name":"e","type":"reg"},
            {"name":"g","type":"reg","size":1,"offset":300,"digest":"SUM"},
            {"name":"h","type":"reg","size":1,"offset":300,"innerOffset":512,"digest":"SUM"}"#;
        assert_eq!(found(good), []);
        for (from, to, code, path) in [
            ("\"b\",", "\"./a//f\",", Code::TableDuplicate, "./a//f"),
            (
                ":6,\"chunkDigest\":\"SUM\"",
                ":6",
                Code::TableNoDigest,
                "a/f",
            ),
            (
                "\"chunkOffset\":6",
                "\"chunkOffset\":5",
                Code::TableChunks,
                "a/f",
            ),
            (
                "\"chunkOffset\":6",
                "\"chunkOffset\":7",
                Code::TableChunks,
                "a/f",
            ),
            ("\"size\":10", "\"size\":6", Code::TableChunks, "a/f"),
            ("200", "1000", Code::TableOffset, "a/f"),
            ("200", "0", Code::TableOffset, "a/f"),
            ("200", "100", Code::TableOffset, "a/f"),
            ("512", "0", Code::TableOffset, "h"),
            ("\"b\"}", "\"c\"}", Code::TableLink, "c"),
            ("./a/f", "c", Code::TableLink, "b"),
            ("./a/f", "x", Code::TableLink, "b"),
            ("./a/f", "a", Code::TableLink, "b"),
            ("\"dir\"", "\"door\"", Code::TableType, "a/"),
            ("\"reg\"}", "\"chunk\"}", Code::TableChunks, "e"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            let expected = (code, path.to_owned());
            assert!(found(&bad).contains(&expected), "{to}: {:?}", found(&bad));
        }
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_links_is_followed() {
        let links: Vec<_> = (0..100_000)
            .map(|index| {
                let next = index + 1;
                format!(r#"{{"name":"{index}","type":"hardlink","linkName":"{next}"}}"#)
            })
            .collect();
        assert_eq!(found(&links.join(",")).len(), 1000);
    }
}
