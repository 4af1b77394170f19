//! A docker archive as skopeo writes it, byte for byte.
//!
//! Layers are unpacked and stand first, each once; the config follows, then a folder for each layer
//! as docker before 1.10 had it, with a link to the layer; `manifest.json` and `repositories` are
//! last.
//!
//! Source: containers/image `docker/internal/tarfile/{dest,writer}.go`.

use std::rc::Rc;

use crate::conversion::members;
use crate::digest::Digest;
use crate::json;
use crate::json::Writer;
use crate::json::style::Escapes;
use crate::manifest::Image;
use crate::media_type::MediaType;

use super::gather::{Gathered, Here};
use super::layout::{docker_entry, tagged};
use super::{Archive, Blob, Content, File, Root, SaveError};

/// What a layer unpacks to: it has to be known before, since its header stands in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The digest of the unpacked layer.
    pub diff_id: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// Members of the config that skopeo repeats in the newest layer's own.
const OF_NEWEST: [&str; 7] = [
    "architecture",
    "config",
    "container",
    "container_config",
    "created",
    "docker_version",
    "os",
];

/// A docker archive of images, as `skopeo copy` writes one to `docker-archive:`.
///
/// `unpacked` tells what the layer of this digest unpacks to. Two images with the same config are
/// one entry with the names of both.
pub fn docker_archive(
    roots: &[Root],
    here: Here<'_>,
    unpacked: &dyn Fn(&Digest) -> Option<Unpacked>,
) -> Result<Archive, SaveError> {
    let gathered = Gathered::of(roots, here)?;
    let mut writer = DockerWriter::default();
    for (root, names) in roots.iter().zip(tagged(roots)?) {
        let manifest = gathered
            .manifest(&root.digest)
            .ok_or_else(|| SaveError::NotHere(root.digest.clone()))?;
        let image = manifest
            .image()
            .ok_or_else(|| SaveError::List(root.digest.clone()))?;
        let config = check(&root.digest, image)?;
        let bytes = gathered
            .config(config)
            .ok_or_else(|| SaveError::NoConfig(config.clone()))?;
        let mut layers = vec![];
        for layer in &image.layers {
            let digest = layer.digest.clone().filter(|_| layer.size.is_some());
            let digest = digest
                .ok_or_else(|| SaveError::Incomplete(root.digest.clone(), layer.pointer.clone()))?;
            let is_elsewhere = |media_type: &MediaType| media_type.is_foreign_layer();
            if layer.media_type.as_ref().is_some_and(is_elsewhere) {
                return Err(SaveError::NotDistributed(digest));
            }
            let plain = unpacked(&digest).ok_or_else(|| SaveError::NotUnpacked(digest.clone()))?;
            let size = layer.size.unwrap_or_default();
            layers.push((Blob { digest, size }, plain));
        }
        let names: Vec<(String, String)> = names
            .iter()
            .filter_map(|name| {
                let repository = format!("{}/{}", name.host(), name.repository());
                Some((repository, name.tag()?.as_str().to_owned()))
            })
            .collect();
        writer.image(config, bytes, layers, &names)?;
    }
    Ok(Archive {
        files: writer.finish(),
        left_out: vec![],
        mode: 0o444,
    })
}

/// An image of Docker or OCI, and the digest of its config.
fn check<'a>(root: &Digest, image: &'a Image) -> Result<&'a Digest, SaveError> {
    if image.artifact().is_some() {
        return Err(SaveError::Artifact(root.clone()));
    }
    let config = image.config.as_ref();
    let pointer = || json::Pointer::ROOT.child("config");
    config
        .and_then(|config| config.digest.as_ref())
        .ok_or_else(|| SaveError::Incomplete(root.clone(), pointer()))
}

/// The files of an archive while images are added.
#[derive(Default)]
struct DockerWriter {
    files: Vec<File>,
    /// Entries of `manifest.json`: config, names, layers.
    entries: Vec<(String, Vec<String>, Vec<String>)>,
    /// `repositories`: repository, tag, ID of the newest layer.
    repositories: Vec<(String, String, String)>,
}

impl DockerWriter {
    /// Adds one image.
    fn image(
        &mut self,
        config: &Digest,
        bytes: &Rc<[u8]>,
        layers: Vec<(Blob, Unpacked)>,
        names: &[(String, String)],
    ) -> Result<(), SaveError> {
        let ids: Vec<Digest> = layers
            .iter()
            .map(|(_, plain)| plain.diff_id.clone())
            .collect();
        for (blob, plain) in layers {
            let path = layer_path(&plain.diff_id);
            self.add(path, Content::Unpacked(blob, plain));
        }
        let config_path = format!("{}.json", config.encoded());
        self.add(config_path.clone(), Content::Bytes(Rc::clone(bytes)));
        let newest = self.old_layers(&ids, config, bytes)?;
        if let Some(newest) = newest {
            for (repository, tag) in names {
                let entry = (repository.clone(), tag.clone(), newest.clone());
                self.repositories.push(entry);
            }
        }
        let names = names
            .iter()
            .map(|(repository, tag)| format!("{repository}:{tag}"));
        let same = self
            .entries
            .iter_mut()
            .find(|(known, _, _)| *known == config_path);
        if let Some((_, known, _)) = same {
            known.extend(names);
        } else {
            let layers = ids.iter().map(layer_path).collect();
            self.entries.push((config_path, names.collect(), layers));
        }
        Ok(())
    }

    /// Adds a file, unless one of this path is there.
    fn add(&mut self, path: String, content: Content) {
        if !self.files.iter().any(|file| file.path == path) {
            self.files.push(File { path, content });
        }
    }

    /// A folder for each layer; the ID of the newest.
    ///
    /// An ID is the hash of what its `json` says with the chain ID in place of the ID.
    fn old_layers(
        &mut self,
        ids: &[Digest],
        config: &Digest,
        bytes: &[u8],
    ) -> Result<Option<String>, SaveError> {
        let unreadable = || SaveError::NoConfig(config.clone());
        let mut chain: Option<Digest> = None;
        let mut parent: Option<String> = None;
        for (index, id) in ids.iter().enumerate() {
            let chained = match &chain {
                None => id.clone(),
                Some(below) => Digest::sha256(format!("{below} {id}").as_bytes()),
            };
            let quoted = |text: &str| Some(format!("\"{text}\""));
            let mut own: Vec<(&str, Option<String>)> = vec![];
            if let Some(parent) = &parent {
                own.push(("parent", quoted(parent)));
            }
            if index + 1 == ids.len() {
                let texts = members(bytes, &OF_NEWEST).ok_or_else(unreadable)?;
                own.extend(OF_NEWEST.into_iter().zip(texts));
            }
            let write = |name: &'static str, value: &str| {
                let mut all = own.clone();
                all.push((name, quoted(value)));
                crate::conversion::sorted(all).map_err(|_| unreadable())
            };
            let hashed = write("layer_id", chained.as_str())?;
            let layer = Digest::sha256(hashed.as_bytes()).encoded().to_owned();
            let text = write("id", &layer)?;
            let target = format!("../{}", layer_path(id));
            self.add(format!("{layer}/layer.tar"), Content::Link(target));
            let version: &[u8] = b"1.0";
            self.add(format!("{layer}/VERSION"), Content::Bytes(version.into()));
            self.add(
                format!("{layer}/json"),
                Content::Bytes(text.into_bytes().into()),
            );
            chain = Some(chained);
            parent = Some(layer);
        }
        Ok(parent)
    }

    /// The files, with those that name all the others.
    fn finish(mut self) -> Vec<File> {
        let mut json = Writer::new(Escapes::Html);
        json.open('[');
        for (config, names, layers) in &self.entries {
            json.next();
            docker_entry(&mut json, config, names, layers);
        }
        json.close(']');
        let manifest = json.into_text();
        let repositories = self.repositories();
        for (path, text) in [("manifest.json", manifest), ("repositories", repositories)] {
            self.add(path.to_owned(), Content::Bytes(text.into_bytes().into()));
        }
        self.files
    }

    /// `repositories`, sorted as Go writes maps.
    fn repositories(&self) -> String {
        let mut sorted = self.repositories.clone();
        sorted.sort();
        let mut json = Writer::new(Escapes::Html);
        json.open('{');
        for group in sorted.chunk_by(|one, next| one.0 == next.0) {
            json.name(&group[0].0);
            json.open('{');
            for (_, tag, layer) in group {
                json.text(tag, layer);
            }
            json.close('}');
        }
        json.close('}');
        json.into_text()
    }
}

/// Where an unpacked layer stands.
fn layer_path(diff_id: &Digest) -> String {
    format!("{}.tar", diff_id.encoded())
}
