//! `manifest.json` of docker archives, and images made of it.
//!
//! Source: moby `image/tarexport`; containers/image `docker/internal/tarfile`.

use waybill_core::conversion::of_docker_archive;
use waybill_core::digest::Digest;
use waybill_core::json::Value;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;

use super::blobs::{Config, claimed};
use super::document::{member, texts, value, without_mark, wrapped};
use super::finding::Code;
use super::image::{Blob, Holds, Image};
use super::index::Lost;
use super::reading::Reading;
use super::source::{ReadError, Source};
use super::verify::Known;
use super::{Archive, legacy};
use crate::path::escape;
use crate::sniff::Compression;

/// skopeo and podman read no longer `manifest.json`.
const SKOPEO_BYTES: u64 = 1 << 20;

/// One object of `manifest.json`.
pub(super) struct Item {
    pub(super) names: Vec<String>,
    pub(super) config: String,
    pub(super) layers: Vec<String>,
    /// What `LayerSources` says: the key, and the size and digest of its descriptor.
    sources: Vec<LayerSource>,
}

struct LayerSource {
    key: String,
    size: Option<u64>,
    digest: Option<String>,
}

impl Item {
    fn of(value: &Value<'_>) -> Option<Self> {
        let config = member(value, "Config")?.as_str()?.to_owned();
        let sources = member(value, "LayerSources").and_then(Value::as_object);
        let sources = sources.into_iter().flat_map(|sources| {
            sources.iter().map(|(key, source)| LayerSource {
                key: key.to_owned(),
                size: member(source, "size").and_then(Value::as_u64),
                digest: member(source, "digest")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            })
        });
        Some(Self {
            names: texts(member(value, "RepoTags")),
            config,
            layers: texts(member(value, "Layers")),
            sources: sources.collect(),
        })
    }
}

impl<S: Source> Reading<'_, S> {
    /// Reads `manifest.json`: each of them, where there are several.
    pub(super) async fn docker_archive(&mut self) -> Result<(), ReadError> {
        let name = b"manifest.json";
        let tops = self.index.at(name).to_vec();
        if tops.is_empty() {
            let message = "manifest.json is not in the archive, so no image is named";
            self.findings
                .add(Code::DocumentInvalid, None, name, message);
        }
        let before = self.images.len();
        for top in tops {
            let Some((_, bytes)) = self.top(top, name).await? else {
                continue;
            };
            if bytes.len() as u64 > SKOPEO_BYTES {
                let message = format!("manifest.json has {} bytes", bytes.len());
                self.findings.add(Code::DocumentLarge, None, name, message);
            }
            for item in self.items(&bytes, name) {
                if !self.take_item(item).await? {
                    break;
                }
            }
        }
        // Where there is an index too, both should name the same.
        if before > 0 {
            self.compare_lists(before);
        }
        Ok(())
    }

    fn items(&mut self, bytes: &[u8], name: &[u8]) -> Vec<Item> {
        let wrapped = wrapped(bytes);
        let (value, odd) = match value(&wrapped) {
            Ok(read) => read,
            Err(why) => {
                self.invalid(None, name, why);
                return Vec::new();
            }
        };
        if let Some(odd) = odd {
            self.ambiguous(None, name, &odd);
        }
        let Some(values) = value.as_array() else {
            self.invalid(None, name, "it is no array");
            return Vec::new();
        };
        let items: Vec<_> = values.iter().map(Item::of).collect();
        if items.iter().any(Option::is_none) {
            self.invalid(None, name, "an image in it names no config");
        }
        items.into_iter().flatten().collect()
    }

    /// Takes an image up, or adds its names to one that is the same; false where there are too
    /// many.
    async fn take_item(&mut self, item: Item) -> Result<bool, ReadError> {
        let path = item.config.as_bytes().to_vec();
        let found = self.index.resolve(&path);
        let mut config = Blob {
            media_type: Some(MediaType::DOCKER_CONFIG),
            ..Blob::at(path.clone(), found)
        };
        let layers = item.layers.iter().map(|layer| {
            let path = layer.as_bytes().to_vec();
            let found = self.index.resolve(&path);
            Blob::at(path, found)
        });
        let mut layers: Vec<_> = layers.collect();
        let mut bytes = None;
        if let Ok(found) = found {
            bytes = self.document(found, Some(self.images.len()), &path).await?;
            config.digest = bytes.as_deref().map(Digest::sha256);
            config.size = Some(found.place.size);
        }
        if let Some(place) = self.same_image(&config, &layers) {
            if let Some(image) = self.images.get_mut(place) {
                image.is_in_docker = true;
                for name in &item.names {
                    image.add_name(name);
                }
            }
            self.check_names(place, &item.names);
            return Ok(true);
        }
        let image = Image {
            media_type: Some(MediaType::DOCKER_SCHEMA2),
            made: true,
            is_here: true,
            is_in_docker: true,
            ..Image::new(Vec::new())
        };
        let Some(place) = self.push(image) else {
            return Ok(false);
        };
        self.check_names(place, &item.names);
        let mut platform = None;
        if let Some(bytes) = bytes {
            self.check_config_name(place, &config);
            match Config::read(without_mark(&bytes)) {
                Ok(read) => {
                    self.pair(place, &mut layers, &read, &path);
                    platform = read.platform;
                }
                Err(why) => {
                    let message = format!("{} cannot be read: {why}", escape(&path));
                    self.findings
                        .add(Code::ConfigInvalid, Some(place), &path, message);
                }
            }
        }
        if let Some(image) = self.images.get_mut(place) {
            for name in &item.names {
                image.add_name(name);
            }
            image.platform = platform;
            image.holds = Holds::Image {
                config: Some(Box::new(config)),
                layers,
            };
        }
        self.check_blobs(place).await?;
        self.check_sources(place, &item.sources);
        Ok(true)
    }

    /// The image that is the same: of the same config, and of layers at the same places.
    fn same_image(&self, config: &Blob, layers: &[Blob]) -> Option<usize> {
        config.digest.as_ref()?;
        let places = |layers: &[Blob]| {
            let places = layers.iter().map(|layer| layer.found.map(|it| it.place));
            places.collect::<Result<Vec<_>, Lost>>()
        };
        let own = places(layers).ok()?;
        self.images.iter().position(|image| {
            let known = image.config().and_then(|config| config.digest.as_ref());
            known == config.digest.as_ref()
                && image
                    .layers()
                    .is_some_and(|known| places(known) == Ok(own.clone()))
        })
    }

    fn check_names(&mut self, image: usize, names: &[String]) {
        for name in names {
            if let Err(error) = name.parse::<Reference>() {
                let message = format!("RepoTags has {name:?}: {error}");
                self.findings
                    .add(Code::NameInvalid, Some(image), b"manifest.json", message);
            }
        }
    }

    fn check_config_name(&mut self, image: usize, config: &Blob) {
        let name = escape(&config.path);
        match (claimed(&config.path), &config.digest) {
            (None, _) => {
                let message = format!("{name} is no digest");
                self.findings
                    .add(Code::ConfigName, Some(image), &config.path, message);
            }
            (Some(claimed), Some(digest)) if claimed != *digest => {
                let message = format!("{name} hashes to {digest}");
                self.findings
                    .add(Code::NameDiffers, Some(image), &config.path, message);
            }
            (Some(_), _) => {}
        }
    }

    /// Holds `LayerSources` to what is there: a source is one of the layer whose `diff_id` is its
    /// key, or whose name claims its digest.
    fn check_sources(&mut self, place: usize, sources: &[LayerSource]) {
        let layers = self.images.get(place).and_then(Image::layers);
        let layers = layers.map(<[Blob]>::to_vec).unwrap_or_default();
        for source in sources {
            let is_of = |layer: &&Blob| {
                let diff_id = layer.diff_id.as_ref().map(Digest::as_str);
                let claimed = claimed(&layer.path);
                diff_id == Some(&source.key) || claimed.is_some_and(|it| it.as_str() == source.key)
            };
            let Some(layer) = layers.iter().find(is_of) else {
                let message = format!("LayerSources names {:?}, which is no layer", source.key);
                self.findings
                    .add(Code::LayerSources, Some(place), b"manifest.json", message);
                continue;
            };
            let Ok(found) = layer.found else { continue };
            let size = found.place.size;
            let is_plain = layer.compression == Some(Compression::None);
            let diff_id = layer.diff_id.as_ref().map(Digest::as_str);
            let why = if source.size.is_some_and(|stated| stated != size) {
                let stated = source.size.unwrap_or_default();
                format!("LayerSources states {stated} bytes, there are {size}")
            } else if is_plain && diff_id.is_some() && source.digest.as_deref() != diff_id {
                "LayerSources names another digest than the config, and the layer is not compressed"
                    .to_owned()
            } else {
                continue;
            };
            let message = format!("{}: {why}", escape(&layer.path));
            self.findings
                .add(Code::LayerSources, Some(place), &layer.path, message);
        }
    }

    /// Says which images only one of `index.json` and `manifest.json` names; those before
    /// `docker` are of the first.
    fn compare_lists(&mut self, docker: usize) {
        let told = self.images.iter().map(|image| image.is_in_docker);
        let told =
            super::image::spread(&self.images, told.collect(), |index, child| index || child);
        for (place, is_in_docker) in told.into_iter().enumerate() {
            let Some(image) = self.images.get(place) else {
                break;
            };
            let what = if place >= docker {
                "only manifest.json names it"
            } else if !is_in_docker && !image.names.is_empty() {
                "only index.json names it"
            } else {
                continue;
            };
            let name = image.names.first().cloned();
            let message = match name.or_else(|| image.digest.as_ref().map(Digest::to_string)) {
                Some(name) => format!("{name}: {what}"),
                None => what.to_owned(),
            };
            self.findings
                .add(Code::ListedOnce, Some(place), b"", message);
        }
    }
}

impl Archive {
    /// Makes the manifests that are not in the archive, of those images of which everything is
    /// known: a layer's unpacked size, where it is compressed, only once it was unpacked.
    pub(super) fn make_manifests(&mut self) {
        for image in &mut self.images {
            if !image.made || image.digest.is_some() {
                continue;
            }
            make_config(image, &self.known);
            let Holds::Image {
                config: Some(config),
                layers,
            } = &image.holds
            else {
                continue;
            };
            let sizes = layers.iter().map(|layer| {
                let diff_id = layer.diff_id.as_ref()?;
                let found = layer.found.ok()?;
                let size = match layer.compression? {
                    Compression::None => found.place.size,
                    Compression::Gzip
                    | Compression::Zstd
                    | Compression::Bzip2
                    | Compression::Xz => self.known.unpacked(found.place)?.1,
                };
                Some((diff_id, size))
            });
            let Some(layers) = sizes.collect::<Option<Vec<_>>>() else {
                continue;
            };
            // skopeo takes what is under a diff_id first for all that have it.
            let first = |diff_id: &Digest| {
                let mut layers = layers.iter();
                layers.find(|(known, _)| *known == diff_id)
            };
            let layers: Vec<_> = layers
                .iter()
                .filter_map(|(diff_id, _)| first(diff_id).copied())
                .collect();
            let config = config.digest.as_ref().zip(config.size);
            if let Some(config) = config {
                let bytes = of_docker_archive(config, &layers);
                image.digest = Some(Digest::sha256(&bytes));
                image.size = Some(bytes.len() as u64);
                image.bytes = Some(bytes);
            }
        }
    }
}

/// Makes the config of an image of a legacy archive, once its layers were unpacked.
fn make_config(image: &mut Image, known: &Known) {
    if image.chain.is_empty() {
        return;
    }
    let Holds::Image { config, layers } = &mut image.holds else {
        return;
    };
    for layer in &mut *layers {
        let place = layer.found.ok().map(|found| found.place);
        let unpacked = place.and_then(|place| known.unpacked(place));
        layer.diff_id = unpacked.map(|(diff_id, _)| diff_id.clone());
    }
    let diff_ids = layers.iter().map(|layer| layer.diff_id.clone());
    let Some(diff_ids) = diff_ids.collect::<Option<Vec<_>>>() else {
        return;
    };
    if let Some(bytes) = legacy::config(&image.chain, &diff_ids) {
        *config = Some(Box::new(Blob {
            digest: Some(Digest::sha256(&bytes)),
            size: Some(bytes.len() as u64),
            media_type: Some(MediaType::DOCKER_CONFIG),
            embedded: Some(bytes),
            ..Blob::at(Vec::new(), Err(Lost::NotHere))
        }));
    }
}
