//! What becomes of a manifest.

use super::rewrite;
use crate::compose::{Loss, LostItem};
use crate::conversion::{Document, Lost};
use crate::digest::Digest;

/// What becomes of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It keeps every byte.
    Exact,
    /// It keeps every byte, and so many manifests that it names are not copied.
    Sparse(usize),
    /// So many of its entries are cut out; the rest of it keeps its bytes.
    Shrunk(usize),
    /// Media types change; what it names keeps its bytes.
    Types,
    /// Its config is rewritten, so that the image gets another ID.
    Config,
    /// So many of its layers are compressed anew. What they unpack to stays.
    Recompressed(usize),
    /// It is written anew, without so many of its entries: what it names has other digests.
    Rewritten(usize),
    /// It is not copied.
    LeftOut,
}

/// A manifest of the source and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place of the entry in the source's list; `None` for what the reference names.
    pub entry: Option<usize>,
    /// Its digest in the source; `None` where its entry states none.
    pub old: Option<Digest>,
    /// Its digest in the target; `None` where it is not copied.
    pub new: Option<Digest>,
    /// What becomes of it.
    pub how: How,
    /// What an image does not have any more.
    lost: Vec<Lost>,
    /// What a list does not have any more.
    pub(super) lost_of_list: Vec<Loss>,
    /// The digest of the config before and after, where it is rewritten: the image's ID.
    pub config: Option<(Digest, Digest)>,
}

impl Change {
    pub(super) fn new(entry: Option<usize>, old: Option<Digest>, is_kept: bool) -> Self {
        Self {
            entry,
            new: old.clone().filter(|_| is_kept),
            old,
            how: if is_kept { How::Exact } else { How::LeftOut },
            lost: Vec::new(),
            lost_of_list: Vec::new(),
            config: None,
        }
    }

    /// What is not there any more, each thing once: `/annotations` of a manifest,
    /// `config/Healthcheck` of its config, members of a list.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let of_image = self.lost.iter().map(|lost| {
            let document = match lost.document {
                Document::Manifest => "manifest ",
                Document::Config => "config ",
            };
            [document, lost.pointer.as_str()].concat()
        });
        let of_list = self
            .lost_of_list
            .iter()
            .filter_map(|loss| match &loss.lost {
                LostItem::Member(name) => Some((*name).to_owned()),
                LostItem::Unknown(name) => Some(name.clone()),
                LostItem::Order => Some("the order of the entries".to_owned()),
                LostItem::Repeated => Some("entries that repeat a digest".to_owned()),
                LostItem::OciChild | LostItem::NestedList => None,
            });
        for name in of_image.chain(of_list) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Takes that the image is written in another format.
    pub(super) fn rewritten(&mut self, image: &rewrite::Image) {
        self.new.clone_from(&image.descriptor.digest);
        self.lost.clone_from(&image.lost);
        if let Some(config) = &image.config {
            let old = image.old_config.clone();
            self.config = old.map(|old| (old, Digest::sha256(config)));
        }
        self.how = match (image.layers.changed(), &image.config) {
            (0, None) => How::Types,
            (0, Some(_)) => How::Config,
            (changed, _) => How::Recompressed(changed),
        };
    }
}
