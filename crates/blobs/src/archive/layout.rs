//! OCI image layouts, and what they have in common with `dir:`: manifests by their digests, from
//! the top down.
//!
//! Source: image-spec `image-layout.md`; containers/image `oci/layout`.

use std::collections::BTreeMap;

use waybill_core::descriptor::Descriptor;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::finding as core_finding;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Content, Image as ImageManifest, Manifest};
use waybill_core::media_type::MediaType;
use waybill_core::verify::{Expected, explain};

use super::blobs::{Config, Store};
use super::document::{member, value, without_mark, wrapped};
use super::finding::Code;
use super::image::{Blob, Holds, Image};
use super::index::Resolved;
use super::reading::Reading;
use super::source::{ReadError, Source};
use crate::path::escape;

/// A manifest that is to be read.
pub(super) struct Named {
    descriptor: Descriptor,
    /// Whether the top document names it, so that its name counts.
    is_top: bool,
}

impl<S: Source> Reading<'_, S> {
    /// Reads an OCI layout.
    pub(super) async fn layout(&mut self) -> Result<(), ReadError> {
        self.layout_version().await?;
        let tops = self.index.at(b"index.json").to_vec();
        if tops.is_empty() {
            let message = "index.json is not in the archive, so no image is named";
            self.findings
                .add(Code::DocumentInvalid, None, b"index.json", message);
        }
        for top in tops {
            let name = b"index.json";
            let Some((found, bytes)) = self.top(top, name).await? else {
                continue;
            };
            let told = DeclaredTypes {
                descriptor: Some(MediaType::OCI_INDEX),
                ..DeclaredTypes::none()
            };
            let digest = Digest::sha256(&bytes);
            let size = bytes.len() as u64;
            let Some(manifest) = self.read_manifest(bytes, &told, None, name) else {
                continue;
            };
            let Content::List(list) = manifest.content else {
                self.invalid(None, name, "it is no index");
                continue;
            };
            if is_list_of_platforms(&list.entries) {
                let digests = list.entries.iter().filter_map(|entry| entry.digest.clone());
                let image = Image {
                    media_type: Some(MediaType::OCI_INDEX),
                    digest: Some(digest),
                    size: Some(size),
                    manifest: Some(found),
                    holds: Holds::Index(digests.collect()),
                    is_here: true,
                    ..Image::new(Vec::new())
                };
                let place = self.push(image);
                let message = format!(
                    "its {} entries have platforms and no names: they may be one index together",
                    list.entries.len()
                );
                self.findings.add(Code::IndexIsList, place, name, message);
            }
            let named = list.entries.into_iter().map(|descriptor| Named {
                descriptor,
                is_top: true,
            });
            self.descend(named.collect(), Store::Layout).await?;
        }
        Ok(())
    }

    async fn layout_version(&mut self) -> Result<(), ReadError> {
        let name = b"oci-layout";
        let Ok(found) = self.index.resolve(name) else {
            let message = "oci-layout is not in the archive";
            self.findings.add(Code::LayoutVersion, None, name, message);
            return Ok(());
        };
        let Some(bytes) = self.document(found, None, name).await? else {
            return Ok(());
        };
        let wrapped = wrapped(&bytes);
        let version = value(&wrapped).ok().and_then(|(value, _)| {
            let version = member(&value, "imageLayoutVersion")?;
            version.as_str().map(str::to_owned)
        });
        if version.as_deref() != Some("1.0.0") {
            let message = match version {
                Some(version) => format!("oci-layout is of version {version:?}, not 1.0.0"),
                None => "oci-layout tells no version".to_owned(),
            };
            self.findings.add(Code::LayoutVersion, None, name, message);
        }
        Ok(())
    }

    /// Reads manifests and what they name, depth first and in their order, each digest once.
    pub(super) async fn descend(
        &mut self,
        mut named: Vec<Named>,
        store: Store,
    ) -> Result<(), ReadError> {
        let mut known = BTreeMap::new();
        named.reverse();
        while let Some(next) = named.pop() {
            let descriptor = next.descriptor;
            let name = descriptor.name().filter(|_| next.is_top);
            let Some(digest) = &descriptor.digest else {
                let message = format!(
                    "{} names no digest",
                    if descriptor.pointer.as_str().is_empty() {
                        "an entry"
                    } else {
                        descriptor.pointer.as_str()
                    }
                );
                self.findings.add(Code::DocumentInvalid, None, b"", message);
                continue;
            };
            if let Some(place) = known.get(digest).copied() {
                let image = self.images.get_mut::<usize>(place);
                if let (Some(image), Some(name)) = (image, name) {
                    image.add_name(name);
                }
                continue;
            }
            let image = Image {
                media_type: descriptor.media_type.clone(),
                digest: Some(digest.clone()),
                size: descriptor.size,
                platform: descriptor.platform.clone(),
                ..Image::new(name.map(str::to_owned).into_iter().collect())
            };
            let Some(place) = self.push(image) else {
                break;
            };
            known.insert(digest.clone(), place);
            let mut children = self
                .read_named(place, &descriptor, next.is_top, store)
                .await?;
            children.reverse();
            named.extend(children);
        }
        Ok(())
    }

    /// Reads the manifest of an image that was taken up, and gives what it lists.
    async fn read_named(
        &mut self,
        place: usize,
        descriptor: &Descriptor,
        is_top: bool,
        store: Store,
    ) -> Result<Vec<Named>, ReadError> {
        let Some(digest) = &descriptor.digest else {
            return Ok(Vec::new());
        };
        let (path, found) = store.find(&self.index, digest, true);
        let found = match found {
            Ok(found) => found,
            Err(lost) => {
                let code = if is_top {
                    Code::BlobMissing
                } else {
                    Code::ManifestMissing
                };
                self.missing(Some(place), &path, lost, code);
                return Ok(Vec::new());
            }
        };
        self.check_links(place, &path, found);
        let is_manifest = descriptor
            .media_type
            .as_ref()
            .is_none_or(MediaType::is_manifest);
        if let Some(image) = self.images.get_mut(place) {
            image.manifest = Some(found);
            // What is no manifest is named by index.json and is there: that is allowed.
            image.is_here = !is_manifest;
        }
        if !is_manifest {
            return Ok(Vec::new());
        }
        let Some(bytes) = self.document(found, Some(place), &path).await? else {
            return Ok(Vec::new());
        };
        let matches = self.compare_manifest(place, descriptor, &bytes, &path);
        let told = DeclaredTypes {
            descriptor: descriptor.media_type.clone(),
            digest_matched: matches,
            ..DeclaredTypes::none()
        };
        let Some(manifest) = self.read_manifest(bytes, &told, Some(place), &path) else {
            return Ok(Vec::new());
        };
        if let Some(image) = self.images.get_mut(place) {
            image.is_here = true;
            if image.media_type.is_none() {
                image.media_type = manifest.format.media_type();
            }
        }
        self.take_content(place, manifest.content, store).await
    }

    /// Compares a manifest with its descriptor, which skopeo and crane do not.
    fn compare_manifest(
        &mut self,
        place: usize,
        descriptor: &Descriptor,
        bytes: &[u8],
        path: &[u8],
    ) -> bool {
        let size = bytes.len() as u64;
        let Some(digest) = &descriptor.digest else {
            return false;
        };
        let differs = match digest.check(bytes) {
            Some(true) => match descriptor.size.filter(|stated| *stated != size) {
                Some(stated) => {
                    let message = format!("{} has {size} bytes, {stated} are stated", escape(path));
                    self.findings
                        .add(Code::BlobSize, Some(place), path, message);
                    Some(format!("it has {size} bytes, {stated} are stated"))
                }
                None => None,
            },
            Some(false) => {
                let explained = explain(bytes, &Expected::from(digest.clone()));
                let algorithm = digest.algorithm().unwrap_or(Algorithm::Sha256);
                let why = match explained.cause() {
                    Some(cause) => cause.sentence.clone(),
                    None => format!("it hashes to {}", Digest::compute(algorithm, bytes)),
                };
                let message = format!("{} is not what its digest names: {why}", escape(path));
                self.findings
                    .add(Code::ManifestDiffers, Some(place), path, message);
                Some(why)
            }
            None => None,
        };
        let matches = differs.is_none();
        if let Some(image) = self.images.get_mut(place) {
            image.differs = differs;
        }
        matches
    }

    /// Reads the bytes of a manifest, and tells what readers differ over.
    pub(super) fn read_manifest(
        &mut self,
        bytes: Vec<u8>,
        told: &DeclaredTypes,
        image: Option<usize>,
        name: &[u8],
    ) -> Option<Manifest> {
        let (manifest, findings) = match Manifest::read(bytes, told) {
            Ok(read) => read,
            Err(error) => {
                self.invalid(image, name, error);
                return None;
            }
        };
        let is_twice = |finding: &&core_finding::Finding| {
            matches!(
                finding.code,
                core_finding::Code::DuplicateName | core_finding::Code::CaseVariantName
            )
        };
        if let Some(finding) = findings.iter().find(is_twice) {
            self.ambiguous(image, name, &finding.message);
        } else if manifest.ambiguous {
            self.ambiguous(image, name, "it is more than one kind of manifest at once");
        }
        Some(manifest)
    }

    /// Takes what a manifest holds for its image, and gives what it lists.
    pub(super) async fn take_content(
        &mut self,
        place: usize,
        content: Content,
        store: Store,
    ) -> Result<Vec<Named>, ReadError> {
        let (holds, children) = match content {
            Content::List(list) => {
                let digests = list.entries.iter().filter_map(|entry| entry.digest.clone());
                let holds = Holds::Index(digests.collect());
                let children = list.entries.into_iter().map(|descriptor| Named {
                    descriptor,
                    is_top: false,
                });
                (holds, children.collect())
            }
            Content::Image(image) => (self.take_image(place, &image, store).await?, Vec::new()),
            Content::Unknown => (Holds::Unknown, Vec::new()),
        };
        if let Some(image) = self.images.get_mut(place) {
            image.holds = holds;
        }
        self.check_blobs(place).await?;
        Ok(children)
    }

    async fn take_image(
        &mut self,
        place: usize,
        image: &ImageManifest,
        store: Store,
    ) -> Result<Holds, ReadError> {
        let config = image.config.as_ref().map(|config| self.blob(config, store));
        let mut layers: Vec<Blob> = image
            .layers
            .iter()
            .map(|layer| self.blob(layer, store))
            .collect();
        let is_image = config.as_ref().is_some_and(|config| {
            let media_type = config.media_type.as_ref();
            media_type.is_none_or(MediaType::is_image_config) && image.artifact().is_none()
        });
        let found = config.as_ref().and_then(|config| config.found.ok());
        if let (true, Some(found), Some(blob)) = (is_image, found, &config) {
            self.read_config(place, found, &blob.path, &mut layers)
                .await?;
        }
        // Old manifests carry the config inside.
        let inline = image.inline_config.as_ref();
        if let (Some(inline), Some(image)) = (inline, self.images.get_mut(place))
            && image.platform.is_none()
        {
            image.platform = inline.platform().cloned();
        }
        Ok(Holds::Image {
            config: config.map(Box::new),
            layers,
        })
    }

    async fn read_config(
        &mut self,
        place: usize,
        found: Resolved,
        path: &[u8],
        layers: &mut [Blob],
    ) -> Result<(), ReadError> {
        let Some(bytes) = self.document(found, Some(place), path).await? else {
            return Ok(());
        };
        match Config::read(without_mark(&bytes)) {
            Ok(config) => {
                if let Some(image) = self.images.get_mut(place)
                    && image.platform.is_none()
                {
                    image.platform.clone_from(&config.platform);
                }
                self.pair(place, layers, &config, path);
            }
            Err(why) => {
                let message = format!("{} cannot be read: {why}", escape(path));
                self.findings
                    .add(Code::ConfigInvalid, Some(place), path, message);
            }
        }
        Ok(())
    }
}

/// Whether the entries of `index.json` are the platforms of one image, which no entry names.
fn is_list_of_platforms(entries: &[Descriptor]) -> bool {
    entries.len() > 1
        && entries
            .iter()
            .all(|entry| entry.platform.is_some() && entry.name().is_none())
}
