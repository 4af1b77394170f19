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
//! the config, a signature. The stamp is made by `Model::stamp` alone, from the whole way.
//!
//! Longer than most files: the sentences of one screen are read, and changed, together.

use crate::descriptor::Descriptor;
use crate::finding::Severity;
use crate::humanize::{count, sentence, size};
use crate::json::{JsonError, Reason};
use crate::manifest::schema1::jws::Checked;
use crate::manifest::{Format, Image, List};
use crate::media_type::MediaType;
use crate::recognize::Kind;
use crate::registry::error::{ErrorAnswer, RegistryError};
use crate::registry::relay_path::TOKEN_REFUSED;
use crate::registry::transport::TransportError;
use crate::verify::{DigestSource, Verdict};

use crate::workflow::fetch::{Failure, Fetch};

use crate::workflow::inspect::{ContentKey, Current, InspectTarget, MismatchCause, Model, Node};

use super::status::{Stamp, Status, Summary, node_status};

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
                detail.push_str(&self.entries_words(list));
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
            stamp: self.with_warnings(self.stamp()),
        }
    }

    /// The place's name, as it stands in titles: `nginx:1.27`, `linux/amd64 of nginx:1.27`.
    ///
    /// At the root it is the subject as a person would type it, the familiar form of a
    /// reference or the name of what was opened. Below it stands the entry's platform as its
    /// author wrote it. An attestation, an artifact, an entry of no known platform, or what the list does
    /// not name at all, is named by the start of its digest.
    fn place(&self) -> String {
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

    /// Judges the way to the place as a whole: one content that is not what was named spoils
    /// it.
    ///
    /// What is counted are the manifests from the root down to the place, and below it the
    /// entries of a list, or the config of an image. Entries that are held back or not fetched
    /// count too, so a list of which a part was fetched is only partly checked. Layers do not
    /// count, and a config inside the manifest is part of the manifest.
    ///
    /// The first row that fits decides:
    ///
    /// | what is so | status | text |
    /// | --- | --- | --- |
    /// | the person cancelled | unchecked | `Cancelled` |
    /// | what is looked at did not come | failed | `No manifest` |
    /// | it is on its way | pending | `Checking` |
    /// | contents differ from what was named | failed | `1 mismatch`, `2 mismatches` |
    /// | they are an error answer, or only text, a page or other JSON | failed | `No manifest` |
    /// | they were recognised as something else, and nothing was compared | unchecked | `No manifest` |
    /// | the bytes are no JSON object | failed | `No manifest` |
    /// | entries or the config did not come | failed | `2 missing` |
    /// | a finding is an error | failed | `3 errors` |
    /// | something, or a signature, is on its way | pending | `Checking` |
    /// | nothing was compared | unchecked | `Not checked` |
    /// | a part was compared, and fits | unchecked | `Partly checked` |
    /// | all was compared, and fits | verified | `Verified here` |
    ///
    /// Warnings are told behind the text where it is no fault: `Verified here · 2 warnings`.
    ///
    /// An entry without a valid digest is not missing: nothing can be asked for by it, and its
    /// finding is one of the errors. A config that is too large to be read is only unchecked, so
    /// its image is partly checked at best.
    fn stamp(&self) -> Stamp {
        let stamp = |status, text: String, small: String| Stamp {
            status,
            text,
            small,
        };
        let mut statuses: Vec<Status> = self
            .chain()
            .iter()
            .map(|(node, _)| node_status(node).0)
            .collect();
        let mut nameless = 0;
        let current = self.current();
        match current {
            Current::Failed(Failure::Cancelled) => {
                return stamp(
                    Status::Unchecked,
                    "Cancelled".into(),
                    "nothing was checked".into(),
                );
            }
            Current::Failed(_) => {
                return stamp(
                    Status::Failed,
                    "No manifest".into(),
                    "nothing was checked".into(),
                );
            }
            Current::Loading => {
                return stamp(Status::Pending, "Checking".into(), "on its way".into());
            }
            Current::List(_, list) => {
                statuses.extend(list.entries.iter().map(|entry| self.entry_status(entry).0));
                nameless = without_digest(list);
            }
            Current::Image(node, image) if image.config.is_some() => {
                statuses.push(self.config_status(node, image).0);
            }
            Current::Image(..) | Current::Other(_) => {}
        }
        let checking = matches!(current, Current::Image(node, _) if node.is_being_checked());
        let number = |status| statuses.iter().filter(|other| **other == status).count();
        let (good, bad, working) = (
            number(Status::Verified),
            number(Status::Failed) - nameless,
            number(Status::Pending),
        );
        let share = format!("{good} of {} verified here", statuses.len());
        let errors = self.count_findings(Severity::Error);
        let mismatches = self.wrong_contents();
        if mismatches > 0 {
            let text = if mismatches == 1 {
                "1 mismatch".into()
            } else {
                format!("{mismatches} mismatches")
            };
            stamp(Status::Failed, text, share)
        } else if let Current::Other(Node {
            recognized: Some(known),
            ..
        }) = current
            && known.config.is_none()
            && (good == 0 || known.kind.is_plain())
        {
            // Nothing is wrong with a statement or an archive, but it is not what an image is.
            let status = if known.kind.is_plain() || known.kind == Kind::ErrorAnswer {
                Status::Failed
            } else {
                Status::Unchecked
            };
            stamp(status, "No manifest".into(), known.kind.name().into())
        } else if matches!(current, Current::Other(node) if node.manifest.is_err() && node.recognized.is_none())
        {
            stamp(
                Status::Failed,
                "No manifest".into(),
                "these bytes are none".into(),
            )
        } else if bad > 0 {
            stamp(Status::Failed, format!("{bad} missing"), share)
        } else if errors > 0 {
            stamp(Status::Failed, count(errors, "error"), share)
        } else if working > 0 || checking {
            stamp(Status::Pending, "Checking".into(), share)
        } else if good == 0 {
            let chain = self.chain();
            let why = chain.last().map(|(node, _)| node_status(node).1);
            stamp(
                Status::Unchecked,
                "Not checked".into(),
                why.unwrap_or_default().into_owned(),
            )
        } else if good < statuses.len() {
            stamp(Status::Unchecked, "Partly checked".into(), share)
        } else {
            let small = match current {
                Current::List(..) if statuses.len() > 1 => {
                    format!("all {} manifests", statuses.len())
                }
                Current::Image(_, image) if image.config.is_some() => "manifest and config".into(),
                Current::Other(Node {
                    recognized: Some(known),
                    ..
                }) => known.kind.name().into(),
                _ => "the manifest".into(),
            };
            stamp(Status::Verified, "Verified here".into(), small)
        }
    }

    /// How many findings of that severity there are in what is looked at.
    fn count_findings(&self, severity: Severity) -> usize {
        let all = self.findings().iter();
        all.filter(|finding| finding.severity() == severity).count()
    }

    /// Says how many warnings there are, where the stamp tells no fault: no warning is silent.
    fn with_warnings(&self, stamp: Stamp) -> Stamp {
        let warnings = self.count_findings(Severity::Warning);
        let tells_fault = matches!(stamp.status, Status::Failed | Status::Pending);
        if warnings == 0 || tells_fault {
            return stamp;
        }
        Stamp {
            text: [&stamp.text, " · ", &count(warnings, "warning")].concat(),
            ..stamp
        }
    }

    /// How many contents in view are not what was named.
    ///
    /// The manifests on the way are counted, and below a list each entry that is here and
    /// differs, or whose config differs; below an image its config. An entry that did not come
    /// is no mismatch: it is among the missing of [`Model::stamp`].
    fn wrong_contents(&self) -> usize {
        let wrong = |node: &Node| {
            node.comparisons
                .iter()
                .any(|comparison| comparison.verdict.is_mismatch())
        };
        let chain = self.chain().iter().filter(|(node, _)| wrong(node)).count();
        let below = match self.current() {
            Current::List(_, list) => {
                let here = |entry: &&Descriptor| self.child(entry).and_then(Fetch::done).is_some();
                list.entries
                    .iter()
                    .filter(here)
                    .filter(|entry| self.entry_status(entry).0 == Status::Failed)
                    .count()
            }
            Current::Image(_, image) => {
                let config = self.config(image).and_then(Fetch::done);
                usize::from(config.is_some_and(|config| config.comparison.verdict.is_mismatch()))
            }
            _ => 0,
        };
        chain + below
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

    /// Tells how many entries are not what the list says, how many have no valid digest, and how
    /// many did not come; empty where there is none of these.
    ///
    /// Each sentence begins with a space, since it follows another.
    fn entries_words(&self, list: &List) -> String {
        let statuses = list
            .entries
            .iter()
            .map(|entry| (entry, self.entry_status(entry).0));
        let bad: Vec<_> = statuses
            .filter(|(_, status)| *status == Status::Failed)
            .map(|(entry, _)| entry)
            .collect();
        let wrong = bad
            .iter()
            .filter(|entry| matches!(self.child(entry), Some(Fetch::Done(_))))
            .count();
        let nameless = without_digest(list);
        let words = |number: usize, one: &str, many: &str| match number {
            0 => String::new(),
            1 => [" One of its entries ", one, "."].concat(),
            number => format!(" {number} of its entries {many}."),
        };
        [
            words(
                wrong,
                "is not what the list says",
                "are not what the list says",
            ),
            words(nameless, "has no valid digest", "have no valid digest"),
            words(bad.len() - wrong - nameless, "did not come", "did not come"),
        ]
        .concat()
    }
}

/// Counts the entries without a valid digest: nothing can be asked for by them.
fn without_digest(list: &List) -> usize {
    let has_none = |entry: &&Descriptor| entry.digest.is_none();
    list.entries.iter().filter(has_none).count()
}

/// Makes the title for content that did not come.
///
/// The words of whoever answered lead, where there are any: `The registry says:
/// MANIFEST_UNKNOWN, manifest unknown`; what they mean stands in the detail then. Otherwise an
/// error of a registry has its heading from `meaning`, which leaves the name out: `There is no
/// such manifest`. What is not in the list is named by the start of its digest.
fn failed(name: &str, failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.said().unwrap_or_else(|| meaning(error)),
        Failure::NotBundled => format!("{name} is not part of what was opened"),
        Failure::NotListed(digest) => format!("The list does not name {}", digest.short()),
        Failure::TooLarge { .. } => format!("{name} is too large to be read"),
        Failure::Cancelled => format!("{name} was cancelled"),
    }
}

impl RegistryError {
    /// The own words of whoever answered, and whose they are: `The registry says: DENIED, …`.
    /// `None` where there are none.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let answer = self.answer().filter(|answer| !answer.words.is_empty())?;
        let who = match self {
            Self::TokenRefused { .. } => &token_service(&answer.url),
            _ => "The registry",
        };
        Some([who, " says: ", &answer.words].concat())
    }
}

/// A token service is another host than the registry's, so it is told with its address.
fn token_service(url: &str) -> String {
    ["The token service at ", url].concat()
}

/// What happened, in a heading or a sentence; the error's own words follow it.
///
/// The words are those of the whole situation; addresses and codes belong to the explanation,
/// see [`RegistryError::explain`]. Of a request that no way led to an answer for, the last way
/// decides, which is also asked first for the advice.
fn meaning(error: &RegistryError) -> String {
    let words = match error {
        RegistryError::TokenUnreachable { url, attempts } => {
            let what = match attempts.last() {
                Some((_, TransportError::ProxyRefused { code, .. })) if code == TOKEN_REFUSED => {
                    " gave no token"
                }
                _ => " could not be reached",
            };
            return token_service(url) + what;
        }
        RegistryError::TokenUnreadable { url, .. } => {
            return token_service(url) + " gave no token";
        }
        RegistryError::TokenRefused { answer, .. } => {
            let fault = if answer.status < 500 {
                " refused"
            } else {
                " has a fault"
            };
            return token_service(&answer.url) + fault;
        }
        RegistryError::Transport { attempts, .. } => match attempts.last() {
            Some((_, TransportError::Offline)) => "This browser is offline",
            Some((_, TransportError::ProxyDown)) => "The proxy does not answer",
            _ => "The registry could not be reached",
        },
        RegistryError::CredentialsNeeded(_) | RegistryError::ChallengeHidden(_) => {
            "The registry asks who you are"
        }
        RegistryError::CredentialsRefused(_) => "The registry refused these credentials",
        RegistryError::Forbidden(answer) => code_words(answer).unwrap_or("You may not read this"),
        RegistryError::NotFound(answer) => {
            code_words(answer).unwrap_or("There is no such manifest")
        }
        RegistryError::TooManyRequests(_) => "The registry asks you to wait",
        RegistryError::Server(answer) => code_words(answer).unwrap_or("The registry has a fault"),
        RegistryError::UnexpectedStatus(answer) => {
            code_words(answer).unwrap_or(if answer.refuses() {
                "The registry refused"
            } else {
                "The registry gave an answer that Waybill does not expect"
            })
        }
        RegistryError::LocationMissing(_)
        | RegistryError::LocationRefused { .. }
        | RegistryError::RangeIgnored(_) => {
            "The registry gave an answer that Waybill does not expect"
        }
        RegistryError::TooLarge { .. } => "The manifest is too large to be read",
        RegistryError::RealmRefused { .. } => {
            "The registry names a token service that must not be asked"
        }
        RegistryError::RealmUnconfirmed { .. } => "May your credentials go to another host?",
    };
    words.to_owned()
}

/// What the registry's error codes mean, of those that say more than its status does.
///
/// Source: distribution-spec, "Error Codes".
fn code_words(answer: &ErrorAnswer) -> Option<&'static str> {
    answer.errors.iter().find_map(|error| {
        Some(match error.code.as_str() {
            "NAME_UNKNOWN" => "There is no such repository",
            "NAME_INVALID" => "The registry takes no repository of this name",
            "MANIFEST_UNKNOWN" => "There is no such manifest",
            "MANIFEST_INVALID" => "The registry cannot read this manifest",
            "BLOB_UNKNOWN" | "MANIFEST_BLOB_UNKNOWN" => "The registry lacks a blob",
            "DIGEST_INVALID" => "The registry does not take this digest",
            "UNAUTHORIZED" => "The registry asks who you are",
            "DENIED" => "You may not read this",
            "UNSUPPORTED" => "The registry does not do this",
            "TOOMANYREQUESTS" => "The registry asks you to wait",
            _ => return None,
        })
    })
}

/// Tells what happened in the error's own words, or what can be done about it.
///
/// An error of a registry is quoted as a sentence, behind what it means where the title has the
/// registry's own words; the page shows its
/// [`RegistryError::explain`] as well, with the evidence and the buttons.
fn failed_detail(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => match error.said() {
            Some(_) => [&meaning(error), ": ", &error.to_string(), "."].concat(),
            None => sentence(&error.to_string()),
        },
        Failure::NotBundled => {
            "Only the bytes that were opened are here; what they name has to come from a registry."
                .into()
        }
        Failure::NotListed(digest) => {
            format!("{digest} is in this address, and no entry of the list has it.")
        }
        Failure::TooLarge { size: bytes } => {
            format!("It is stated as {}; at most 4 MiB are read.", size(*bytes))
        }
        Failure::Cancelled => "Nothing was lost; it can be fetched again.".into(),
    }
}

/// Makes the title for bytes that are no manifest: HTML and other text, JSON of another kind,
/// or a manifest that is ambiguous.
///
/// HTML is told apart, since gateways and login pages send it. What is JSON and neither
/// ambiguous nor of a known format is `not a manifest that Waybill knows`.
fn other(name: &str, node: &Node) -> String {
    if let Some(known) = &node.recognized {
        return format!("{name} is {}", known.name);
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
            _ => "Nobody named a digest to compare its bytes with.".to_owned(),
        },
    }
}
