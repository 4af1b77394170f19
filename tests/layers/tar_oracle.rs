//! Archives are read as Go's archive/tar reads them: `oracle/` is the judge, over samples and their mutations.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use waybill_blobs::tar::{Entry, Event, Reader, Reason, TarError};
use waybill_testkit::oracle;
pub(crate) use waybill_testkit::oracle::{answers, behind_length};

use super::archives::{pax, samples, sum};

/// What a file holds of which the oracle hashes the bytes.
const HASHED: i64 = 1 << 16;

/// Numbers that look random and are the same each time.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).expect("a place")
    }
}

/// Reads an archive in pieces, and writes it as the oracle does.
/// `None` where the oracle says nothing: it does not read a sparse file that is large.
fn list(archive: &[u8], numbers: &mut Numbers) -> Option<String> {
    let mut reader = Reader::new();
    let mut entries: Vec<(Entry, Vec<u8>)> = Vec::new();
    let mut tell = |event: Event<'_>| match event {
        Event::Entry(entry) => entries.push((*entry, Vec::new())),
        Event::Data(data) => entries.last_mut().expect("an entry").1.extend(data),
    };
    let mut rest = archive;
    let mut read = Ok(());
    while !rest.is_empty() && read.is_ok() {
        let (piece, more) = rest.split_at(rest.len().min(1 + numbers.next(1500)));
        read = reader.push(piece, &mut tell);
        rest = more;
    }
    let ended = read.and_then(|()| reader.finish().map(drop));
    let is_cut = |error: &TarError| error.reason == Reason::SparseData;
    let is_cut = ended.as_ref().is_err_and(is_cut);
    let mut text = String::new();
    for (place, (entry, data)) in entries.iter().enumerate() {
        let is_cut = is_cut && place + 1 == entries.len();
        line(&mut text, entry, (!is_cut).then_some(data));
    }
    let is_large = entries
        .last()
        .is_some_and(|(entry, _)| entry.size >= HASHED);
    match ended {
        Err(_) if is_cut && is_large => return None,
        Err(_) => text.push_str("error\n"),
        Ok(()) => {}
    }
    Some(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn line(text: &mut String, entry: &Entry, data: Option<&Vec<u8>>) {
    if entry.kind == b'g' {
        let _ = writeln!(text, "{} global", hex(&entry.name));
        return;
    }
    let mut xattrs: Vec<_> = entry
        .xattrs
        .iter()
        .map(|(name, value)| [&hex(name), "=", &hex(value)].concat())
        .collect();
    xattrs.sort();
    let sum = match data.and_then(|data| unpacked(entry, data)) {
        _ if entry.size >= HASHED => "-".to_owned(),
        Some(content) => {
            let mut crc = flate2::Crc::new();
            crc.update(&content);
            format!("{}:{:08x}", content.len(), crc.sum())
        }
        None => "cut".to_owned(),
    };
    let Entry {
        size,
        mode,
        user,
        group,
        modified,
        device,
        ..
    } = entry;
    let mode = if *mode < 0 {
        format!("-{:o}", mode.unsigned_abs())
    } else {
        format!("{mode:o}")
    };
    let _ = writeln!(
        text,
        "{} {} {} {size} {mode} {user} {group} {} {} {}.{:09} {},{} [{}] {sum}",
        hex(&entry.name),
        entry.kind,
        hex(&entry.link),
        hex(&entry.user_name),
        hex(&entry.group_name),
        modified.seconds,
        modified.nanoseconds,
        device.0,
        device.1,
        xattrs.join(" "),
    );
}

/// The content of a file with its holes; `None` where the archive holds another number of bytes than it says.
fn unpacked(entry: &Entry, data: &[u8]) -> Option<Vec<u8>> {
    if entry.size >= HASHED {
        return None;
    }
    let size = usize::try_from(entry.size).unwrap_or_default();
    let Some(runs) = &entry.sparse else {
        let has_none = matches!(entry.kind, b'1'..=b'6');
        let is_whole = data.len() == if has_none { 0 } else { size };
        return is_whole.then(|| data.to_vec());
    };
    let mut content = vec![0; size];
    let mut rest = data;
    for (offset, length) in runs {
        let (offset, length) = (
            usize::try_from(*offset).ok()?,
            usize::try_from(*length).ok()?,
        );
        let (run, more) = rest.split_at_checked(length)?;
        content[offset..][..length].copy_from_slice(run);
        rest = more;
    }
    rest.is_empty().then_some(content)
}

/// Builds an oracle from a folder beside this file, where Go is there, and what it needs.
pub(crate) fn build_oracle(folder: &str, name: &str) -> Option<PathBuf> {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    oracle::build(&["layers/", folder].concat(), to)
}

/// Asks the oracle about many archives at once.
fn ask(program: &Path, archives: &[Vec<u8>]) -> Vec<String> {
    let bytes = archives.iter().flat_map(|archive| behind_length(archive));
    answers(program, bytes.collect())
}

/// Changes an archive here and there, and mostly puts the checksums right again, so that the change is looked at.
fn mutate(archive: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    let headers: Vec<_> = (0..bytes.len() / 512)
        .filter(|block| {
            let header = &mut bytes[block * 512..][..512].to_vec();
            let told = header[148..156].to_vec();
            sum(header);
            header[148..156] == told
        })
        .collect();
    for _ in 0..=numbers.next(3) {
        let block = if numbers.next(3) == 0 {
            numbers.next(bytes.len() / 512)
        } else {
            headers[numbers.next(headers.len())]
        };
        let fields = [
            0, 99, 100, 107, 124, 135, 136, 147, 156, 157, 257, 262, 263, 329, 345, 386, 398, 482,
            483, 508,
        ];
        let within = match numbers.next(3) {
            0 => fields[numbers.next(fields.len())],
            1 => numbers.next(512),
            _ => numbers.next(60),
        };
        let values = *b"\0 0127=/.-+x\n,\x80\xff\xc0LKSg57";
        bytes[block * 512 + within] = match numbers.next(4) {
            0 => u8::try_from(numbers.next(256)).expect("a byte"),
            _ => values[numbers.next(values.len())],
        };
    }
    if numbers.next(8) != 0 {
        for block in headers {
            sum(&mut bytes[block * 512..][..512]);
        }
    }
    match numbers.next(8) {
        0 => bytes.truncate(numbers.next(archive.len())),
        1 => {
            let block = numbers.next(archive.len() / 512) * 512;
            bytes.drain(block..(block + 512).min(bytes.len()));
        }
        _ => {}
    }
    bytes
}

#[test]
fn archives_are_read_as_go_reads_them() {
    let Some(oracle) = build_oracle("oracle", "tar-oracle") else {
        let _ = std::io::stderr()
            .write_all(b"\n*** ARCHIVES NOT COMPARED WITH GO'S: go is not here.\n\n");
        return;
    };
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let samples = samples();
    let count: usize = std::env::var("WAYBILL_TAR_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5_000);
    let mutated = (0..count).map(|case| mutate(&samples[case % samples.len()], &mut numbers));
    let archives: Vec<_> = samples
        .iter()
        .cloned()
        .chain(mutated.collect::<Vec<_>>())
        .collect();
    let expected = ask(&oracle, &archives);
    let mut differ = 0;
    for (case, (archive, expected)) in archives.iter().zip(&expected).enumerate() {
        let Some(found) = list(archive, &mut numbers) else {
            continue;
        };
        if found != *expected {
            differ += 1;
            if differ <= 5 {
                let path =
                    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("differs-{case}.tar"));
                std::fs::write(&path, archive).expect("a file");
                eprintln!(
                    "case {case} ({}):\n  here\n{found}  Go\n{expected}",
                    path.display()
                );
            }
        }
    }
    assert_eq!(differ, 0, "of {}", archives.len());
}

/// Headers of 1 MiB that a reader may only go over once: compressed they are a thousand times smaller, so each of them
/// has to take no longer than what it is unpacked to.
#[test]
fn large_headers_are_read_in_no_more_time_than_their_length() {
    let mut numbers = b"500000\n".to_vec();
    numbers.resize(1 << 20, b'\n');
    numbers
        .iter_mut()
        .skip(7)
        .step_by(2)
        .for_each(|byte| *byte = b'1');
    let map = [
        pax(
            b'x',
            &[
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.realsize", "9"),
            ],
        ),
        super::archives::file("map", &numbers),
    ];
    let names: Vec<_> = (0..80_000).map(|name| format!("{name:05}")).collect();
    let records: Vec<_> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let records = [pax(b'x', &records), super::archives::file("records", b"")];
    let begun = std::time::Instant::now();
    for (archive, expected) in [(map, Err(Reason::TooLong)), (records, Ok(()))] {
        let read = Reader::new().push(&archive.concat(), &mut |_| {});
        assert_eq!(read.map_err(|error| error.reason), expected);
    }
    // Gone over again for each block, or each record, they take minutes.
    assert!(begun.elapsed() < std::time::Duration::from_secs(15));
}
