//! The checks of configs: their bytes, their platform, and how their parts fit the manifest.

use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest, Hasher};
use crate::finding::{Code, Finding};
use crate::humanize::count;
use crate::json::Pointer;
use crate::manifest::Image;
use crate::media_type::MediaType;
use crate::workflow::fetch::Fetch;
use crate::workflow::inspect::Config;

use super::manifest::{digest_row, size_row};
use super::{Check, Known, Outcome, Place, Rows, not_here, waited_for};

impl Known<'_> {
    /// The config's bytes and members, and its platform against the list's.
    pub(super) fn of_config(&self, image: &Image, entry: Option<&Descriptor>, rows: &mut Rows) {
        let Some(named) = &image.config else {
            return;
        };
        let at = |name: &str| Place::Manifest(named.pointer.child(name));
        let config = match self.inspection.config(image) {
            Some(Fetch::Done(config)) => config,
            other => {
                let (outcome, why) = match other {
                    Some(Fetch::Failed(failure)) => not_here(failure),
                    Some(Fetch::Pending) => waited_for(),
                    Some(Fetch::Done(_)) | None => {
                        (Outcome::NotChecked, "it was not fetched".to_owned())
                    }
                };
                let place = Place::Manifest(named.pointer.clone());
                rows.push(Check::ConfigDigest, outcome, place, why);
                return;
            }
        };
        let bytes = &config.arrival.bytes;
        let digest = (&*named.digest_text, named.digest.as_ref());
        rows.0
            .push(digest_row(Check::ConfigDigest, digest, bytes, at("digest")));
        rows.0
            .push(size_row(Check::ConfigSize, named.size, bytes, at("size")));
        let is_image = named
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_image_config);
        let stated = named.media_type.as_ref();
        let stated = stated.map_or("no type", MediaType::as_str);
        if !is_image {
            let words = format!("{stated}: its content is the artifact's own affair");
            rows.push(Check::ConfigType, Outcome::Note, at("mediaType"), words);
            return;
        }
        if config.config.is_ok() {
            rows.pass(
                Check::ConfigType,
                at("mediaType"),
                format!("{stated}, and it is one"),
            );
        } else {
            let words = format!("{stated} is stated, the bytes are no JSON object");
            rows.push(Check::ConfigType, Outcome::Failed, at("mediaType"), words);
        }
        let whole = || Place::Config(Pointer::ROOT);
        if let Ok(read) = &config.config {
            if !rows.is_against(Check::Config) {
                rows.pass(
                    Check::Config,
                    whole(),
                    "its members are of their kinds and forms",
                );
            }
            if !rows.is_against(Check::RootfsType) && has_rootfs(config, read) {
                let place = Place::Config("/rootfs/type".into());
                rows.pass(Check::RootfsType, place, "it is layers");
            }
        }
        self.of_platform(image, entry, rows);
    }

    fn of_platform(&self, image: &Image, entry: Option<&Descriptor>, rows: &mut Rows) {
        let Some(entry) = entry else { return };
        let place = || Place::List(entry.pointer.child("platform"));
        let is_machine = |it: &&crate::platform::Platform| it.names_machine();
        let Some(listed) = entry.platform.as_ref().filter(is_machine) else {
            let words = "the list names no machine for it, so there is nothing to compare";
            rows.push(Check::Platform, Outcome::Note, place(), words);
            return;
        };
        match (
            self.inspection.is_as_listed(entry, image),
            self.inspection.true_config(image),
        ) {
            (Some(true), Some(config)) => {
                let words = format!("the list says {listed}, the config {}", config.platform);
                rows.pass(Check::Platform, place(), words);
            }
            // The finding of the inspection stands there already.
            (Some(false), _) => {}
            (Some(true) | None, _) => {
                let words = "the config cannot be read, or is not the one that is named";
                rows.push(Check::Platform, Outcome::NotChecked, place(), words);
            }
        }
    }

    /// How many layers, diff IDs and steps there are, and the chain IDs.
    pub(super) fn of_rootfs(&self, image: &Image, rows: &mut Rows) -> Vec<Digest> {
        if image.artifact().is_some() {
            return Vec::new();
        }
        let layers = Place::Manifest("/layers".into());
        if let Some(inline) = &image.inline_config {
            let words = format!(
                "{} and {}",
                count(image.layers.len(), "layer"),
                count(inline.history.len(), "step")
            );
            rows.push(Check::HistoryCount, Outcome::Note, layers.clone(), words);
            let words = "schema 1 names no diff IDs, so it has no chain IDs";
            rows.push(Check::ChainIds, Outcome::Note, layers, words);
            return Vec::new();
        }
        let Some(config) = self.inspection.true_config(image) else {
            if image.config.is_some() {
                let words =
                    "the config is not here, cannot be read, or is not the one that is named";
                rows.push(Check::LayerCount, Outcome::NotChecked, layers, words);
            }
            return Vec::new();
        };
        let number = image.layers.len();
        if !rows.is_against(Check::LayerCount) && config.diff_ids.len() == number {
            let words = format!(
                "{} and {}",
                count(number, "layer"),
                count(number, "diff ID")
            );
            rows.pass(Check::LayerCount, layers.clone(), words);
        }
        if config.history.is_empty() {
            let words = "the config has no history, which it need not have";
            rows.push(Check::HistoryCount, Outcome::Note, layers, words);
        } else if !rows.is_against(Check::HistoryCount) && config.layer_steps() == number {
            let words = format!(
                "{} and as many of {} that made one",
                count(number, "layer"),
                count(config.history.len(), "step")
            );
            rows.pass(Check::HistoryCount, layers, words);
        }
        let chain_ids = chain_ids(config);
        let place = Place::Config("/rootfs/diff_ids".into());
        match (chain_ids.last(), config.diff_ids.len()) {
            (Some(top), many) => {
                let words = format!(
                    "{} computed of the diff IDs; the last is {top}",
                    count(many, "chain ID")
                );
                rows.pass(Check::ChainIds, place, words);
            }
            (None, 0) => rows.push(
                Check::ChainIds,
                Outcome::Note,
                place,
                "there are no diff IDs",
            ),
            (None, _) => {
                let words = "a diff ID is no digest, so there are none to compute";
                rows.push(Check::ChainIds, Outcome::NotChecked, place, words);
            }
        }
        chain_ids
    }
}

/// The chain IDs; none where a diff ID is no digest.
fn chain_ids(config: &ImageConfig) -> Vec<Digest> {
    let mut chain: Vec<Digest> = Vec::with_capacity(config.diff_ids.len());
    for text in &config.diff_ids {
        let Ok(diff_id) = text.parse::<Digest>() else {
            return Vec::new();
        };
        let next = match chain.last() {
            None => diff_id,
            Some(below) => {
                let mut hasher = Hasher::new(Algorithm::Sha256);
                for part in [below.as_str(), " ", diff_id.as_str()] {
                    hasher.update(part.as_bytes());
                }
                hasher.finish()
            }
        };
        chain.push(next);
    }
    chain
}

/// Whether the config's `rootfs` was read and nothing was found against its type.
fn has_rootfs(config: &Config, read: &ImageConfig) -> bool {
    let is_of_type = |finding: &&Finding| finding.pointer.as_str().starts_with("/rootfs");
    let mut of_rootfs = config.findings.iter().filter(is_of_type);
    read.is_readable("/rootfs") && of_rootfs.all(|it| it.code == Code::DiffId)
}
