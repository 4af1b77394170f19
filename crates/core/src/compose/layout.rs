//! A list as an OCI image layout in one tar file: the list, the manifests that it names, and
//! their configs.
//!
//! [`Written::layout`] makes it, all in memory, of what is here already: nothing is fetched.
//! The page offers it for download and says beside it what is missing. The file holds, in this
//! order:
//!
//! 1. `oci-layout`, the version.
//! 2. `index.json`, an index with one entry: the list, under the tag that it is to get.
//! 3. `blobs/ALGORITHM/HEX` for each content, sorted by digest.
//!
//! Only what has its digest goes in. What the list, its manifests or nested lists name and
//! nobody has is counted in [`Missing`]; layers nearly always are.
//!
//! Source: image-spec, "Image Layout Specification".

use std::fmt;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::humanize;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Content, Manifest};
use crate::reference::Tag;
use crate::tar;

use super::{Draft, Entry, ListKind, Written};

/// The annotation by which a layout names what is in it: a tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The content of the file `oci-layout`.
pub(crate) const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// A layout, and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The tar file. The same contents give the same bytes: there is no time and no owner in
    /// it, and blobs are sorted.
    pub bytes: Rc<[u8]>,
    /// What it names and does not hold.
    pub missing: Missing,
}

/// What a layout names and does not hold, each content once of its sort, sorted by digest.
///
/// A descriptor without a valid digest names nothing that could be missing and is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Manifests: entries of lists, and subjects. What these name is not known, so it is
    /// counted nowhere.
    pub manifests: Vec<Digest>,
    /// Configs.
    pub configs: Vec<Digest>,
    /// Layers: none is fetched for a layout. One is here only where its descriptor embeds it
    /// as `data`, or where `here` has that content for another reason.
    pub layers: Vec<Digest>,
    /// The sizes of the missing layers together, in bytes, as far as they are stated; one that
    /// several images share counts once.
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
    /// `here` gives the contents that are here by digest; one with other bytes counts as
    /// missing, and so does one whose algorithm cannot be computed here. The layout's index
    /// calls the list `tag`, where there is one.
    ///
    /// It fetches no layers, so tools read it and cannot run it. Of a Docker list skopeo says
    /// that it is not there: in a layout it looks for OCI's own types only.
    ///
    /// Lists and images are read in turn until nothing new is named: the config and layers of
    /// an image, the entries of a list at any depth, and the subject of either.
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
        let mut archive = Vec::new();
        let mut add = |path: &str, content: &[u8]| {
            let size = content.len() as u64;
            archive.extend(tar::header(path, &tar::Kind::File { size, mode: 0o644 }));
            archive.extend(content);
            archive.resize(archive.len() + tar::padding(size), 0);
        };
        add("oci-layout", VERSION);
        add("index.json", &self.layout_index(tag));
        for (digest, bytes) in blobs {
            add(&blob_path(&digest), &bytes);
        }
        archive.resize(archive.len() + tar::END, 0);
        Layout {
            bytes: archive.into(),
            missing,
        }
    }

    /// The file `index.json`: an index in the canonical form that names the list, with the tag
    /// as [`REF_NAME`].
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

/// What goes into a layout, while it is gathered.
///
/// A manifest that was put in waits until what it names is looked for in turn. So nesting
/// costs no stack, and a content is put in and read once, however often it is named.
struct Gathered<'a> {
    /// Gives a content by its digest; it is not trusted.
    here: &'a dyn Fn(&Digest) -> Option<Rc<[u8]>>,
    /// Sorted by digest, which is also the order of their paths.
    blobs: Vec<(Digest, Rc<[u8]>)>,
    /// What was named and is not here, so far.
    missing: Missing,
    /// Manifests that were put in, to see what they name.
    waiting: Vec<Rc<[u8]>>,
}

impl Gathered<'_> {
    /// Looks for everything that a manifest names. Bytes that are no JSON object name nothing:
    /// a blob may be anything, as long as it has its digest.
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
    ///
    /// What the descriptor embeds as `data` is taken first, then what `here` gives; either
    /// must have the digest. `missing` chooses the place where a content is noted that is not
    /// here. With `is_manifest` it is read in turn; a content that was put in as a config or
    /// layer before is not read again.
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

/// Where a layout has the content of this digest.
pub(crate) fn blob_path(digest: &Digest) -> String {
    ["blobs/", digest.algorithm_name(), "/", digest.encoded()].concat()
}

/// Puts a content where its digest belongs, unless it is there.
fn insert(sorted: &mut Vec<(Digest, Rc<[u8]>)>, digest: &Digest, bytes: Rc<[u8]>) {
    if let Err(gap) = sorted.binary_search_by(|(known, _)| known.cmp(digest)) {
        sorted.insert(gap, (digest.clone(), bytes));
    }
}
