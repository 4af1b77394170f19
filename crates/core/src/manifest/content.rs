//! What a manifest holds: an image or a list, in one shape each for all formats.
//!
//! The shapes stand here; each format is read into them by a file of its own beside this one.

use std::rc::Rc;

use crate::annotation::Annotations;
use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::media_type::MediaType;

use super::schema1::jws::Signed;

/// An image: config, layers and what else its manifest says. Layers are base first in every format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The config's descriptor; schema 1 and the withdrawn artifact manifest have none.
    pub config: Option<Descriptor>,
    /// The layers (in the withdrawn artifact manifest the blobs), base first. The first may
    /// stand there again.
    pub layers: Vec<Descriptor>,
    /// What kind of artifact this is, as `artifactType` says; see [`artifact`](Self::artifact).
    pub artifact_type: Option<MediaType>,
    /// The manifest this one refers to: this one is a referrer of it (distribution-spec `end-12a`).
    pub subject: Option<Descriptor>,
    /// Annotations in the author's order.
    pub annotations: Annotations,
    /// The config that schema 1 carries inside.
    pub inline_config: Option<ImageConfig>,
    /// The payload and signatures, in signed schema 1.
    pub signed: Option<Rc<Signed>>,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

impl Image {
    /// Adds up the sizes of all layers in bytes, as they are stored and not as they are unpacked.
    ///
    /// `None` where a layer does not state its size, or the sum is no 64-bit number.
    ///
    /// ```
    /// use waybill_core::{descriptor::Descriptor, manifest::Image};
    ///
    /// let layer = |size| Descriptor { size, ..Descriptor::default() };
    /// let image = |sizes: [Option<u64>; 2]| Image { layers: sizes.map(layer).to_vec(), ..Image::default() };
    /// assert_eq!(image([Some(30), Some(12)]).layers_size(), Some(42));
    /// assert_eq!(image([Some(30), None]).layers_size(), None);
    /// ```
    #[must_use]
    pub fn layers_size(&self) -> Option<u64> {
        self.layers
            .iter()
            .try_fold(0_u64, |sum, layer| sum.checked_add(layer.size?))
    }

    /// What kind of artifact this is: `artifactType`, else the config's media type; with an
    /// image's config, the type of its first layer where no layer is one of an image. `None` for
    /// an ordinary image.
    ///
    /// Models, signatures and attestations have the config of an image, so that old registries
    /// take them; what they are is in their layers. Of several layers one whose type is known
    /// tells it. Source: image-spec `manifest.md`, "Guidelines for Artifact Usage".
    ///
    /// ```
    /// use waybill_core::{manifest::Image, media_type::MediaType};
    ///
    /// let sbom = MediaType::new("application/spdx+json");
    /// let image = Image { artifact_type: Some(sbom.clone()), ..Image::default() };
    /// assert_eq!(image.artifact(), Some(&sbom));
    /// assert_eq!(Image::default().artifact(), None);
    /// ```
    #[must_use]
    pub fn artifact(&self) -> Option<&MediaType> {
        let config = self
            .config
            .as_ref()
            .and_then(|config| config.media_type.as_ref());
        let by_layers = || {
            let mut types = self.layers.iter().map(|layer| layer.media_type.as_ref());
            // What has no type, or none that is one, may be a layer.
            let is_other =
                |it: Option<&MediaType>| it.is_some_and(|it| !it.is_layer() && it.is_well_formed());
            if self.inline_config.is_some() || !types.clone().all(is_other) {
                return None;
            }
            let known = |it: &&MediaType| it.artifact_kind().is_some();
            let mut layers = types.clone().flatten();
            layers.find(known).or_else(|| types.next().flatten())
        };
        self.artifact_type
            .as_ref()
            .or_else(|| config.filter(|media_type| !media_type.is_image_config()))
            .or_else(by_layers)
    }
}

/// A Docker manifest list or OCI image index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The entries in the author's order, which matters: clients take the first that fits
    /// their platform.
    pub entries: Vec<Descriptor>,
    /// What kind of artifact this is.
    pub artifact_type: Option<MediaType>,
    /// The manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations in the author's order.
    pub annotations: Annotations,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

/// What a manifest holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// One image or artifact.
    Image(Box<Image>),
    /// A list of manifests.
    List(Box<List>),
    /// Nothing that could be told.
    Unknown,
}
