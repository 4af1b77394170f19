//! The verdict in one sentence, and the stamp: never better than the worst thing found.
//!
//! The sentence names the place, the format and what it was compared with; the stamp says in
//! two words whether what is shown is what was asked for. Facts come from
//! [`crate::workflow::inspect`]; here they only become words.
//!
//! ```text
//! title   linux/amd64 of nginx:1.27 is an OCI image of 71.0 MB in 7 layers
//! detail  Its bytes hash to the digest the list names, as the registry said.
//! stamp   Verified here / manifest and config
//! ```
//!
//! The title is made by what stands at the place: `failed`, `other`, `list_title` or
//! `image_title`, or says `Fetching …`. The detail is made by `comparison_words`, or by
//! `failed_detail` where nothing came, with a sentence more for what is wrong below: entries,
//! the config, a signature. The stamp is made in `stamp` alone, from the whole way; the words
//! for what did not come are in `failed`.

use crate::descriptor::Descriptor;
use crate::humanize::{count, sentence, size};
use crate::json::{JsonError, Reason};
use crate::manifest::schema1::jws::Checked;
use crate::manifest::{Format, Image, List};
use crate::media_type::MediaType;
use crate::registry::error::RegistryError;
use crate::verify::{DigestSource, Verdict};

use crate::workflow::fetch::{Failure, Fetch};

use crate::workflow::inspect::{ContentKey, Current, InspectTarget, MismatchCause, Model, Node};

use super::custody::Entries;
use super::failed::{failed, failed_detail};
use super::status::{Status, Summary};

impl Model {
    /// The verdict on the place that is looked at.
    ///
    /// Title and detail go by what is looked at; the stamp goes by the whole way to it, so a good
    /// manifest below a list that is not what was named is not stamped as good.
    ///
    /// It may be asked for at any time: while nothing is here, it tells what is being fetched.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let name = self.place();
        let entries = self.entries();
        let (title, detail) = match self.current() {
            Current::Loading => (
                format!("Fetching {name}"),
                "Each row fills in as its answer comes.".to_owned(),
            ),
            Current::Failed(failure) => {
                let mut detail = failed_detail(failure);
                if let Failure::Registry(error) = failure
                    && matches!(**error, RegistryError::NotFound(_))
                    && !self.path.is_empty()
                {
                    detail.push_str(" The list names it: the registry has lost it, push it again.");
                }
                (failed(&name, failure), detail)
            }
            Current::Other(node) => {
                let mut detail = comparison_words(&self.subject, node) + &self.cause_words();
                if let Some(known) = &node.recognized
                    && !known.advice.is_empty()
                {
                    detail.push(' ');
                    detail.push_str(known.advice);
                }
                (other(&name, node), detail)
            }
            Current::List(node, list) => {
                let mut detail = comparison_words(&self.subject, node);
                detail.push_str(&entries_words(&entries));
                detail.push_str(&self.cause_words());
                (list_title(&name, node, list), detail)
            }
            Current::Image(node, image) => {
                let mut detail = comparison_words(&self.subject, node);
                if let Some(Fetch::Done(config)) = self.config(image)
                    && config.comparison.verdict.is_mismatch()
                {
                    detail.push_str(" Its config is not the one it names.");
                }
                if node
                    .signatures
                    .as_ref()
                    .is_some_and(|results| results.contains(&Checked::DoesNotHold))
                {
                    detail.push_str(" A signature does not fit it.");
                }
                detail.push_str(&self.cause_words());
                (image_title(&name, node, image), detail)
            }
        };
        Summary {
            title,
            detail,
            stamp: self.with_warnings(self.stamp(&entries)),
        }
    }

    /// The place's name, as it stands in titles: `nginx:1.27`, `linux/amd64 of nginx:1.27`.
    ///
    /// At the root it is the subject as a person would type it, the familiar form of a
    /// reference or the name of what was opened. Below it stands the entry's platform as its
    /// author wrote it. An attestation, an artifact, an entry of no known platform, or what the list does
    /// not name at all, is named by the start of its digest.
    pub(super) fn place(&self) -> String {
        let subject = self.subject.name();
        let Some(digest) = self.path.last() else {
            return subject;
        };
        let is_image = |entry: &&Descriptor| {
            let artifact = entry.artifact_type.as_ref();
            entry.attests().is_none() && artifact.is_none_or(MediaType::is_image_config)
        };
        let platform = self.entry().filter(is_image);
        match platform
            .and_then(|entry| entry.platform.as_ref())
            .filter(|platform| platform.names_machine())
        {
            Some(platform) => format!("{platform} of {subject}"),
            None => format!("{} of {subject}", digest.short()),
        }
    }

    /// Tells why the bytes, or those of the config, are not what was named, as far as that is
    /// known by now.
    ///
    /// Each sentence begins with a space, since it follows another: ` The digest is that of
    /// these bytes without the final newline.`
    fn cause_words(&self) -> String {
        let words = self.mismatches().into_iter().filter_map(|wrong| {
            Some(match (wrong.cause, wrong.key) {
                (MismatchCause::Sought, _) => return None,
                (MismatchCause::NotFound, _) => " No usual change explains it.".to_owned(),
                (MismatchCause::Found(cause), ContentKey::Config(_)) => {
                    [" In the config ", &cause, "."].concat()
                }
                (MismatchCause::Found(cause), _) => [" ", &sentence(&cause)].concat(),
            })
        });
        words.collect()
    }
}

/// Tells how many entries are not what the list says, how many have no valid digest, and how many
/// did not come; empty where there is none of these.
///
/// Each sentence begins with a space, since it follows another.
fn entries_words(entries: &Entries) -> String {
    let Entries {
        statuses,
        wrong,
        nameless,
    } = entries;
    let bad = statuses.iter().filter(|it| **it == Status::Failed).count();
    let words = |number: usize, one: &str, many: &str| match number {
        0 => String::new(),
        1 => [" One of its entries ", one, "."].concat(),
        number => format!(" {number} of its entries {many}."),
    };
    [
        words(
            *wrong,
            "is not what the list says",
            "are not what the list says",
        ),
        words(*nameless, "has no valid digest", "have no valid digest"),
        words(bad - wrong - nameless, "did not come", "did not come"),
    ]
    .concat()
}

/// Makes the title for bytes that are no manifest: HTML and other text, JSON of another kind,
/// or a manifest that is ambiguous.
///
/// HTML is told apart, since gateways and login pages send it. What is JSON and neither
/// ambiguous nor of a known format is `not a manifest that Waybill knows`.
fn other(name: &str, node: &Node) -> String {
    if let Some(known) = &node.recognized {
        let verb = match node.arrival.via {
            Some(_) => " answers with ",
            None => " is ",
        };
        return [name, verb, &known.name].concat();
    }
    match &node.manifest {
        Err(error) if error.reason == Reason::Html => {
            format!("{name} answers with an HTML page, not a manifest")
        }
        Err(JsonError {
            reason: Reason::Archive { what: found } | Reason::NotAnObject { found },
            ..
        }) => format!("{name} is {found}, not a manifest"),
        Err(_) => format!("{name} is not JSON"),
        Ok(manifest) if manifest.ambiguous && manifest.format != Format::Unknown => {
            format!(
                "{name} says that it is {}, and holds another kind",
                manifest.format.with_article()
            )
        }
        Ok(manifest) if manifest.ambiguous => {
            format!("{name} is more than one kind of manifest at once")
        }
        Ok(_) => format!("{name} is not a manifest that Waybill knows"),
    }
}

/// Makes the title of a list: `nginx:1.27 is an OCI image index for 8 platforms`.
///
/// Platforms are counted, each once, of entries that can be images: a list of two images and
/// their two attestations is for 2 platforms. Artifacts are counted by their types behind it:
/// `… for 2 platforms, and 2 SOCI indexes`. Where no entry has a platform, all entries are
/// counted: `… of 3 entries`. A cache of `BuildKit` is named as one.
fn list_title(name: &str, node: &Node, list: &List) -> String {
    let format = node
        .manifest
        .as_ref()
        .map_or(Format::Unknown, |manifest| manifest.format);
    let platforms = list.platforms();
    if platforms > 0 {
        format!(
            "{name} is {} for {}{}",
            format.with_article(),
            count(platforms, "platform"),
            artifacts(list)
        )
    } else {
        let kind = list.build_cache().map_or("", |_| "a BuildKit cache, ");
        format!(
            "{name} is {kind}{} of {}",
            format.with_article(),
            count(list.entries.len(), "entry")
        )
    }
}

/// Counts the artifacts of a list by their type: `, and 2 SOCI indexes`.
fn artifacts(list: &List) -> String {
    let types = list
        .entries
        .iter()
        .filter(|entry| entry.attests().is_none());
    let types = types.filter_map(|entry| entry.artifact_type.as_ref());
    let types: Vec<_> = types.filter(|it| !it.is_image_config()).collect();
    let Some(kind) = types.first() else {
        return String::new();
    };
    let number = types.len();
    if types.iter().any(|other| other != kind) {
        return format!(", and {}", count(number, "artifact"));
    }
    match kind.artifact_kind().and_then(|it| it.split_once(' ')) {
        Some((_, noun)) => format!(", and {}", count(number, noun)),
        None => format!(", and {} of type {kind}", count(number, "artifact")),
    }
}

/// Makes the title of an image: what kind it is, its layers, and their sizes together where
/// they are known.
///
/// The size is left out where one layer states none, as in schema 1: `… is a Docker schema 1
/// image in 4 layers`. It is the sum of what the layers' descriptors state, without config and
/// manifest. An artifact is named by what it is and its type, and its layers are not counted.
fn image_title(name: &str, node: &Node, image: &Image) -> String {
    let Ok(manifest) = &node.manifest else {
        return name.to_owned();
    };
    if let Some(artifact) = image.artifact() {
        let family = if manifest.format == Format::DockerSchema2 {
            "a Docker artifact"
        } else {
            "an OCI artifact"
        };
        return match artifact.artifact_kind() {
            Some(kind) => format!("{name} is {kind}, {family} of type {artifact}"),
            None => format!("{name} is {family} of type {artifact}"),
        };
    }
    let kind = match manifest.format {
        Format::DockerSchema1 => "a Docker schema 1 image",
        Format::DockerSchema1Signed => "a signed Docker schema 1 image",
        Format::DockerSchema2 => "a Docker image",
        _ => "an OCI image",
    };
    let layers = count(image.layers.len(), "layer");
    match image.layers_size().filter(|_| !image.layers.is_empty()) {
        Some(bytes) => format!("{name} is {kind} of {} in {layers}", size(bytes)),
        None => format!("{name} is {kind} in {layers}"),
    }
}

/// What the bytes were compared with, and how it came out: a mismatch first.
///
/// Names who said the digest, since a digest that the registry itself sent proves less than
/// one that the person brought. Comparisons stand in that order in the node, so of several
/// that fit the strongest is told, and that the registry agrees is only added to it:
///
/// ```text
/// Its bytes hash to the digest you asked for, as the registry said.
/// Its bytes do not hash to the digest the list names.
/// Its size is not the one the list names: 7143 bytes were stated, 7144 came.
/// Its bytes could not be compared: what was named is not a digest.
/// Nobody named a digest to compare its bytes with.
/// ```
///
/// What a person opened or pasted was not asked for, so there the digest is one that `it is
/// said to have`.
/// Said of a manifest that no archive holds.
const MADE: &str =
    "The archive holds no manifest: this one was made of it here, as skopeo makes it.";

fn comparison_words(subject: &InspectTarget, node: &Node) -> String {
    let bad = node
        .comparisons
        .iter()
        .find(|comparison| comparison.verdict.is_mismatch());
    let good = node
        .comparisons
        .iter()
        .find(|comparison| comparison.verdict.is_verified());
    let who = |authority| match authority {
        DigestSource::Asked if matches!(subject, InspectTarget::Bundle { .. }) => {
            "it is said to have"
        }
        DigestSource::Asked if subject.archive().is_some() => "the archive names",
        DigestSource::Asked => "you asked for",
        DigestSource::Parent => "the list names",
        DigestSource::Registry => "the registry named",
    };
    match (bad, good) {
        (Some(bad), _) => match &bad.verdict {
            Verdict::WrongSize { expected, found } => {
                format!(
                    "Its size is not the one {}: {expected} bytes were stated, {found} came.",
                    who(bad.authority)
                )
            }
            _ => format!(
                "Its bytes do not hash to the digest {}.",
                who(bad.authority)
            ),
        },
        (None, Some(good)) => {
            let both = good.authority != DigestSource::Registry
                && node.comparisons.iter().any(|other| {
                    other.authority == DigestSource::Registry && other.verdict.is_verified()
                });
            let also = if both { ", as the registry said" } else { "" };
            format!(
                "Its bytes hash to the digest {}{also}.",
                who(good.authority)
            )
        }
        (None, None) => match node
            .comparisons
            .first()
            .map(|comparison| &comparison.verdict)
        {
            Some(Verdict::NotChecked(why)) => {
                format!("Its bytes could not be compared: {}.", why.reason())
            }
            _ if subject.archive().is_some() => MADE.to_owned(),
            _ => "Nobody named a digest to compare its bytes with.".to_owned(),
        },
    }
}
