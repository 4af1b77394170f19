//! Opens an archive: its entries, then what they are together, then the images.

use std::collections::BTreeSet;

use waybill_core::recognize::recognize;

use super::finding::{Code, Findings};
use super::image::{IMAGES, Image};
use super::index::Index;
use super::source::{Files, ReadError, Source, read};
use super::{Archive, Form, Opened, document, entries, verify};
use crate::path::escape;
use crate::sniff::{self, Compression};
use crate::tar::BLOCK;

/// How many of the first bytes are looked at to say what no archive is.
const FIRST: u64 = 4 << 10;
/// Folders that a root file system has at its top.
const ROOT_FOLDERS: [&[u8]; 10] = [
    b"bin", b"dev", b"etc", b"lib", b"proc", b"root", b"sbin", b"sys", b"usr", b"var",
];

/// Opens an archive: reads its headers and documents, and nothing of its layers but the first
/// bytes of some.
///
/// An error is one of the source's; whatever is wrong with the archive is a finding.
pub async fn open<S: Source>(source: &S) -> Result<Opened, ReadError> {
    let mut what = None;
    if let Files::One(size) = source.files() {
        let first = read(source, 0, 0..size.min(FIRST)).await?;
        let compression = sniff::compression(&first);
        if matches!(compression, Compression::Gzip | Compression::Zstd) {
            return Ok(Opened::Packed(compression));
        }
        what = no_archive(&first);
    }
    let index = if what.is_some() {
        Index::default()
    } else {
        Index::read(source).await?
    };
    let mut reading = Reading {
        source,
        index,
        images: Vec::new(),
        findings: Findings::default(),
        documents: 0,
        compared: 0,
    };
    let form = reading.run().await?;
    let what = what.or_else(|| {
        let is_none = form == Form::None;
        is_none.then(|| reading.no_images())
    });
    let mut archive = Archive {
        form,
        what,
        index: reading.index,
        images: reading.images,
        findings: reading.findings.0,
        known: verify::Known::default(),
    };
    // What needs no layer to be unpacked is made at once.
    archive.make_manifests();
    archive.settle();
    Ok(Opened::Archive(Box::new(archive)))
}

/// What the first bytes are, where they do not begin an archive.
fn no_archive(first: &[u8]) -> Option<String> {
    if first.is_empty() {
        return Some("an empty file".to_owned());
    }
    let block = first.get(..BLOCK);
    let begins = block.is_some_and(|block| {
        let mut reader = crate::tar::Reader::new();
        reader.push(block, &mut |_| {}).is_ok()
    });
    if begins {
        return None;
    }
    let known = recognize(first);
    Some(known.map_or_else(|| "no archive".to_owned(), |known| known.name))
}

/// An archive while it is opened.
pub(super) struct Reading<'s, S> {
    pub(super) source: &'s S,
    pub(super) index: Index,
    pub(super) images: Vec<Image>,
    pub(super) findings: Findings,
    /// How many bytes of documents were read so far.
    pub(super) documents: u64,
    /// How many bytes were read to compare entries of one name.
    pub(super) compared: u64,
}

impl<S: Source> Reading<'_, S> {
    async fn run(&mut self) -> Result<Form, ReadError> {
        entries::find(&self.index, &mut self.findings);
        if let Some(folder) = self.index.enter_folder() {
            let message = format!("all of it stands in {}", escape(folder));
            self.findings.add(Code::InFolder, None, folder, message);
        }
        let form = self.form().await?;
        let is_image = !matches!(form, Form::RootFileSystem | Form::None);
        if is_image {
            entries::find_special(&self.index, &mut self.findings);
            self.compare_duplicates().await?;
        }
        match form {
            Form::DockerArchive => {
                self.docker_archive().await?;
            }
            Form::OciArchive | Form::OciLayout => self.layout().await?,
            Form::Hybrid => {
                self.layout().await?;
                self.docker_archive().await?;
            }
            Form::Directory => self.directory().await?,
            Form::Legacy => self.legacy().await?,
            Form::RootFileSystem | Form::None => {}
        }
        Ok(form)
    }

    /// Finds the form by the documents at the top, each by its last entry.
    async fn form(&mut self) -> Result<Form, ReadError> {
        let has_layout = self.index.has(b"index.json") || self.index.has(b"oci-layout");
        if self.index.has(b"manifest.json") {
            let bytes = self.peek(b"manifest.json").await?;
            let is_array = bytes.first() == Some(&b'[');
            // An object is skopeo's; what is neither is a broken one of docker's.
            let is_directory = bytes.first() == Some(&b'{') && !has_layout;
            return Ok(match (has_layout, is_directory) {
                (_, true) => Form::Directory,
                (true, false) if is_array => Form::Hybrid,
                // The specification allows any file of that name in a layout.
                (true, false) => self.layout_form(),
                (false, false) => Form::DockerArchive,
            });
        }
        if has_layout {
            return Ok(self.layout_form());
        }
        if self.index.has(b"version")
            && self
                .peek(b"version")
                .await?
                .starts_with(b"Directory Transport Version")
        {
            return Ok(Form::Directory);
        }
        let is_whole = !matches!(self.index.state.end, Some(Err(_)));
        if is_whole && (self.index.has(b"repositories") || self.has_legacy_folder()) {
            return Ok(Form::Legacy);
        }
        Ok(self.form_by_names())
    }

    fn layout_form(&self) -> Form {
        match self.source.files() {
            Files::One(_) => Form::OciArchive,
            Files::Folder(_) => Form::OciLayout,
        }
    }

    fn has_legacy_folder(&self) -> bool {
        self.index.paths().any(|(path, _)| {
            let id = path.strip_suffix(b"/layer.tar");
            id.is_some_and(|id| self.index.has(&[id, b"/json"].concat()))
        })
    }

    /// What it may be without a document that says so.
    fn form_by_names(&self) -> Form {
        let mut tops = BTreeSet::new();
        for (path, _) in self.index.paths() {
            tops.extend(path.split(|byte| *byte == b'/').next());
        }
        let roots = ROOT_FOLDERS.iter().filter(|name| tops.contains(*name));
        if roots.count() >= 2 || tops.contains(&b".dockerenv"[..]) {
            return Form::RootFileSystem;
        }
        // An archive that was cut off before its documents.
        let mut paths = self.index.paths().map(|(path, _)| path);
        if paths.any(|path| path.starts_with(b"blobs/sha256/")) {
            return self.layout_form();
        }
        let is_hex = |name: &[u8]| name.len() == 64 && name.iter().all(u8::is_ascii_hexdigit);
        let mut paths = self.index.paths().map(|(path, _)| path);
        let is_layer = |path: &[u8]| {
            let name = path
                .strip_suffix(b"/layer.tar")
                .or_else(|| path.strip_suffix(b".tar"));
            name.is_some_and(is_hex)
        };
        if paths.any(is_layer) {
            return Form::DockerArchive;
        }
        Form::None
    }

    /// What an archive is that holds no images.
    fn no_images(&self) -> String {
        let what = match self.source.files() {
            Files::Folder(files) if files.is_empty() => "an empty folder",
            Files::Folder(_) => "a folder of other files",
            Files::One(_) if self.index.entries().is_empty() => "an empty tar archive",
            Files::One(_) => "a tar archive of other files",
        };
        what.to_owned()
    }

    /// Takes an image up, and gives its place; `None` where there are too many.
    pub(super) fn push(&mut self, image: Image) -> Option<usize> {
        if self.images.len() >= IMAGES {
            let message = format!("only the first {IMAGES} are listed");
            self.findings.add(Code::ImagesLeftOut, None, b"", message);
            return None;
        }
        self.images.push(image);
        Some(self.images.len() - 1)
    }

    /// The first bytes of a file that are not blank; none where there is no such file.
    async fn peek(&mut self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        let Ok(found) = self.index.resolve(path) else {
            return Ok(Vec::new());
        };
        let range = found.place.offset..found.place.offset + found.place.size.min(64);
        let bytes = read(self.source, found.place.file, range).await?;
        let bytes = document::without_mark(&bytes);
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
        Ok(bytes[start.unwrap_or(bytes.len())..].to_vec())
    }
}
