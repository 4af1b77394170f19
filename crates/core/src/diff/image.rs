//! Two images beside each other.

use serde::Serialize;

use super::layers::{self, LayerRow, Sharing};
use super::{Gathering, Kind, Section, config};
use crate::annotation::Annotations;
use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::humanize::{count, size};
use crate::manifest;
use crate::manifest::Manifest;
use crate::media_type::MediaType;

/// An image that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// What that says.
    pub image: &'a manifest::Image,
    /// Its config; `None` where it is not here, or not the one that the manifest names.
    pub config: Option<&'a ImageConfig>,
}

impl<'a> Image<'a> {
    /// The image of a manifest; `None` where it is none.
    #[must_use]
    pub fn new(manifest: &'a Manifest, config: Option<&'a ImageConfig>) -> Option<Self> {
        let image = manifest.image()?;
        Some(Self {
            manifest,
            image,
            config: config.or(image.inline_config.as_ref()),
        })
    }
}

/// What two images share, and what differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageDiff {
    /// Kinds that at least one has something of.
    pub sections: Vec<Section>,
    /// The layers, base first.
    pub layers: Vec<LayerRow>,
    /// The sizes of all layers of each, in bytes; `None` where one states no size.
    pub bytes: [Option<u64>; 2],
    /// Whether the configs were compared: both are here.
    pub configs_compared: bool,
}

/// Compares two images.
#[must_use]
pub fn images(left: &Image<'_>, right: &Image<'_>) -> ImageDiff {
    let mut sections = Vec::new();
    manifests(left, right).finish(&mut sections);
    let mut annotations = Gathering::of(Kind::Annotation);
    annotations.put_maps(&left.image.annotations, &right.image.annotations);
    annotations.finish(&mut sections);
    let configs = left.config.zip(right.config);
    if let Some((left, right)) = configs {
        config::compare(left, right, &mut sections);
    }
    ImageDiff {
        sections,
        layers: layers::compare(left, right),
        bytes: [left.image.layers_size(), right.image.layers_size()],
        configs_compared: configs.is_some(),
    }
}

fn manifests(left: &Image<'_>, right: &Image<'_>) -> Gathering {
    let mut found = Gathering::of(Kind::Manifest);
    let mut put = |name, of: fn(&Image<'_>) -> Option<String>| {
        found.put(name, of(left), of(right));
    };
    put("format", |it| Some(it.manifest.format.to_string()));
    put("artifact type", |it| {
        media_type(it.image.artifact_type.as_ref())
    });
    put("config", |it| digest(it.image.config.as_ref()));
    put("config's media type", |it| {
        media_type(it.image.config.as_ref()?.media_type.as_ref())
    });
    put("subject", |it| digest(it.image.subject.as_ref()));
    let unknown = |it: &Image<'_>| Annotations::from(it.image.unknown.clone());
    found.put_maps(&unknown(left), &unknown(right));
    found
}

pub(super) fn media_type(media_type: Option<&MediaType>) -> Option<String> {
    media_type.map(ToString::to_string)
}

pub(super) fn digest(descriptor: Option<&Descriptor>) -> Option<String> {
    descriptor.map(|it| it.digest_text.clone())
}

impl ImageDiff {
    /// How many layers the one with more of them has, and how many of both are the same.
    #[must_use]
    pub fn shared_layers(&self) -> (usize, usize) {
        let rows = &self.layers;
        let left = rows.iter().filter(|row| row.left.is_some()).count();
        let right = rows.iter().filter(|row| row.right.is_some()).count();
        // One that stands elsewhere has a row on each side.
        let both = |row: &&LayerRow| matches!(row.sharing, Sharing::Bytes | Sharing::Content);
        let moved =
            |row: &&LayerRow| row.left.is_some() && matches!(row.sharing, Sharing::Elsewhere(_));
        let shared = rows.iter().filter(both).count() + rows.iter().filter(moved).count();
        (shared, left.max(right))
    }

    /// Whether nothing that was compared differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.sections
            .iter()
            .all(|section| section.changes.is_empty())
            && self.layers.iter().all(|row| row.sharing == Sharing::Bytes)
    }

    /// All of it in a sentence without its full stop: `12 of 14 layers are shared; 3
    /// environment variables and 1 label differ; 4.2 MB more`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        let (shared, of) = self.shared_layers();
        if of > 0 {
            let are = if shared == 1 { "is" } else { "are" };
            parts.push(if shared == of {
                match of {
                    1 => "the layer is shared".to_owned(),
                    _ => format!("all {of} layers are shared"),
                }
            } else {
                format!("{shared} of {} {are} shared", count(of, "layer"))
            });
        }
        parts.extend(changes(&self.sections));
        if let [Some(left), Some(right)] = self.bytes
            && left != right
        {
            let more = if right > left { "more" } else { "less" };
            parts.push(format!("{} {more}", size(left.abs_diff(right))));
        }
        if parts.is_empty() {
            return "nothing differs".to_owned();
        }
        parts.join("; ")
    }
}

/// How much of each kind differs, in words; `None` where nothing does.
pub(super) fn changes(sections: &[Section]) -> Option<String> {
    let counts: Vec<_> = sections
        .iter()
        .filter(|section| !section.changes.is_empty())
        .map(|section| (section.changes.len(), section.kind))
        .collect();
    let (last, before) = counts.split_last()?;
    let words = |(number, kind): &(usize, Kind)| {
        let noun = kind.noun();
        // The plural of a noun with something behind it is inside of it.
        match noun
            .split_once(' ')
            .filter(|(_, rest)| rest.starts_with("of "))
        {
            Some((noun, rest)) => format!("{} {rest}", count(*number, noun)),
            None => count(*number, noun),
        }
    };
    let verb = if counts.len() == 1 && last.0 == 1 {
        "differs"
    } else {
        "differ"
    };
    if before.is_empty() {
        return Some(format!("{} {verb}", words(last)));
    }
    let before: Vec<_> = before.iter().map(words).collect();
    Some(format!("{} and {} {verb}", before.join(", "), words(last)))
}
