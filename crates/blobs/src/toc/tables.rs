//! The tables of an image's layers, as the worker holds them that holds the image's files.

use std::collections::BTreeMap;

use waybill_core::digest::{Algorithm, Hasher};

use super::message::{Seal, TableCommand, TableEvent};
use super::{
    Announced, Fetch, Fetched, FileFetch, Format, Problems, SplitArchive, Step, Table, TarSplit,
};
use crate::extract::Extracted;
use crate::finding::{Code, Finding, Told};
use crate::listing::Listing;
use crate::path::{self, Cleaned};

/// How much of a file is asked for in one request, in bytes (4 MiB).
const REQUEST: u64 = 4 << 20;
/// How much of a file is told at once, in bytes (1 MiB).
const TOLD: usize = 1 << 20;
/// How many problems of a table, or differences from its archive, are told.
const PROBLEMS: usize = 100;

/// The tables of an image's layers: fetched, held against their archives, and read by for single
/// files.
///
/// It fetches nothing. What it needs it tells, and whoever brings the bytes says so with the next
/// [`TableCommand`].
#[derive(Debug, Default)]
pub struct Tables {
    held: BTreeMap<u32, Held>,
    /// The file that is being read.
    file: Option<Reading>,
}

#[derive(Debug)]
enum Held {
    Coming(Box<Coming>),
    Here(Box<Here>),
}

#[derive(Debug)]
struct Coming {
    announced: Announced,
    fetch: Fetch,
    requests: u32,
    bytes: u64,
}

#[derive(Debug)]
struct Here {
    table: Table,
    /// All that is wrong with it by itself.
    problems: Problems,
}

#[derive(Debug)]
struct Reading {
    number: u32,
    fetch: FileFetch,
    hasher: Hasher,
    size: u64,
}

/// Takes what is told, with the bytes beside it.
type Tell<'a> = &'a mut dyn FnMut(TableEvent, Option<Vec<u8>>);

impl Tables {
    /// Without any.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a command, and the bytes beside it where it has some.
    pub fn hear(&mut self, command: TableCommand, beside: &[u8], tell: Tell<'_>) {
        match command {
            TableCommand::Begin(number, stated) => {
                self.held.remove(&number);
                if let Some((announced, fetch, step)) = stated.begin() {
                    let coming = Coming {
                        announced,
                        fetch,
                        requests: 0,
                        bytes: 0,
                    };
                    self.step(number, coming, step, tell);
                }
            }
            TableCommand::Bytes(number, offset) => {
                if let Some(Held::Coming(mut coming)) = self.held.remove(&number) {
                    coming.bytes += beside.len() as u64;
                    let step = coming.fetch.answer(offset, beside);
                    self.step(number, *coming, step, tell);
                }
            }
            TableCommand::File { file, table, entry } => self.begin_file(file, table, entry, tell),
            TableCommand::FileBytes(file) => self.take_file(file, beside, tell),
        }
    }

    fn step(&mut self, number: u32, mut coming: Coming, step: Step, tell: Tell<'_>) {
        match step {
            Step::Need(range) => {
                coming.requests += 1;
                self.held.insert(number, Held::Coming(Box::new(coming)));
                tell(TableEvent::Need(number, range), None);
            }
            Step::Failed(error) => {
                let failed = TableEvent::Failed {
                    table: number,
                    why: error.to_string(),
                    is_wrong: error.is_wrong(),
                };
                tell(failed, None);
            }
            Step::Done(fetched) => {
                let here = Here::of(*fetched);
                if let Some(seal) = here.seal(number, &coming) {
                    self.held.insert(number, Held::Here(Box::new(here)));
                    tell(TableEvent::Sealed(number, Box::new(seal)), None);
                }
            }
        }
    }

    fn here(&self, number: u32) -> Option<&Here> {
        match self.held.get(&number)? {
            Held::Here(here) => Some(here),
            Held::Coming(_) => None,
        }
    }

    /// Takes the listings of all layers, base first, and which of them have which table. A layer
    /// without a listing is listed from its table, where that is here; one that has both is
    /// compared. What is told back beside the listings are the findings of the tables.
    pub fn open(
        &self,
        listings: Vec<Option<Listing>>,
        tables: &[(u32, u32)],
        tell: Tell<'_>,
    ) -> (Vec<Listing>, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut open = |(layer, listing): (u32, Option<Listing>)| {
            let table = tables.iter().find(|(of, _)| *of == layer);
            let Some(here) = table.and_then(|(_, table)| self.here(*table)) else {
                return listing.unwrap_or_default();
            };
            let mut problems = here.problems.clone();
            let listing = if let Some(mut listing) = listing {
                problems.append(here.compare(&listing));
                listing.forget_parts();
                let (differences, left_out) = told(&problems, layer);
                let compared = TableEvent::Compared {
                    layer,
                    differences,
                    left_out,
                };
                tell(compared, None);
                listing
            } else {
                here.table.listing()
            };
            findings.extend(problems.findings(layer as usize).into_iter().map(placed));
            listing
        };
        let listings = (0..).zip(listings).map(&mut open).collect();
        (listings, findings)
    }

    fn begin_file(&mut self, number: u32, table: u32, entry: u64, tell: Tell<'_>) {
        self.file = None;
        let here = self.here(table);
        let begun = here.map(|here| {
            let entry = usize::try_from(entry).unwrap_or(usize::MAX);
            FileFetch::new(&here.table, entry)
        });
        match begun {
            Some(Ok(fetch)) => {
                self.file = Some(Reading {
                    number,
                    fetch,
                    hasher: Hasher::new(Algorithm::Sha256),
                    size: 0,
                });
                self.go_on(tell);
            }
            Some(Err(error)) => tell(TableEvent::FileFailed(number, error.to_string()), None),
            None => {
                let why = "its table of contents is not here".to_owned();
                tell(TableEvent::FileFailed(number, why), None);
            }
        }
    }

    fn take_file(&mut self, number: u32, bytes: &[u8], tell: Tell<'_>) {
        let Some(file) = self.file.as_mut().filter(|file| file.number == number) else {
            return;
        };
        let Reading {
            fetch,
            hasher,
            size,
            ..
        } = file;
        let mut gathered = Vec::new();
        let pushed = fetch.push(bytes, &mut |piece| {
            hasher.update(piece);
            *size += piece.len() as u64;
            gathered.extend_from_slice(piece);
            if gathered.len() >= TOLD {
                let piece = std::mem::take(&mut gathered);
                tell(TableEvent::FilePiece(number), Some(piece));
            }
        });
        if let Err(error) = pushed {
            self.file = None;
            tell(TableEvent::FileFailed(number, error.to_string()), None);
            return;
        }
        if !gathered.is_empty() {
            tell(TableEvent::FilePiece(number), Some(gathered));
        }
        self.go_on(tell);
    }

    /// Asks for the next bytes of the file, or ends it.
    fn go_on(&mut self, tell: Tell<'_>) {
        let Some(file) = self.file.take() else {
            return;
        };
        let number = file.number;
        if let Some(range) = file.fetch.need() {
            let end = range.end.min(range.start.saturating_add(REQUEST));
            tell(TableEvent::FileNeed(number, range.start..end), None);
            self.file = Some(file);
            return;
        }
        let event = match file.fetch.finish() {
            Ok(proof) => {
                let found = Extracted {
                    digest: file.hasher.finish(),
                    size: file.size,
                    is_whole: true,
                };
                TableEvent::FileDone(number, found, proof)
            }
            Err(error) => TableEvent::FileFailed(number, error.to_string()),
        };
        tell(event, None);
    }
}

impl Here {
    fn of(fetched: Fetched) -> Self {
        let Fetched {
            table,
            tar_split,
            mut problems,
        } = fetched;
        problems.append(table.check());
        if let TarSplit::Checked(packed) = tar_split {
            match SplitArchive::read(&packed) {
                Ok(split) => problems.append(split.compare(&table)),
                Err(error) => problems.push(Code::TarSplit, b"", error),
            }
        }
        Self { table, problems }
    }

    fn compare(&self, listing: &Listing) -> Problems {
        let left_out = listing.totals().left_out;
        if left_out == 0 {
            return self.table.compare(listing);
        }
        let mut problems = Problems::default();
        let message = format!("{left_out} entries of the archive are not listed");
        problems.push(Code::TableNotCompared, b"", message);
        problems
    }

    fn seal(&self, number: u32, coming: &Coming) -> Option<Seal> {
        let (problems, left_out) = told(&self.problems, number);
        let announced = &coming.announced;
        let format = self.table.format();
        let (packed, unpacked) = (&announced.packed_digest, &announced.unpacked_digest);
        let digest = match format {
            Format::ZstdChunked => packed.as_ref().or(unpacked.as_ref()),
            Format::Estargz => unpacked.as_ref(),
        }?;
        Some(Seal {
            format,
            is_packed: format == Format::ZstdChunked && packed.is_some(),
            digest: digest.clone(),
            entries: self.table.entries().len() as u64,
            requests: coming.requests,
            bytes: coming.bytes,
            problems,
            left_out,
        })
    }
}

/// Problems as they are told, and how many are not.
fn told(problems: &Problems, layer: u32) -> (Vec<Told>, u64) {
    let findings = problems.findings(layer as usize);
    let more = findings.len().saturating_sub(PROBLEMS) as u64;
    let told = findings.iter().take(PROBLEMS).map(Told::of).collect();
    (told, problems.left_out() + more)
}

/// The finding at the path that engines make of the name, where the tree has it.
fn placed(finding: Finding) -> Finding {
    match path::clean(&finding.path) {
        Cleaned::Path(path) => Finding { path, ..finding },
        Cleaned::Outside => finding,
    }
}
