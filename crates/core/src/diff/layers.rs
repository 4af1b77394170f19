//! The layers of two images beside each other.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Item;
use super::align::align;
use super::image::Image;
use crate::config::HistoryStep;
use crate::descriptor::Descriptor;

/// A layer, as one of the two images names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// Its place, digest and size as it is stored.
    #[serde(flatten)]
    pub item: Item,
    /// The digest of what it unpacks to, as the config says.
    pub diff_id: Option<String>,
    /// The step of the history that made it.
    pub instruction: Option<String>,
}

/// What two images share of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The bytes: both name one digest.
    Bytes,
    /// What it unpacks to, stored by another digest: it was compressed anew.
    Content,
    /// Nothing at this place; the other one has it at that place, from 0.
    Elsewhere(usize),
    /// Nothing.
    Nothing,
}

impl Sharing {
    /// Its stable name, for JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Content => "content",
            Self::Elsewhere(_) => "elsewhere",
            Self::Nothing => "nothing",
        }
    }

    /// Whether both have it, at whatever place.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self != Self::Nothing
    }
}

impl Serialize for Sharing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A layer of one image, of the other, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerRow {
    /// The left image's.
    pub left: Option<Layer>,
    /// The right image's.
    pub right: Option<Layer>,
    /// What they share of it.
    pub sharing: Sharing,
}

/// What may make two layers the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Digest(String),
    DiffId(String),
}

/// Compares layers: those that are equal stand beside each other, in the order of both.
pub(super) fn compare(left: &Image<'_>, right: &Image<'_>) -> Vec<LayerRow> {
    let (left, right) = (layers(left), layers(right));
    let (left_keys, right_keys) = (keys(&left), keys(&right));
    let (in_left, in_right) = (by_key(&left_keys), by_key(&right_keys));
    let elsewhere = |keys: &[Key], places: &BTreeMap<&Key, usize>| {
        let place = keys.iter().find_map(|key| places.get(key));
        place.map_or(Sharing::Nothing, |place| Sharing::Elsewhere(*place))
    };
    let rows = align(&left_keys, &right_keys).into_iter();
    let rows = rows.map(|(one, other)| {
        let sharing = match (one, other) {
            (Some(one), Some(other))
                if left[one].item.digest_text == right[other].item.digest_text =>
            {
                Sharing::Bytes
            }
            (Some(_), Some(_)) => Sharing::Content,
            (Some(one), None) => elsewhere(&left_keys[one], &in_right),
            (None, Some(other)) => elsewhere(&right_keys[other], &in_left),
            (None, None) => Sharing::Nothing,
        };
        LayerRow {
            left: one.map(|one| left[one].clone()),
            right: other.map(|other| right[other].clone()),
            sharing,
        }
    });
    rows.collect()
}

fn layers(of: &Image<'_>) -> Vec<Layer> {
    let steps = of.config.map_or(&[][..], |config| &config.history);
    let diff_ids = of.config.map_or(&[][..], |config| &config.diff_ids);
    let layer = |(index, layer): (usize, &Descriptor)| Layer {
        item: Item::new(index, layer),
        diff_id: diff_ids.get(index).filter(|it| !it.is_empty()).cloned(),
        instruction: steps
            .iter()
            .find(|step| step.layer == Some(index))
            .map(HistoryStep::instruction),
    };
    of.image.layers.iter().enumerate().map(layer).collect()
}

fn keys(layers: &[Layer]) -> Vec<Vec<Key>> {
    let of_one = |layer: &Layer| {
        let digest = Some(&layer.item.digest_text).filter(|text| !text.is_empty());
        let digest = digest.cloned().map(Key::Digest);
        let diff_id = layer.diff_id.clone().map(Key::DiffId);
        digest.into_iter().chain(diff_id).collect()
    };
    layers.iter().map(of_one).collect()
}

fn by_key(keys: &[Vec<Key>]) -> BTreeMap<&Key, usize> {
    let mut places = BTreeMap::new();
    for (place, keys) in keys.iter().enumerate() {
        for key in keys {
            places.entry(key).or_insert(place);
        }
    }
    places
}
