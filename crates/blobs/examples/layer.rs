//! Reads layers without a page: JSON, one object a line. `--help` says how.

#![allow(clippy::expect_used, reason = "each says why it holds")]

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use serde::Serialize;
use waybill_blobs::finding::{Code, Stream, find};
use waybill_blobs::layer::{Found, Layer};
use waybill_blobs::listing::{EntryView, Kind, Listing};
use waybill_blobs::path::escape;
use waybill_blobs::sniff::Compression;
use waybill_blobs::tar::Event;
use waybill_blobs::tree::{Tree, entry};
use waybill_core::digest::Algorithm;
use waybill_core::finding::Severity;

const HELP: &str = "\
Says what layers are, what is in them, and what is wrong with them: JSON, one object a line.

usage: cargo run -p waybill-blobs --example layer -- [--flatten] FILE...

  FILE        the blob of a layer, compressed or not; - is standard input; of several the base comes first
  --flatten   only the entries of the file system that the layers are together, by the specification
  --help      print this

each object has a kind; first, for each file:
  layer       file as it was given, digest and size of its bytes; compression: gzip, zstd, none, or xz and bzip2, which
              are not unpacked; diffId, the digest of what it unpacks to, null where that fails; unpackedSize; entries,
              how many there are; error, only where the file is not readable: why
then, for each entry in its order, of the flattened ones by path:
  entry       layer it comes from, the base being 0; path, as it is written, of the flattened ones without . and ..;
              type: file, dir, symlink, hardlink, char, block, fifo, or global and unknown for what is none of these;
              mode in octal, uid, gid, size; mtime in whole seconds since 1970; link, null where it is none
then:
  finding     code, severity (error, warning, note), layer, path, message
last:
  total       of all layers together
what is not UTF-8 in a path or a link, and a backslash, is written as \\xNN

exit status: 0 nothing above a note was found
             1 findings above a note
             2 a file is not readable or holds no archive, or wrong usage
";

/// How many bytes are read at once.
const PIECE: usize = 64 << 10;

/// One line of the output.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    #[serde(rename_all = "camelCase")]
    Layer {
        file: &'a str,
        digest: Option<String>,
        size: Option<u64>,
        compression: Option<&'static str>,
        diff_id: Option<String>,
        unpacked_size: Option<u64>,
        entries: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    Entry {
        layer: usize,
        path: String,
        r#type: &'static str,
        mode: String,
        uid: i64,
        gid: i64,
        size: u64,
        mtime: i64,
        link: Option<String>,
    },
    Finding {
        code: &'static str,
        severity: &'static str,
        layer: Option<usize>,
        path: String,
        message: &'a str,
    },
    Total {},
}

/// What was asked for.
#[derive(Default)]
struct Asked {
    files: Vec<OsString>,
    flatten: bool,
    help: bool,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args_os().skip(1)) {
        Ok(asked) if asked.help => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(asked) => asked,
        Err(wrong) => {
            eprint!("layer: {wrong}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let mut output = BufWriter::new(io::stdout().lock());
    // Who reads the lines may have read enough.
    let status = tell(&asked, &mut output).unwrap_or_default();
    ExitCode::from(status)
}

fn asked(arguments: impl Iterator<Item = OsString>) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut only_files = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        match &*text {
            _ if only_files || text == "-" || !text.starts_with('-') => asked.files.push(argument),
            "--flatten" => asked.flatten = true,
            "--" => only_files = true,
            "--help" | "-h" => asked.help = true,
            _ => return Err(format!("no flag is called {text}")),
        }
    }
    if asked.files.is_empty() && !asked.help {
        return Err("no file was given".to_owned());
    }
    Ok(asked)
}

/// Reads all files, tells everything, and gives the exit status.
fn tell(asked: &Asked, output: &mut impl Write) -> io::Result<u8> {
    let (mut layers, mut found) = (Vec::new(), Vec::new());
    let mut is_readable = true;
    for file in &asked.files {
        let mut listing = Listing::new();
        let name = file.to_string_lossy();
        let read = read(file, &mut listing);
        is_readable &= read.is_ok();
        write(output, &layer(&name, &read, &listing))?;
        found.push(read.ok());
        layers.push(listing);
    }
    let tree = Tree::flatten(&layers);
    if asked.flatten {
        for version in tree.walk() {
            // A directory that nobody wrote is in no layer.
            let Some(view) = version.place().and_then(|place| entry(&layers, place)) else {
                continue;
            };
            let path = tree.path(version.node);
            write(output, &of_entry(version.layer as usize, &path, &view))?;
        }
    } else {
        for (layer, listing) in layers.iter().enumerate() {
            for view in listing.entries() {
                write(output, &of_entry(layer, view.name, &view))?;
            }
        }
    }
    let streams: Vec<_> = found
        .iter()
        .map(|found| Stream {
            found: found.as_ref(),
            media_type: None,
        })
        .collect();
    let findings = find(&tree, &layers, &streams);
    for finding in &findings {
        write(
            output,
            &Line::Finding {
                code: finding.code.rule().name,
                severity: finding.severity().name(),
                layer: finding.layer,
                path: escape(&finding.path),
                message: &finding.message,
            },
        )?;
    }
    write(output, &Line::Total {})?;
    output.flush()?;
    let is_archive = !findings.iter().any(|finding| finding.code == Code::NotTar);
    let is_good = findings.iter().all(|it| it.severity() == Severity::Note);
    Ok(match (is_readable && is_archive, is_good) {
        (false, _) => 2,
        (true, good) => u8::from(!good),
    })
}

/// Reads a file piece by piece.
fn read(file: &OsStr, listing: &mut Listing) -> io::Result<Found> {
    let mut input: Box<dyn Read> = if file == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file)?)
    };
    let mut layer = Layer::new(Algorithm::Sha256);
    let mut tell = |event: Event<'_>| match event {
        Event::Entry(entry) => listing.push(&entry),
        Event::Data(_) => {}
    };
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(layer.finish(&mut tell)),
            Ok(read) => layer.push(&piece[..read], &mut tell),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn layer<'a>(file: &'a str, read: &io::Result<Found>, listing: &Listing) -> Line<'a> {
    let found = read.as_ref().ok();
    let diff_id = found.and_then(|found| found.diff_id.as_ref().ok());
    Line::Layer {
        file,
        digest: found.map(|found| found.digest.to_string()),
        size: found.map(|found| found.size),
        compression: found.map(|found| match found.compression {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
        }),
        diff_id: diff_id.map(ToString::to_string),
        unpacked_size: found.map(|found| found.unpacked_size),
        entries: found.map(|_| listing.totals().entries),
        error: read.as_ref().err().map(ToString::to_string),
    }
}

fn of_entry(layer: usize, path: &[u8], view: &EntryView<'_>) -> Line<'static> {
    Line::Entry {
        layer,
        path: escape(path),
        r#type: match view.kind {
            Kind::File => "file",
            Kind::Directory => "dir",
            Kind::SymbolicLink => "symlink",
            Kind::HardLink => "hardlink",
            Kind::CharacterDevice => "char",
            Kind::BlockDevice => "block",
            Kind::Pipe => "fifo",
            Kind::GlobalHeader => "global",
            Kind::Other(_) => "unknown",
        },
        mode: format!("{:04o}", view.mode),
        uid: view.user,
        gid: view.group,
        size: view.size,
        mtime: view.modified.seconds,
        link: matches!(view.kind, Kind::SymbolicLink | Kind::HardLink).then(|| escape(view.link)),
    }
}

fn write(output: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    let line = serde_json::to_string(line).expect("names are texts");
    writeln!(output, "{line}")
}
