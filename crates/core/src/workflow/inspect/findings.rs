//! Findings that need more than one content: what was fetched against what was listed.
//!
//! What is wrong with a manifest alone was found when it was read, and is taken over. Here
//! come what the list says of its children, what an image says of its config, and what came of
//! checking signatures. Only what is here is compared; what is on the way has no findings yet.

use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::finding::{Code, Finding, worst_first};
use crate::json::{Place, Pointer};
use crate::manifest::schema1::jws::{Checked, NotChecked};
use crate::manifest::{Image, List};
use crate::platform::Platform;
use crate::verify::{Comparison, Verdict};

use crate::workflow::fetch::Fetch;

use super::located::Located;
use super::{Config, Current, Model, Node};

impl Model {
    /// Every finding of the place that is looked at, worst first, in the order of reading.
    ///
    /// They are gathered once for each message: a list may have 15,000. There are none while
    /// the place is not here.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.gathered.get_or_init(|| self.gather())
    }

    /// Where the first so many findings stand in the bytes of the place; `None` where they
    /// point at nothing there.
    ///
    /// They are looked for once, as long as the same findings stand in the same bytes. Only
    /// exact places count: a finding in the config has a pointer that leads nowhere in the
    /// manifest.
    #[must_use]
    pub fn places(&self, first: usize) -> Rc<[Option<Place>]> {
        let (Current::List(node, _) | Current::Image(node, _) | Current::Other(node)) =
            self.current()
        else {
            return Rc::default();
        };
        let findings = self.findings();
        let findings = &findings[..findings.len().min(first)];
        let bytes = &node.arrival.bytes;
        let mut located = self.located.borrow_mut();
        if !Rc::ptr_eq(&located.bytes, bytes) || located.findings != findings {
            // A finding in the config points at nothing here.
            let exact = |place: Option<Place>| place.filter(|place| place.exact);
            let places = Finding::places(findings, bytes)
                .into_iter()
                .map(exact)
                .collect();
            *located = Located {
                bytes: Rc::clone(bytes),
                findings: findings.to_vec(),
                places,
            };
        }
        Rc::clone(&located.places)
    }

    /// Gathers the findings for [`findings`](Self::findings): of the manifest, of its
    /// signatures, and of what it names.
    fn gather(&self) -> Vec<Finding> {
        worst_first(match self.current() {
            Current::List(node, list) => {
                let mut findings = node.findings.clone();
                self.find_in_list(list, &mut findings);
                findings
            }
            Current::Image(node, image) => self.findings_of_image(node, image, self.entry()),
            Current::Other(node) => match &node.recognized {
                Some(known) if known.config.is_some() => known
                    .config
                    .iter()
                    .flat_map(|config| config.1.clone())
                    .collect(),
                // What is known for what it is has no faults as a manifest; of the rest, the
                // place of the fault tells something.
                Some(known) if !known.kind.is_told_by_reader() => Vec::new(),
                Some(_) | None => node.findings.clone(),
            },
            Current::Loading | Current::Failed(_) => Vec::new(),
        })
    }

    /// The findings of one image: of its manifest, of its signatures, and of its config where
    /// that is here. `entry` is that of the list that names it.
    pub(in crate::workflow) fn findings_of_image(
        &self,
        node: &Node,
        image: &Image,
        entry: Option<&Descriptor>,
    ) -> Vec<Finding> {
        let mut findings = node.findings.clone();
        find_in_signatures(
            node.signatures.as_deref().unwrap_or_default(),
            &mut findings,
        );
        self.find_in_image(image, entry, &mut findings);
        findings
    }

    /// Compares the children of a list that are here, and their configs, with what the list
    /// and the images say of them.
    ///
    /// All pointers lead to the entry, also for what is wrong with the config of a child: it
    /// is the list that is looked at. Of the comparisons of one child only the first that
    /// failed is told. A child is called by its platform: `linux/arm64 hashes to sha256:…`.
    fn find_in_list(&self, list: &List, findings: &mut Vec<Finding>) {
        for entry in &list.entries {
            let Some(node) = self.child(entry).and_then(Fetch::done) else {
                continue;
            };
            let name = entry
                .platform
                .as_ref()
                .map_or_else(|| "this entry".to_owned(), ToString::to_string);
            // The list is compared first; a registry that repeats its lie in a header needs no second finding.
            findings.extend(
                node.comparisons
                    .iter()
                    .find_map(|one| differs(one, &entry.pointer, &name)),
            );
            let fetched = node
                .image()
                .and_then(|image| self.config(image))
                .and_then(Fetch::done);
            let of_config = format!("the config of {name}");
            findings.extend(
                fetched.and_then(|config| differs(&config.comparison, &entry.pointer, &of_config)),
            );
            let pointer = entry.pointer.child("platform");
            findings.extend(
                node.image()
                    .and_then(|image| self.other_platform(entry, image, pointer)),
            );
        }
    }

    /// Whether an image's config is for the platform that the list states; `None` where that
    /// cannot be compared.
    ///
    /// That is where the list states none or `unknown/unknown`, and where the config is not
    /// here or is another. Platforms are compared in their usual names, and a part that only
    /// the list states does not count against it.
    #[must_use]
    pub fn is_as_listed(&self, entry: &Descriptor, image: &Image) -> Option<bool> {
        let listed = entry
            .platform
            .as_ref()
            .filter(|listed| listed.names_machine())?;
        let config = self
            .true_config(image)
            .filter(|config| config.is_platform_readable())?;
        Some(listed.normalized() == with_list_only_parts(&config.platform, listed))
    }

    /// The finding where the config has another platform than the list states; it stands at
    /// `pointer`.
    fn other_platform(
        &self,
        entry: &Descriptor,
        image: &Image,
        pointer: impl Into<Pointer>,
    ) -> Option<Finding> {
        if self.is_as_listed(entry, image)? {
            return None;
        }
        let (listed, config) = (entry.platform.as_ref()?, self.true_config(image)?);
        let message = format!(
            "the list says {listed}, the config says {}",
            config.platform
        );
        Some(Finding::new(Code::ListedPlatform, pointer, message))
    }

    /// Compares an image with its config: its digest and size, what reading it found, its
    /// platform, and how many layers it has.
    ///
    /// Layers, diff IDs and the steps of the history are only counted: their number has to be
    /// the same, but for an artifact, which has layers of its own kind. An image config may
    /// have no history at all.
    fn find_in_image(
        &self,
        image: &Image,
        entry: Option<&Descriptor>,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(config) = self.config(image).and_then(Fetch::done) {
            findings.extend(differs(&config.comparison, "/config", "the config"));
            // What an artifact's config holds is the artifact's own affair.
            let media_type = image
                .config
                .as_ref()
                .and_then(|config| config.media_type.as_ref());
            let found = media_type
                .filter(|it| it.is_image_config())
                .map_or(&[][..], |_| &config.findings);
            findings.extend(found.iter().cloned().map(|mut finding| {
                finding.message = format!("in the config: {}", finding.message);
                finding.in_config = true;
                finding
            }));
        }
        findings.extend(entry.and_then(|entry| self.other_platform(entry, image, "/config")));
        let fetched = self
            .config(image)
            .and_then(Fetch::done)
            .filter(|_| image.artifact().is_none());
        let Some(Config {
            config: Ok(config), ..
        }) = fetched
        else {
            return;
        };
        // Of what cannot be read nothing is compared.
        if config.is_readable("/rootfs") && config.diff_ids.len() != image.layers.len() {
            let message = format!(
                "{} layers and {} diff IDs",
                image.layers.len(),
                config.diff_ids.len()
            );
            findings.push(Finding::new(Code::LayerCount, "/layers", message));
        }
        if config.is_readable("/history")
            && !config.history.is_empty()
            && config.layer_steps() != image.layers.len()
        {
            let message = format!(
                "{} layers and {} steps that made one",
                image.layers.len(),
                config.layer_steps()
            );
            findings.push(Finding::new(Code::HistoryCount, "/layers", message));
        }
    }
}

/// What checking the signatures came to. What is wrong with an unreadable one was found when
/// it was read.
fn find_in_signatures(results: &[Checked], findings: &mut Vec<Finding>) {
    for (index, result) in results.iter().enumerate() {
        let (code, message) = match result {
            Checked::Holds | Checked::NotChecked(NotChecked::Unreadable) => continue,
            Checked::DoesNotHold => (
                Code::SignatureInvalid,
                "the signature does not fit the payload and the key",
            ),
            Checked::NotChecked(why) => (Code::SignatureUnchecked, why.reason()),
        };
        findings.push(Finding::new(
            code,
            format!("/signatures/{index}/signature"),
            message,
        ));
    }
}

/// The config's platform, and of the listed one those parts that the config does not state.
///
/// A config without a variant, os.version or os.features, or with an empty one, says nothing
/// against a list that states it. Features of the machine no config has.
fn with_list_only_parts(config: &Platform, listed: &Platform) -> Platform {
    let stated = |config: &Option<String>, listed: &Option<String>| {
        let own = config.clone().filter(|text| !text.is_empty());
        own.or_else(|| listed.clone())
    };
    let os_features = [&config.os_features, &listed.os_features]
        .into_iter()
        .find(|features| !features.is_empty());
    Platform {
        architecture: config.architecture.clone(),
        os: config.os.clone(),
        os_version: stated(&config.os_version, &listed.os_version),
        os_features: os_features.cloned().unwrap_or_default(),
        variant: stated(&config.variant, &listed.variant),
        ..listed.clone()
    }
    .normalized()
}

/// The finding where a comparison failed: the size or the digest of what came is another.
/// `pointer` is that of the descriptor, `name` what to call the content in a sentence.
fn differs(comparison: &Comparison, pointer: &str, name: &str) -> Option<Finding> {
    match &comparison.verdict {
        Verdict::WrongSize { expected, found } => {
            let message = format!("{name} is stated as {expected} bytes, {found} came");
            Some(Finding::new(
                Code::ListedSize,
                format!("{pointer}/size"),
                message,
            ))
        }
        Verdict::WrongDigest { found } => {
            let message = format!("{name} hashes to {found}");
            Some(Finding::new(
                Code::ListedDigest,
                format!("{pointer}/digest"),
                message,
            ))
        }
        Verdict::Verified | Verdict::NotChecked(_) => None,
    }
}
