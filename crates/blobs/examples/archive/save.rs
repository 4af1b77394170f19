//! `archive save`: images of an archive, written as another one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use waybill_blobs::archive::{Archive, Contents, CopyError, Holds, Image, Source, Stored};
use waybill_blobs::pack::Packer;
use waybill_blobs::sniff::{self, Compression, SNIFFED};
use waybill_core::conversion::{
    ConfigBytes, Converted, Document, EMPTY_LAYER_BYTES, Form, Lost, Packing, ReadLayer, Repacked,
    convert, from_schema1, of_docker_archive, with_layers,
};
use waybill_core::digest::{Algorithm, Digest, Hasher};
use waybill_core::finding::Severity;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Format, Manifest};
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::save::{
    self, Check, Content, LeftOut, Piece, Root, Unpacked, docker_archive, folder_of_schema1,
    oci_archive,
};

use super::{PIECE, Place, run, temporary};

/// The flags, each with a value.
pub(crate) const FLAGS: &[&str] = &["--as", "--image", "--format", "--compress"];

/// What was asked for.
pub(crate) struct Asked {
    form: To,
    image: Option<String>,
    format: Option<Form>,
    packing: Option<Packing>,
    out: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    OciArchive,
    DockerArchive,
    Folder,
}

/// What was written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Saved {
    r#as: &'static str,
    path: String,
    size: u64,
    images: Vec<SavedImage>,
    pub(crate) left_out: Vec<String>,
    lost: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedImage {
    names: Vec<String>,
    media_type: Option<String>,
    digest: String,
    made: bool,
}

impl Asked {
    /// Reads flags with their values.
    pub(crate) fn of(flags: Vec<(String, Option<String>)>, out: PathBuf) -> Result<Self, String> {
        let (mut form, mut image, mut format, mut packing) = (None, None, None, None);
        for (flag, value) in flags {
            let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
            let unknown = || format!("{flag} does not take {value:?}");
            match &*flag {
                "--as" => {
                    form = Some(match &*value {
                        "oci-archive" => To::OciArchive,
                        "docker-archive" => To::DockerArchive,
                        "dir" => To::Folder,
                        _ => return Err(unknown()),
                    });
                }
                "--format" => {
                    format = Some(match &*value {
                        "oci" => Form::Oci(ConfigBytes::AsSkopeo),
                        "v2s2" => Form::DockerSchema2,
                        // skopeo writes no name into a folder.
                        "v2s1" => Form::DockerSchema1 {
                            name: String::new(),
                            tag: String::new(),
                        },
                        _ => return Err(unknown()),
                    });
                }
                "--compress" => {
                    let named = Packing::ALL.into_iter().find(|it| it.name() == value);
                    packing = Some(named.ok_or_else(unknown)?);
                }
                _ => image = Some(value),
            }
        }
        let form = form.ok_or("save needs --as")?;
        let is_schema1 = matches!(format, Some(Form::DockerSchema1 { .. }));
        if is_schema1 && (form != To::Folder || packing.is_some()) {
            return Err("v2s1 is written as dir only, of layers as they are".to_owned());
        }
        Ok(Self {
            form,
            image,
            format,
            packing,
            out,
        })
    }
}

/// Writes the images that were asked for. Where it fails nothing is there under the name.
pub(crate) fn save(place: &Place, archive: &mut Archive, asked: &Asked) -> Result<Saved, String> {
    if fs::symlink_metadata(&asked.out).is_ok() {
        return Err(format!("{} is there already", asked.out.display()));
    }
    let chosen = chosen(archive, asked.image.as_deref())?;
    let contents = run(archive.contents(place, &chosen)).map_err(|error| error.to_string())?;
    let mut lost = Vec::new();
    let mut roots: Vec<Root> = chosen.iter().filter_map(|it| root(archive, *it)).collect();
    let mut writer = Writer {
        place,
        archive,
        contents,
        spool: BTreeMap::new(),
        file: RefCell::new(temporary().map_err(|error| error.to_string())?),
    };
    for root in &mut roots {
        if let Some(form) = &asked.format {
            let converted = writer.convert(&root.digest, form)?;
            root.digest = writer.take(converted, &mut lost)?;
        }
        if let Some(packing) = asked.packing {
            let converted = writer.repack(&root.digest, packing)?;
            root.digest = writer.take(converted, &mut lost)?;
        }
    }
    let plan = writer.plan(asked.form, &roots)?;
    for file in &plan.files {
        writer.check_here(&file.content)?;
    }
    let is_folder = asked.form == To::Folder && asked.out.extension().is_none_or(|it| it != "tar");
    let size = writer.write(&plan, &asked.out, is_folder)?;
    Ok(Saved {
        r#as: match asked.form {
            To::OciArchive => "oci-archive",
            To::DockerArchive => "docker-archive",
            To::Folder => "dir",
        },
        path: asked.out.display().to_string(),
        size,
        images: writer.saved(&plan, &roots)?,
        left_out: plan.left_out.iter().map(left_out).collect(),
        lost: lost.iter().map(place_of).collect(),
    })
}

/// The places of the images that are saved: those of that name or digest, or all that no index
/// lists.
fn chosen(archive: &Archive, asked: Option<&str>) -> Result<Vec<usize>, String> {
    let whole = |name: &str| name.parse().map(|name: Reference| name.to_string()).ok();
    let is_asked = |image: &Image| match asked {
        Some(asked) => {
            let own = image.digest.as_ref().map(Digest::as_str);
            let is_name = |name: &String| name == asked || whole(name) == whole(asked);
            own == Some(asked) || image.names.iter().any(is_name)
        }
        // Of a list docker's part of an archive names one image, by the name of the list.
        None => !archive.images.iter().any(|other| {
            let is_named = |name: &String| other.names.iter().any(|it| whole(it) == whole(name));
            let lists = match (&other.holds, &image.digest) {
                (Holds::Index(digests), Some(digest)) => digests.contains(digest),
                _ => false,
            };
            lists && image.names.iter().all(is_named)
        }),
    };
    let images = archive.images.iter().enumerate();
    let chosen: Vec<usize> = images
        .filter(|(_, image)| is_asked(image))
        .map(|(number, _)| number)
        .collect();
    if chosen.is_empty() {
        return Err("the archive has no such image".to_owned());
    }
    for number in &chosen {
        let image = &archive.images[*number];
        if image.refused || image.digest.is_none() {
            let is_its = |it: &&waybill_blobs::archive::Finding| {
                it.image.is_none_or(|it| it == *number) && it.severity() == Severity::Error
            };
            let why = archive.findings.iter().find(is_its);
            let why = why.map_or("its digest is not known", |finding| &*finding.message);
            return Err(format!("an image cannot be saved: {why}"));
        }
    }
    Ok(chosen)
}

/// An image with the names that another archive can hold.
fn root(archive: &Archive, number: usize) -> Option<Root> {
    let image = &archive.images[number];
    let names = image.names.iter().filter_map(|name| name.parse().ok());
    Some(Root {
        digest: image.digest.clone()?,
        names: names.collect(),
    })
}

fn left_out(left: &LeftOut) -> String {
    match left {
        LeftOut::NotHere(digest) => format!("{digest} is not in the archive"),
        LeftOut::NotDistributed(digest) => format!("{digest} is not distributed with its image"),
    }
}

fn place_of(lost: &Lost) -> String {
    let document = match lost.document {
        Document::Manifest => "manifest",
        Document::Config => "config",
    };
    format!("{document}{}", lost.pointer.as_str())
}

/// Writes from an archive, and from what was compressed anew.
struct Writer<'a> {
    place: &'a Place,
    archive: &'a mut Archive,
    contents: Contents,
    /// Where in `file` a layer stands that was made here, and its size.
    spool: BTreeMap<Digest, (u64, u64)>,
    file: RefCell<File>,
}

impl Writer<'_> {
    fn manifest(&self, digest: &Digest) -> Result<Manifest, String> {
        let bytes = self.contents.document(digest);
        let bytes = bytes.ok_or_else(|| format!("the manifest {digest} is not in the archive"))?;
        let read = Manifest::read(bytes, &DeclaredTypes::none());
        let (manifest, _) = read.map_err(|error| error.to_string())?;
        if manifest.image().is_none() {
            return Err(format!(
                "{digest} is a list: choose one of its images by --image"
            ));
        }
        Ok(manifest)
    }

    fn config(&self, manifest: &Manifest) -> Option<std::rc::Rc<[u8]>> {
        let config = manifest.image()?.config.as_ref()?;
        self.contents.document(config.digest.as_ref()?)
    }

    /// An image in another format.
    fn convert(&mut self, digest: &Digest, form: &Form) -> Result<Converted, String> {
        let manifest = self.manifest(digest)?;
        let is_schema1 = matches!(
            manifest.format,
            Format::DockerSchema1 | Format::DockerSchema1Signed
        );
        let converted = if is_schema1 {
            let mut layers = Vec::new();
            for layer in manifest.image().map_or(&[][..], |image| &image.layers) {
                let stored = layer.digest.as_ref().and_then(|it| self.contents.blob(it));
                let Some(stored) = stored else {
                    layers.push(None);
                    continue;
                };
                let unpacked = run(self.archive.unpacked(self.place, stored, &mut |_| {}));
                let unpacked = unpacked.map_err(|error| error.to_string())?;
                layers.push(unpacked.map(|Unpacked { diff_id, .. }| ReadLayer {
                    size: stored.place.size,
                    diff_id,
                }));
            }
            from_schema1(&manifest, &layers, form)
        } else {
            let config = self.config(&manifest).unwrap_or_default();
            convert(&manifest, &config, form)
        };
        converted.map_err(|refusal| refusal.to_string())
    }

    /// An image with its layers compressed in that way; those that are so stay as they are.
    fn repack(&mut self, digest: &Digest, packing: Packing) -> Result<Converted, String> {
        let manifest = self.manifest(digest)?;
        let config = self.config(&manifest).unwrap_or_default();
        let config: serde_json::Value = serde_json::from_slice(&config).unwrap_or_default();
        let mut layers = Vec::new();
        for (number, layer) in manifest
            .image()
            .map_or(&[][..], |it| &it.layers)
            .iter()
            .enumerate()
        {
            let missing = || format!("layer {number} is not in the archive");
            let digest = layer.digest.as_ref().ok_or_else(missing)?;
            let stored = self.contents.blob(digest).ok_or_else(missing)?;
            let stated = layer.media_type.as_ref().map(Packing::of);
            if self.packing(stored)? == Some(packing) && stated == Some(packing) {
                layers.push(None);
                continue;
            }
            let diff_id = config["rootfs"]["diff_ids"][number].as_str();
            layers.push(Some(self.pack(stored, packing, diff_id)?));
        }
        with_layers(&manifest, &layers).map_err(|refusal| refusal.to_string())
    }

    /// How a blob is compressed, by its first bytes.
    fn packing(&self, stored: Stored) -> Result<Option<Packing>, String> {
        let place = stored.place;
        let end = place.end().min(place.offset + SNIFFED as u64);
        if stored.unpacks || end == place.offset {
            return Ok(Some(Packing::None));
        }
        let first = run(self.place.read(place.file, place.offset..end));
        let first = first.map_err(|error| error.to_string())?;
        Ok(match sniff::compression(&first) {
            Compression::None => Some(Packing::None),
            Compression::Gzip => Some(Packing::Gzip),
            Compression::Zstd => Some(Packing::Zstd),
            Compression::Bzip2 | Compression::Xz => None,
        })
    }

    /// Compresses a layer anew into the temporary file. What it unpacks to has to be what the
    /// config says.
    fn pack(
        &mut self,
        stored: Stored,
        packing: Packing,
        diff_id: Option<&str>,
    ) -> Result<Repacked, String> {
        let mut file = self.file.borrow_mut();
        let start = file
            .seek(SeekFrom::End(0))
            .map_err(|error| error.to_string())?;
        let mut out = BufWriter::new(&mut *file);
        let (mut size, mut written) = (0, Ok(()));
        let (mut packed, mut unpacked) = (
            Hasher::new(Algorithm::Sha256),
            Hasher::new(Algorithm::Sha256),
        );
        let mut packer = Packer::new(packing.into());
        let mut keep = |bytes: &[u8]| {
            size += bytes.len() as u64;
            packed.update(bytes);
            if written.is_ok() {
                written = out.write_all(bytes);
            }
        };
        let copied = run(stored.copy(self.place, true, &mut |bytes| {
            unpacked.update(bytes);
            packer.push(bytes, &mut keep);
            Ok::<(), String>(())
        }));
        copied.map_err(words)?;
        packer.finish(&mut keep);
        written
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())?;
        let unpacked = unpacked.finish();
        if diff_id != Some(unpacked.as_str()) {
            return Err(format!(
                "a layer unpacks to {unpacked}, and the config says {diff_id:?}"
            ));
        }
        let digest = packed.finish();
        drop(out);
        drop(file);
        self.spool.insert(digest.clone(), (start, size));
        Ok(Repacked {
            digest,
            size,
            packing,
        })
    }

    /// Takes what an image became; its digest.
    fn take(&mut self, converted: Converted, lost: &mut Vec<Lost>) -> Result<Digest, String> {
        lost.extend(converted.lost);
        if let Some(config) = &converted.config {
            self.contents.add(config);
        }
        if converted.names_empty_layer {
            let mut file = self.file.borrow_mut();
            let start = file.seek(SeekFrom::End(0));
            let written = start.and_then(|start| Ok((start, file.write_all(&EMPTY_LAYER_BYTES)?)));
            let (start, ()) = written.map_err(|error| error.to_string())?;
            let place = (start, EMPTY_LAYER_BYTES.len() as u64);
            self.spool.insert(Digest::sha256(&EMPTY_LAYER_BYTES), place);
        }
        Ok(self.contents.add(&converted.manifest))
    }

    /// Which files are written. A docker archive has to know what its layers unpack to.
    fn plan(&mut self, form: To, roots: &[Root]) -> Result<save::Archive, String> {
        let mut unpacked = BTreeMap::new();
        if form == To::DockerArchive {
            for root in roots {
                let manifest = self.manifest(&root.digest)?;
                for layer in manifest.image().map_or(&[][..], |image| &image.layers) {
                    if let Some(digest) = &layer.digest
                        && let Some(found) = self.unpacked(digest)?
                    {
                        unpacked.insert(digest.clone(), found);
                    }
                }
            }
        }
        let here = |digest: &Digest| self.contents.document(digest);
        let size = |digest: &Digest| {
            let spooled = self.spool.get(digest).map(|(_, size)| *size);
            spooled.or_else(|| Some(self.contents.blob(digest)?.place.size))
        };
        let plan = match form {
            To::OciArchive => oci_archive(roots, &here),
            To::DockerArchive => docker_archive(roots, &here, &|it| unpacked.get(it).cloned()),
            To::Folder => folder_of_schema1(roots, &here, &size),
        };
        plan.map_err(|error| error.to_string())
    }

    /// What a layer unpacks to. One that was compressed here is unpacked again: it is a file
    /// of its own then.
    fn unpacked(&mut self, digest: &Digest) -> Result<Option<Unpacked>, String> {
        if let Some(stored) = self.contents.blob(digest) {
            let found = run(self.archive.unpacked(self.place, stored, &mut |_| {}));
            return found.map_err(|error| error.to_string());
        }
        if !self.spool.contains_key(digest) {
            return Ok(None);
        }
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let mut size = 0;
        self.read(digest, true, &mut |bytes| {
            hasher.update(bytes);
            size += bytes.len() as u64;
            Ok(())
        })?;
        let diff_id = hasher.finish();
        Ok(Some(Unpacked { diff_id, size }))
    }

    fn check_here(&self, content: &Content) -> Result<(), String> {
        let (Content::Blob(blob) | Content::Unpacked(blob, _)) = content else {
            return Ok(());
        };
        let is_here =
            self.spool.contains_key(&blob.digest) || self.contents.blob(&blob.digest).is_some();
        is_here
            .then_some(())
            .ok_or_else(|| format!("{} is not in the archive", blob.digest))
    }

    /// Reads a blob, or what it unpacks to.
    fn read(
        &self,
        digest: &Digest,
        unpacked: bool,
        tell: &mut dyn FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some((start, size)) = self.spool.get(digest).copied() else {
            let stored = self.contents.blob(digest);
            let stored = stored.ok_or_else(|| format!("{digest} is not in the archive"))?;
            return run(stored.copy(self.place, unpacked, tell)).map_err(words);
        };
        let file = self
            .file
            .borrow()
            .try_clone()
            .map_err(|error| error.to_string())?;
        let place = Place::File(file.into(), start + size);
        let place_of = waybill_blobs::archive::Place {
            file: 0,
            offset: start,
            size,
        };
        let stored = Stored {
            place: place_of,
            unpacks: false,
        };
        run(stored.copy(&place, unpacked, tell)).map_err(words)
    }

    /// Writes the archive beside its name, and gives it the name once it is whole; its size.
    fn write(&self, plan: &save::Archive, out: &Path, is_folder: bool) -> Result<u64, String> {
        let name = out.file_name().ok_or("the place to write to has no name")?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}", std::process::id()));
        let beside = Unfinished(out.with_file_name(hidden));
        let text = |error: io::Error| error.to_string();
        let size = if is_folder {
            fs::create_dir(&beside.0).map_err(text)?;
            for file in &plan.files {
                Self::write_file(&beside.0.join(&file.path), |out| match &file.content {
                    Content::Bytes(bytes) => out.write_all(bytes).map_err(text),
                    content => self.write_content(content, out),
                })?;
            }
            plan.files.iter().map(|file| file.content.size()).sum()
        } else {
            Self::write_file(&beside.0, |out| {
                for piece in plan.pieces() {
                    match piece {
                        Piece::Bytes(bytes) => out.write_all(&bytes).map_err(text)?,
                        Piece::Content(content) => self.write_content(content, out)?,
                    }
                }
                Ok(())
            })?;
            plan.size()
        };
        fs::rename(&beside.0, out).map_err(text)?;
        Ok(size)
    }

    fn write_file(
        path: &Path,
        fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut file = BufWriter::with_capacity(
            16 * PIECE,
            File::create_new(path).map_err(|error| error.to_string())?,
        );
        fill(&mut file)?;
        let written = file.flush().and_then(|()| file.get_ref().sync_all());
        written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
    }

    /// Writes a blob, and holds every byte of it to its digest.
    fn write_content(&self, content: &Content, out: &mut impl Write) -> Result<(), String> {
        let (Content::Blob(blob) | Content::Unpacked(blob, _)) = content else {
            return Ok(());
        };
        let Some((digest, size)) = content.expected() else {
            return Ok(());
        };
        let wrong = |wrong: save::Wrong| format!("{}: {wrong}", blob.digest);
        let mut check = Check::of(digest, size).map_err(wrong)?;
        let unpacked = matches!(content, Content::Unpacked(..));
        self.read(&blob.digest, unpacked, &mut |bytes| {
            check.take(bytes).map_err(wrong)?;
            out.write_all(bytes).map_err(|error| error.to_string())
        })?;
        check.finish().map_err(wrong)
    }

    /// What stands in the archive, each under the digest by which readers know it.
    fn saved(&self, plan: &save::Archive, roots: &[Root]) -> Result<Vec<SavedImage>, String> {
        let mut images = Vec::new();
        for root in roots {
            let names = root.names.iter().filter(|name| name.tag().is_some());
            let unpacked: BTreeMap<&Digest, &Unpacked> = plan
                .files
                .iter()
                .filter_map(|file| match &file.content {
                    Content::Unpacked(blob, unpacked) => Some((&blob.digest, unpacked)),
                    Content::Bytes(_) | Content::Blob(_) | Content::Link(_) => None,
                })
                .collect();
            let mut image = SavedImage {
                names: names
                    .map(|name| name.without_digest().to_string())
                    .collect(),
                media_type: None,
                digest: root.digest.to_string(),
                made: false,
            };
            let bytes = self.contents.document(&root.digest).unwrap_or_default();
            let read = Manifest::read(bytes, &DeclaredTypes::none());
            let (manifest, _) = read.map_err(|error| error.to_string())?;
            let is_docker = plan.files.iter().any(|file| file.path == "repositories");
            let config = manifest.image().and_then(|image| image.config.as_ref());
            if is_docker
                && let Some(config) = config
                && let (Some(digest), Some(size)) = (&config.digest, config.size)
            {
                let layers = manifest.image().map_or(&[][..], |image| &image.layers);
                let layers = layers.iter().filter_map(|layer| {
                    let unpacked = unpacked.get(layer.digest.as_ref()?)?;
                    Some((&unpacked.diff_id, unpacked.size))
                });
                let made = of_docker_archive((digest, size), &layers.collect::<Vec<_>>());
                image.digest = Digest::sha256(&made).to_string();
                image.media_type = Some(MediaType::DOCKER_SCHEMA2.to_string());
                image.made = true;
            } else {
                let media_type = manifest.format.media_type();
                image.media_type = media_type.map(|media_type| media_type.to_string());
            }
            images.push(image);
        }
        Ok(images)
    }
}

fn words(error: CopyError<String>) -> String {
    match error {
        CopyError::Read(error) => error.to_string(),
        CopyError::Unpack(error) => error.to_string(),
        CopyError::Taker(words) => words,
    }
}

/// What is being written, under a name of its own. It goes where it did not get its own name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // One of them it is, or neither, where it was renamed.
        let _ = fs::remove_file(&self.0);
        let _ = fs::remove_dir_all(&self.0);
    }
}
