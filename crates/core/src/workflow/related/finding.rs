//! What is wrong with a manifest where it was found.

use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::verify::Verdict;

use super::message::TagKind;
use super::node::{Edge, Related, Way};

impl Related {
    /// What is wrong with finding it there. `parent` is the manifest under which it was found.
    #[must_use]
    pub fn findings(&self, edge: &Edge, parent: &Self) -> Vec<Finding> {
        let mut found = Vec::new();
        if parent.digest == self.digest {
            return vec![Finding::Loop];
        }
        if edge.times > 1 {
            found.push(Finding::Twice { times: edge.times });
        }
        let Some(node) = self.node() else {
            return found;
        };
        for comparison in &node.comparisons {
            match &comparison.verdict {
                Verdict::WrongDigest { found: digest } => found.push(Finding::OtherBytes {
                    found: digest.clone(),
                }),
                Verdict::WrongSize {
                    expected,
                    found: size,
                } => found.push(Finding::Size {
                    listed: *expected,
                    found: *size,
                }),
                Verdict::Verified | Verdict::NotChecked(_) => {}
            }
        }
        if node.is_other() {
            found.push(Finding::NoManifest);
            return found;
        }
        found.extend(self.subject_findings(edge, parent));
        if let Some(listed) = &edge.listed {
            let own = node
                .manifest
                .as_ref()
                .ok()
                .and_then(|it| it.format.media_type());
            found.extend(differs(
                listed.media_type.as_ref(),
                own.as_ref(),
                "mediaType",
            ));
            let own = self.artifact_type();
            // BuildKit's entries of an index have none, and need none.
            let listed = listed.artifact_type.as_ref();
            let is_said = listed.is_some() && node.image().is_some();
            found.extend(differs(listed.filter(|_| is_said), own, "artifactType"));
        }
        found
    }

    fn subject_findings(&self, edge: &Edge, parent: &Self) -> Vec<Finding> {
        let Some(subject) = self.subject() else {
            let is_by_list = |way: &Way| matches!(way, Way::Api | Way::Tag(TagKind::Fallback));
            let is_by_other = |way: &Way| !is_by_list(way);
            return match (
                edge.ways.iter().any(is_by_other),
                edge.ways.iter().any(is_by_list),
            ) {
                // An entry of an index or one of cosign's tags needs none.
                (true, false) => Vec::new(),
                (true, true) => vec![Finding::NoSubject { by_tag: true }],
                (false, _) => vec![Finding::NoSubject { by_tag: false }],
            };
        };
        if subject.digest.as_ref() != Some(&parent.digest) {
            return vec![Finding::OtherSubject {
                named: subject.digest_text.clone(),
            }];
        }
        let of = &parent.descriptor;
        let is_size = subject.size.is_none() || of.size.is_none() || subject.size == of.size;
        let both = subject.media_type.as_ref().zip(of.media_type.as_ref());
        let is_type = both.is_none_or(|(named, is)| named == is);
        if is_size && is_type {
            Vec::new()
        } else {
            vec![Finding::SubjectDiffers]
        }
    }
}

fn differs(
    listed: Option<&MediaType>,
    own: Option<&MediaType>,
    member: &'static str,
) -> Option<Finding> {
    let (listed, own) = (listed?, own?);
    (listed != own).then(|| Finding::Type {
        member,
        listed: listed.to_string(),
        own: own.to_string(),
    })
}

/// What is wrong with a manifest where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is the manifest under which it was found, or one above that.
    Loop,
    /// One list has it more than once.
    Twice {
        /// How often.
        times: usize,
    },
    /// Its bytes have another digest than was listed.
    OtherBytes {
        /// The one they have.
        found: Digest,
    },
    /// It has another size than was listed.
    Size {
        /// In bytes.
        listed: u64,
        /// In bytes.
        found: u64,
    },
    /// It is no manifest.
    NoManifest,
    /// It names no subject.
    NoSubject {
        /// Whether one of cosign's tags or the index names it all the same.
        by_tag: bool,
    },
    /// It names another subject.
    OtherSubject {
        /// The digest it names, as it stands there.
        named: String,
    },
    /// It names the subject by its digest, with another size or type.
    SubjectDiffers,
    /// A type is another than was listed.
    Type {
        /// Which.
        member: &'static str,
        /// As it was listed.
        listed: String,
        /// As its own manifest says.
        own: String,
    },
}

impl Finding {
    /// Whether it does not count as related to what it was found under.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        match self {
            Self::Loop
            | Self::OtherBytes { .. }
            | Self::NoManifest
            | Self::OtherSubject { .. }
            | Self::NoSubject { by_tag: false } => true,
            Self::Twice { .. }
            | Self::Size { .. }
            | Self::NoSubject { by_tag: true }
            | Self::SubjectDiffers
            | Self::Type { .. } => false,
        }
    }

    /// In words, a sentence without its full stop.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Loop => "it refers to itself, as it is listed: not followed".to_owned(),
            Self::Twice { times } => format!("one list has it {times} times"),
            Self::OtherBytes { found } => {
                format!("the bytes that came have the digest {found}, not the one that was listed")
            }
            Self::Size { listed, found } => {
                format!("it is listed with {listed} bytes and has {found}")
            }
            Self::NoManifest => "it is no manifest".to_owned(),
            Self::NoSubject { by_tag: true } => "it does not name its subject itself".to_owned(),
            Self::NoSubject { by_tag: false } => "it names no subject: only the list says that it \
                belongs here"
                .to_owned(),
            Self::OtherSubject { named } => format!("it names another subject: {named}"),
            Self::SubjectDiffers => {
                "it names its subject by the right digest, with another size or type".to_owned()
            }
            Self::Type {
                member,
                listed,
                own,
            } => {
                format!("{member} is listed as {listed}, its own manifest says {own}")
            }
        }
    }
}
