//! A list as an OCI image layout in one tar file: the list, the manifests that it names, and their configs.
//!
//! Source: image-spec, "Image Layout Specification".

mod tar;

use std::fmt;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::humanize;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Content, Manifest};
use crate::reference::Tag;

use super::{Draft, Entry, ListKind, Written};

/// The annotation by which a layout names what is in it: a tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The file `oci-layout`.
const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// A layout, and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The tar file. The same contents give the same bytes.
    pub bytes: Rc<[u8]>,
    /// What it names and does not hold.
    pub missing: Missing,
}

/// What a layout names and does not hold, each content once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Manifests; what these name is not known.
    pub manifests: Vec<Digest>,
    /// Configs.
    pub configs: Vec<Digest>,
    /// Layers: no layer is ever here.
    pub layers: Vec<Digest>,
    /// The sizes of the layers together, in bytes, as far as they are stated.
    pub layer_bytes: u64,
}

impl fmt::Display for Missing {
    /// `1 manifest, 2 configs, 5 layers (31.2 MB)`; nothing where nothing is missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            (&self.manifests, "manifest"),
            (&self.configs, "config"),
            (&self.layers, "layer"),
        ];
        let mut separator = "";
        for (digests, noun) in kinds {
            if !digests.is_empty() {
                f.write_str(separator)?;
                f.write_str(&humanize::count(digests.len(), noun))?;
                separator = ", ";
            }
        }
        if self.layers.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", humanize::size(self.layer_bytes))
        }
    }
}

impl Written {
    /// The list as an OCI image layout.
    ///
    /// `here` gives the contents that are here by digest; one with other bytes counts as missing. The layout's index
    /// calls the list `tag`, where there is one. It holds no layers, so tools read it and cannot run it. Of a Docker
    /// list skopeo and podman say that it is not there: in a layout they look for OCI's own types only.
    #[must_use]
    pub fn layout(&self, tag: Option<&Tag>, here: &dyn Fn(&Digest) -> Option<Rc<[u8]>>) -> Layout {
        let mut gathered = Gathered {
            here,
            blobs: Vec::new(),
            missing: Missing::default(),
            waiting: Vec::new(),
        };
        insert(&mut gathered.blobs, &self.digest, Rc::clone(&self.bytes));
        gathered.waiting.push(Rc::clone(&self.bytes));
        while let Some(manifest) = gathered.waiting.pop() {
            gathered.name(&manifest);
        }
        let Gathered { blobs, missing, .. } = gathered;
        let mut archive = tar::Archive::default();
        archive.add("oci-layout", VERSION);
        archive.add("index.json", &self.layout_index(tag));
        for (digest, bytes) in blobs {
            archive.add(
                &["blobs/", digest.algorithm_name(), "/", digest.encoded()].concat(),
                &bytes,
            );
        }
        Layout {
            bytes: archive.finish().into(),
            missing,
        }
    }

    fn layout_index(&self, tag: Option<&Tag>) -> Rc<[u8]> {
        let descriptor = Descriptor {
            media_type: Some(self.kind.media_type()),
            digest: Some(self.digest.clone()),
            digest_text: self.digest.to_string(),
            size: Some(self.bytes.len() as u64),
            annotations: tag
                .map(|tag| (REF_NAME.to_owned(), tag.to_string()))
                .into_iter()
                .collect(),
            ..Descriptor::default()
        };
        let entries = vec![Entry {
            descriptor,
            ..Entry::default()
        }];
        Draft {
            entries,
            ..Draft::new(ListKind::OciIndex)
        }
        .write()
        .bytes
    }
}

struct Gathered<'a> {
    here: &'a dyn Fn(&Digest) -> Option<Rc<[u8]>>,
    /// Sorted by digest, which is also the order of their paths.
    blobs: Vec<(Digest, Rc<[u8]>)>,
    missing: Missing,
    /// Manifests that were put in, to see what they name.
    waiting: Vec<Rc<[u8]>>,
}

impl Gathered<'_> {
    fn name(&mut self, manifest: &Rc<[u8]>) {
        let Ok((manifest, _)) = Manifest::read(Rc::clone(manifest), &DeclaredTypes::none()) else {
            return;
        };
        match &manifest.content {
            Content::List(list) => {
                for entry in list.entries.iter().chain(&list.subject) {
                    self.take(entry, |missing| &mut missing.manifests, true);
                }
            }
            Content::Image(image) => {
                if let Some(config) = &image.config {
                    self.take(config, |missing| &mut missing.configs, false);
                }
                for layer in &image.layers {
                    if self.take(layer, |missing| &mut missing.layers, false) {
                        let size = layer.size.unwrap_or_default();
                        self.missing.layer_bytes = self.missing.layer_bytes.saturating_add(size);
                    }
                }
                if let Some(subject) = &image.subject {
                    self.take(subject, |missing| &mut missing.manifests, true);
                }
            }
            Content::Unknown => {}
        }
    }

    /// Puts a content in, once; true where it is missing and was not before.
    fn take(
        &mut self,
        named: &Descriptor,
        missing: fn(&mut Missing) -> &mut Vec<Digest>,
        is_manifest: bool,
    ) -> bool {
        let Some(digest) = &named.digest else {
            return false;
        };
        if self
            .blobs
            .binary_search_by(|(known, _)| known.cmp(digest))
            .is_ok()
        {
            return false;
        }
        let here = named
            .embedded()
            .map(Rc::from)
            .or_else(|| (self.here)(digest));
        let Some(bytes) = here.filter(|bytes| digest.check(bytes) == Some(true)) else {
            let known = missing(&mut self.missing);
            let gap = known.binary_search(digest);
            if let Err(gap) = gap {
                known.insert(gap, digest.clone());
            }
            return gap.is_err();
        };
        if is_manifest {
            self.waiting.push(Rc::clone(&bytes));
        }
        insert(&mut self.blobs, digest, bytes);
        false
    }
}

fn insert(sorted: &mut Vec<(Digest, Rc<[u8]>)>, digest: &Digest, bytes: Rc<[u8]>) {
    if let Err(gap) = sorted.binary_search_by(|(known, _)| known.cmp(digest)) {
        sorted.insert(gap, (digest.clone(), bytes));
    }
}
