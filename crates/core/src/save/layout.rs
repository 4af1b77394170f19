//! An OCI layout that is a docker archive as well.
//!
//! Blobs stand once, under `blobs/`. `index.json` names all roots; `manifest.json` names the images
//! that docker's older store loads, by the same blobs. What is read first stands first, so that a
//! reader of the stream can begin at once.

use std::rc::Rc;

use crate::compose::layout::{REF_NAME, VERSION, blob_path};
use crate::digest::Digest;
use crate::json::Writer;
use crate::json::style::Escapes;
use crate::manifest::{Content as Holds, Manifest};
use crate::media_type::MediaType;
use crate::reference::Reference;

use super::gather::{Gathered, Here};
use super::{Archive, Content, File, Root, SaveError};

/// The annotation by which containerd and docker name an image in a layout.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// An OCI layout and docker archive in one.
///
/// `here` gives manifests and configs. An entry of a list that is not here is left out: the list
/// keeps its bytes, and names what the archive does not hold. Of a list `manifest.json` has one
/// image, since docker's older store has one for each name: that of linux/amd64, else the first.
pub fn oci_archive(roots: &[Root], here: Here<'_>) -> Result<Archive, SaveError> {
    let gathered = Gathered::of(roots, here)?;
    let file = |path: &str, bytes: Vec<u8>| File {
        path: path.to_owned(),
        content: Content::Bytes(bytes.into()),
    };
    let blob = |digest: &Digest, bytes: &Rc<[u8]>| File {
        path: blob_path(digest),
        content: Content::Bytes(Rc::clone(bytes)),
    };
    let named = tagged(roots)?;
    let mut files = vec![
        file("oci-layout", VERSION.to_vec()),
        file("index.json", index(roots, &named, &gathered)),
    ];
    let images = docker_images(roots, &named, &gathered);
    if !images.is_empty() {
        files.push(file("manifest.json", docker_manifest(&images)));
    }
    let manifests = gathered.manifests.iter();
    files.extend(manifests.map(|(digest, manifest)| blob(digest, &manifest.bytes)));
    files.extend(
        gathered
            .configs
            .iter()
            .map(|(digest, bytes)| blob(digest, bytes)),
    );
    files.extend(gathered.blobs.iter().map(|blob| File {
        path: blob_path(&blob.digest),
        content: Content::Blob(blob.clone()),
    }));
    Ok(Archive {
        files,
        left_out: gathered.left_out,
        mode: 0o644,
    })
}

/// The names that an archive can hold: those with a tag, without their digest, each once.
pub(super) fn tagged(roots: &[Root]) -> Result<Vec<Vec<Reference>>, SaveError> {
    let mut all: Vec<Reference> = vec![];
    let mut of_roots = vec![];
    for root in roots {
        let mut names = vec![];
        for name in root.names.iter().filter(|name| name.tag().is_some()) {
            let name = name.without_digest();
            if names.contains(&name) {
                continue;
            }
            if all.contains(&name) {
                return Err(SaveError::NameTwice(name.to_string()));
            }
            all.push(name.clone());
            names.push(name);
        }
        of_roots.push(names);
    }
    Ok(of_roots)
}

/// `index.json`: a descriptor for each name of each root, and one for a root without any.
fn index(roots: &[Root], named: &[Vec<Reference>], gathered: &Gathered) -> Vec<u8> {
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    json.raw("schemaVersion", "2");
    json.text("mediaType", MediaType::OCI_INDEX.as_str());
    json.name("manifests");
    json.open('[');
    for (root, names) in roots.iter().zip(named) {
        let Some(manifest) = gathered.manifest(&root.digest) else {
            continue;
        };
        let all = names.iter().map(Some);
        let none = names.is_empty().then_some(None);
        for name in all.chain(none) {
            json.next();
            descriptor(&mut json, &root.digest, manifest, name);
        }
    }
    json.close(']');
    json.close('}');
    json.into_text().into_bytes()
}

fn descriptor(json: &mut Writer, digest: &Digest, manifest: &Manifest, name: Option<&Reference>) {
    let media_type = manifest.format.media_type();
    json.open('{');
    json.optional("mediaType", media_type.as_ref().map(MediaType::as_str));
    json.text("digest", digest.as_str());
    json.raw("size", &manifest.bytes.len().to_string());
    if let Some((name, tag)) = name.and_then(|name| Some((name, name.tag()?))) {
        let annotations = [
            (IMAGE_NAME.to_owned(), name.to_string()),
            (REF_NAME.to_owned(), tag.as_str().to_owned()),
        ];
        json.map("annotations", &annotations);
    }
    json.close('}');
}

/// An image in `manifest.json`: paths of its config and layers, and its names.
struct DockerImage {
    config: String,
    names: Vec<String>,
    layers: Vec<String>,
}

/// The images that docker's older store can load.
fn docker_images(
    roots: &[Root],
    named: &[Vec<Reference>],
    gathered: &Gathered,
) -> Vec<DockerImage> {
    let mut images: Vec<DockerImage> = vec![];
    for (root, names) in roots.iter().zip(named) {
        let Some(image) = docker_image(&root.digest, gathered) else {
            continue;
        };
        let names = names.iter().map(Reference::to_string);
        // One config is one image to docker, whatever its manifests are.
        let same = images
            .iter_mut()
            .find(|known| known.config == image.config && known.layers == image.layers);
        match same {
            Some(same) => same.names.extend(names),
            None => images.push(DockerImage {
                names: names.collect(),
                ..image
            }),
        }
    }
    images
}

/// The image of a manifest, or of the entry of a list that docker would take.
fn docker_image(digest: &Digest, gathered: &Gathered) -> Option<DockerImage> {
    let manifest = gathered.manifest(digest)?;
    match &manifest.content {
        Holds::Image(image) => {
            let config = image.config.as_ref()?;
            let is_image = config
                .media_type
                .as_ref()
                .is_some_and(MediaType::is_image_config);
            let can_unpack = |media_type: &MediaType| {
                media_type.no_file_system().is_none() && !media_type.is_foreign_layer()
            };
            let layers = image.layers.iter().map(|layer| {
                let media_type = layer.media_type.as_ref()?;
                layer.digest.as_ref().filter(|_| can_unpack(media_type))
            });
            let layers: Option<Vec<&Digest>> = layers.collect();
            let config = config.digest.as_ref()?;
            gathered.config(config).filter(|_| is_image)?;
            Some(DockerImage {
                config: blob_path(config),
                names: vec![],
                layers: layers?.into_iter().map(blob_path).collect(),
            })
        }
        Holds::List(list) => {
            let is_usual = |entry: &&crate::descriptor::Descriptor| {
                let platform = entry.platform.as_ref();
                platform.is_some_and(|it| it.os == "linux" && it.architecture == "amd64")
            };
            let usual = list.entries.iter().filter(is_usual);
            let images = usual
                .chain(&list.entries)
                .filter(|entry| entry.attests().is_none());
            let mut digests = images.filter_map(|entry| entry.digest.as_ref());
            digests.find_map(|digest| image_only(digest, gathered))
        }
        Holds::Unknown => None,
    }
}

/// The image of an entry; a list inside is not looked into, as docker does not.
fn image_only(digest: &Digest, gathered: &Gathered) -> Option<DockerImage> {
    gathered.manifest(digest)?.image()?;
    docker_image(digest, gathered)
}

/// `manifest.json` of docker.
fn docker_manifest(images: &[DockerImage]) -> Vec<u8> {
    let mut json = Writer::new(Escapes::Html);
    json.open('[');
    for image in images {
        json.next();
        docker_entry(&mut json, &image.config, &image.names, &image.layers);
    }
    json.close(']');
    json.into_text().into_bytes()
}

/// An entry of docker's `manifest.json`.
pub(super) fn docker_entry(json: &mut Writer, config: &str, names: &[String], layers: &[String]) {
    json.open('{');
    json.text("Config", config);
    for (member, texts) in [("RepoTags", names), ("Layers", layers)] {
        json.name(member);
        json.open('[');
        for text in texts {
            json.element(text);
        }
        json.close(']');
    }
    json.close('}');
}
