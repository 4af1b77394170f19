//! Reads and writes archives of images without a page: JSON, one object a line. `--help` says how.

#![allow(clippy::expect_used, reason = "each says why it holds")]

mod save;

use std::ffi::OsString;
use std::fs::{self, File};
use std::future::Future;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use serde::Serialize;
use waybill_blobs::archive::{
    Archive, Files, FolderFile, Form, Holds, Judgement, Opened, Outer, ReadError, Source, Verdict,
    open,
};
use waybill_blobs::path::escape;
use waybill_blobs::sniff::Compression;
use waybill_core::digest::Digest;
use waybill_core::finding::Severity;
use waybill_core::media_type::MediaType;

const HELP: &str = "\
Says which images an archive holds and what is wrong with it: JSON, one object a line.

usage: cargo run -p waybill-blobs --example archive -- list FILE_OR_FOLDER
       cargo run -p waybill-blobs --example archive -- verify FILE_OR_FOLDER
       cargo run -p waybill-blobs --example archive -- save --as FORM [OPTION...] FILE_OR_FOLDER OUT

  list      reads headers and documents; of layers only those without which a digest is not known: the compressed
            ones of an archive that holds no manifest
  verify    reads and hashes everything
  save      writes images as another archive, by default all; every byte is hashed, and OUT has its name only once it
            is whole; what is there already is not touched
    --as oci-archive      an OCI layout and a docker archive in one tar file: every blob as it is
    --as docker-archive   byte for byte what skopeo writes: layers unpacked, and no manifest
    --as dir              skopeo's dir:, a folder; a tar file where OUT ends in .tar
    --image NAME_OR_DIGEST           this one, with all that it lists
    --format oci|v2s2|v2s1           as skopeo converts an image; v2s1 is not signed, and only for dir
    --compress gzip|zstd|none        layers compressed anew; zstd by an encoder that is quick and takes more room
  --help    print this

for list and verify each object has a kind; first:
  archive   form: docker-archive, oci-archive, oci-layout (a folder), hybrid (a docker-archive and an oci-archive at
            once), dir, docker-legacy (docker before 1.10), root-file-system (docker export), none; compression of the
            whole: none, gzip, zstd; what it is instead, where the form is none
then, for each image, an index being followed by what it lists:
  image     names as they are written; mediaType, digest and size of its manifest, null where that is not known; made:
            the archive has no manifest, and the digest is of the one that skopeo makes; platform, null where nothing
            tells it; layers, how many; of an index instead manifests, the digests that it lists; complete: all that it
            names is in the archive; with verify also verdict (verified, mismatch, not checked) and causes
then:
  finding   code, severity (error, warning, note), path, message
what is not UTF-8 in a path, and a backslash, is written as \\xNN

for save there is one object:
  saved     as, path and size of what was written; its images with names, mediaType and digest (made: the archive holds
            no manifest, and the digest is of the one that skopeo makes); leftOut, what it does not hold; lost, what a
            conversion left out
  refused   the reason why nothing was written

what is compressed as a whole is unpacked into a temporary file first, of at most 1 TiB

exit status: 0 nothing above a note was found, and with verify all images are verified
             1 findings above a note, or an image that is not verified
             2 a file is not readable or holds no images, or wrong usage
             of save: 0 all was written, 1 something was left out, 2 nothing was written
";

/// How many bytes are unpacked at once.
const PIECE: usize = 64 << 10;

/// One line of the output.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Archive {
        form: &'a str,
        compression: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        what: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    Image {
        names: &'a [String],
        media_type: Option<&'a str>,
        digest: Option<&'a str>,
        size: Option<u64>,
        made: bool,
        platform: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        layers: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        manifests: Option<Vec<&'a str>>,
        complete: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        verdict: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        causes: Option<&'a [String]>,
    },
    Finding {
        code: &'a str,
        severity: &'a str,
        path: String,
        message: &'a str,
    },
    Saved(&'a save::Saved),
    Refused {
        error: String,
    },
}

/// What was asked for.
struct Asked {
    path: PathBuf,
    does: Does,
}

/// What is done with an archive.
enum Does {
    List,
    Verify,
    Save(save::Asked),
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args_os().skip(1)) {
        Ok(Some(asked)) => asked,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprint!("archive: {wrong}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let mut output = BufWriter::new(io::stdout().lock());
    // Who reads the lines may have read enough.
    let status = tell(&asked, &mut output).unwrap_or_default();
    let _ = output.flush();
    ExitCode::from(status)
}

fn asked(arguments: impl Iterator<Item = OsString>) -> Result<Option<Asked>, String> {
    let (mut words, mut flags) = (Vec::new(), Vec::new());
    let mut only_words = false;
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        match &*text {
            _ if only_words || !text.starts_with('-') => words.push(argument),
            "--" => only_words = true,
            "--help" | "-h" => return Ok(None),
            _ if save::FLAGS.contains(&&*text) => {
                let value = arguments.next().and_then(|value| value.into_string().ok());
                flags.push((text, value));
            }
            _ => return Err(format!("no flag is called {text}")),
        }
    }
    let mut words = words.into_iter();
    let (command, path) = (words.next(), words.next());
    let (Some(command), Some(path)) = (command, path) else {
        return Err("a command and a file or folder are needed".to_owned());
    };
    let does = match &*command.to_string_lossy() {
        "list" => Does::List,
        "verify" => Does::Verify,
        "save" => {
            let out = words.next().ok_or("save needs a place to write to")?;
            Does::Save(save::Asked::of(std::mem::take(&mut flags), out.into())?)
        }
        other => return Err(format!("no command is called {other}")),
    };
    if words.next().is_some() || !flags.is_empty() {
        return Err("that is more than the command takes".to_owned());
    }
    let path = path.into();
    Ok(Some(Asked { path, does }))
}

/// Reads the archive, tells everything, and gives the exit status.
fn tell(asked: &Asked, output: &mut impl Write) -> io::Result<u8> {
    let mut compression = Compression::None;
    let read = read(asked, &mut compression);
    let compression = name(compression);
    let (archive, judged) = match read {
        Ok((place, mut archive, judged)) => {
            if let Does::Save(asked) = &asked.does {
                return tell_saved(save::save(&place, &mut archive, asked), output);
            }
            (archive, judged)
        }
        Err(error) if matches!(asked.does, Does::Save(_)) => return tell_saved(Err(error), output),
        Err(error) => {
            let line = Line::Archive {
                form: Form::None.name(),
                compression,
                what: None,
                error: Some(error),
            };
            write(output, &line)?;
            return Ok(2);
        }
    };
    let line = Line::Archive {
        form: archive.form.name(),
        compression,
        what: archive.what.as_deref(),
        error: None,
    };
    write(output, &line)?;
    for (number, image) in archive.images.iter().enumerate() {
        let judged = judged.as_ref().and_then(|judged| judged.get(number));
        let manifests = match &image.holds {
            Holds::Index(digests) => Some(digests.iter().map(Digest::as_str).collect()),
            Holds::Image { .. } | Holds::Unknown => None,
        };
        let line = Line::Image {
            names: &image.names,
            media_type: image.media_type.as_ref().map(MediaType::as_str),
            digest: image.digest.as_ref().map(Digest::as_str),
            size: image.size,
            made: image.made,
            platform: image.platform.as_ref().map(ToString::to_string),
            layers: image.layers().map(<[_]>::len),
            manifests,
            complete: image.complete,
            verdict: judged.map(|judged| judged.verdict.name()),
            causes: judged.map(|judged| &judged.causes[..]),
        };
        write(output, &line)?;
    }
    let mut worst = Severity::Note;
    for finding in &archive.findings {
        worst = worst.max(finding.severity());
        let line = Line::Finding {
            code: finding.code.name(),
            severity: finding.severity().name(),
            path: escape(&finding.path),
            message: &finding.message,
        };
        write(output, &line)?;
    }
    let is_verified = |judged: &Vec<Judgement>| {
        let mut judged = judged.iter();
        judged.all(|judged| judged.verdict == Verdict::Verified)
    };
    let is_good = worst == Severity::Note && judged.as_ref().is_none_or(is_verified);
    let holds_none = matches!(archive.form, Form::None | Form::RootFileSystem);
    Ok(if holds_none { 2 } else { u8::from(!is_good) })
}

/// Tells what was written, and gives the exit status.
fn tell_saved(saved: Result<save::Saved, String>, output: &mut impl Write) -> io::Result<u8> {
    match saved {
        Ok(saved) => {
            write(output, &Line::Saved(&saved))?;
            Ok(u8::from(!saved.left_out.is_empty()))
        }
        Err(error) => {
            write(output, &Line::Refused { error })?;
            Ok(2)
        }
    }
}

fn write(output: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    let text = serde_json::to_string(line).expect("names are texts");
    writeln!(output, "{text}")
}

fn name(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "none",
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::Bzip2 => "bzip2",
        Compression::Xz => "xz",
    }
}

/// An archive with what it is read from, and what was found of its images where all was read.
type Answer = (Place, Archive, Option<Vec<Judgement>>);

/// Opens the archive, and reads as much of it as was asked for.
fn read(asked: &Asked, compression: &mut Compression) -> Result<Answer, String> {
    let mut place = Place::of(&asked.path).map_err(|error| error.to_string())?;
    let mut opened = run(open(&place)).map_err(|error| error.to_string())?;
    if let Opened::Packed(packed) = opened {
        *compression = packed;
        place = unpacked(&mut place)?;
        opened = run(open(&place)).map_err(|error| error.to_string())?;
    }
    let Opened::Archive(mut archive) = opened else {
        return Err("what it unpacks to is compressed again".to_owned());
    };
    run(archive.measure(&place, &mut |_| {})).map_err(|error| error.to_string())?;
    let judged = if matches!(asked.does, Does::Verify) {
        let judged = run(archive.verify(&place, &mut |_| {}));
        Some(judged.map_err(|error| error.to_string())?)
    } else {
        None
    };
    Ok((place, *archive, judged))
}

/// Unpacks the whole into a temporary file, which goes when the program ends.
fn unpacked(packed: &mut Place) -> Result<Place, String> {
    let mut file = temporary().map_err(|error| error.to_string())?;
    let mut outer = Outer::new();
    let mut written = Ok(());
    let mut size = 0;
    let mut keep = |bytes: &[u8]| {
        size += bytes.len() as u64;
        if written.is_ok() {
            written = file.write_all(bytes);
        }
    };
    let Place::File(packed, _) = packed else {
        return Err("a folder is not compressed".to_owned());
    };
    let packed = packed.get_mut();
    let mut buffer = vec![0; PIECE];
    packed.rewind().map_err(|error| error.to_string())?;
    loop {
        let length = packed
            .read(&mut buffer)
            .map_err(|error| error.to_string())?;
        if length == 0 {
            break;
        }
        outer
            .push(&buffer[..length], &mut keep)
            .map_err(|error| error.to_string())?;
    }
    outer.finish(&mut keep).map_err(|error| error.to_string())?;
    written.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    Ok(Place::File(file.into(), size))
}

/// A file that has no name any more.
fn temporary() -> io::Result<File> {
    let name = format!("waybill-archive-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// What the archive is read from.
enum Place {
    /// A file and its size.
    File(std::cell::RefCell<File>, u64),
    /// The files of a folder with their sizes, and where each is.
    Folder(Vec<FolderFile>, Vec<PathBuf>),
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_dir() {
            let mut file = File::open(path)?;
            let size = file.seek(SeekFrom::End(0))?;
            return Ok(Self::File(file.into(), size));
        }
        let (mut files, mut paths) = (Vec::new(), Vec::new());
        let mut folders = vec![(path.to_owned(), Vec::new())];
        while let Some((folder, name)) = folders.pop() {
            let mut entries = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let own = entry.file_name();
                let path = waybill_blobs::path::join(&name, own.as_encoded_bytes());
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push((entry.path(), path));
                } else if kind.is_file() {
                    // A link may lead anywhere: it is not followed.
                    let size = entry.metadata()?.len();
                    files.push(FolderFile { path, size });
                    paths.push(entry.path());
                }
            }
        }
        Ok(Self::Folder(files, paths))
    }
}

impl Source for Place {
    fn files(&self) -> Files {
        match self {
            Self::File(_, size) => Files::One(*size),
            Self::Folder(files, _) => Files::Folder(files.clone()),
        }
    }

    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let read = |file: &mut File| {
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end - range.start;
            // With room for it from the start it is one read: no range is longer than 4 MiB.
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = match self {
            Self::File(file, _) => read(&mut file.borrow_mut()),
            Self::Folder(_, paths) => File::open(&paths[file]).and_then(|mut file| read(&mut file)),
        };
        bytes.map_err(|error: io::Error| ReadError::Failed(error.to_string()))
    }
}

/// Runs what waits for nothing but files, which do not make it wait.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
