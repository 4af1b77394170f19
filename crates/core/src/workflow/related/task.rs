//! Around what to look: the manifest that is looked at, what is above it, and the images of an index.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::limits;
use crate::manifest::Manifest;
use crate::media_type::MediaType;
use crate::registry::push::Repository;
use crate::workflow::inspect::{self, Current, InspectTarget, Node};

/// What a manifest has to do with the one that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is looked at.
    Looked,
    /// It is an image of the index that is looked at.
    Entry {
        /// Its place among the entries, counted from 1.
        number: usize,
        /// What the entry is called, such as `linux/amd64`.
        title: String,
    },
    /// It is an index above what is looked at.
    Above {
        /// The place of the entry that leads on, counted from 1.
        number: usize,
    },
}

/// A manifest that others may refer to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it has to do with what is looked at.
    pub role: Role,
    /// Its digest.
    pub digest: Digest,
    /// Its media type, size and digest, as a referrer has to name it.
    pub descriptor: Descriptor,
    /// Entries of an index that say that they attest it.
    pub attested_by: Vec<Descriptor>,
    /// Its bytes, where they are here.
    pub bytes: Option<Rc<[u8]>>,
}

/// Around what to look.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where.
    pub place: Repository,
    /// The manifest that is looked at first, then those above it, then those in it.
    pub subjects: Vec<Subject>,
    /// How many images of the index are left out, since it has so many.
    pub left_out: usize,
    /// The manifest that is looked at, where it is no list: its own documents are read too.
    pub looked: Option<Node>,
    /// What the manifest that is looked at attests, as the entry of the index above says.
    pub attests: Option<Digest>,
}

impl Task {
    /// Around one manifest, which these entries of an index attest.
    #[must_use]
    pub fn around(
        place: Repository,
        digest: Digest,
        node: &Node,
        attested_by: Vec<Descriptor>,
    ) -> Self {
        let subject = Subject {
            attested_by,
            ..subject(Role::Looked, digest, node)
        };
        Self {
            place,
            subjects: vec![subject],
            left_out: 0,
            looked: None,
            attests: None,
        }
    }

    /// Around what is looked at in an inspection; `None` where nothing is here, or it is not of a
    /// registry.
    #[must_use]
    pub fn of(model: &inspect::Model) -> Option<Self> {
        let InspectTarget::Registry(reference) = &model.subject else {
            return None;
        };
        let chain = model.chain();
        let (looked, above) = chain.split_last()?;
        let entry = looked.1.and_then(Descriptor::attests);
        let is_here = above.len() == model.path.len();
        let list = match model.current() {
            Current::List(_, list) if is_here => Some(list),
            Current::Image(..) if is_here => None,
            _ => return None,
        };
        let named = |at: usize, node: &Node| match at.checked_sub(1) {
            Some(at) => model.path.get(at).cloned(),
            // A digest of another algorithm counts where the bytes have it.
            None => model
                .subject
                .asked()
                .filter(|digest| digest.check(&node.arrival.bytes) == Some(true))
                .cloned()
                .or_else(|| node.digest.clone()),
        };
        let digest = named(above.len(), looked.0)?;
        let mut first = subject(Role::Looked, digest, looked.0);
        let mut subjects = Vec::new();
        for (at, (node, _)) in above.iter().enumerate() {
            let entries = node.list().map(|list| list.entries.as_slice());
            let entries = entries.unwrap_or_default();
            let next = model.path.get(at);
            let leads = |entry: &Descriptor| entry.digest.as_ref() == next;
            let Some(number) = entries.iter().position(leads) else {
                continue;
            };
            let attests = |entry: &&Descriptor| attests(entry, &first.digest);
            first
                .attested_by
                .extend(entries.iter().filter(attests).cloned());
            if let Some(digest) = named(at, node) {
                let role = Role::Above { number: number + 1 };
                subjects.push(subject(role, digest, node));
            }
        }
        // The nearest first.
        subjects.reverse();
        let left_out = match list {
            Some(list) => images(&list.entries, &mut first, &mut subjects),
            None => 0,
        };
        subjects.insert(0, first);
        Some(Self {
            place: Repository::from_reference(reference),
            subjects,
            left_out,
            looked: list.is_none().then(|| looked.0.clone()),
            attests: entry.and_then(|of| of.parse().ok()),
        })
    }
}

/// Adds the images of an index, each with the entries that attest it; gives how many are left
/// out. What attests something that is not in it is told of the index itself.
fn images(entries: &[Descriptor], index: &mut Subject, subjects: &mut Vec<Subject>) -> usize {
    let above = subjects.len();
    let mut places = BTreeMap::new();
    let mut left_out = 0;
    for (at, entry) in entries.iter().enumerate() {
        let Some(digest) = entry.digest.clone() else {
            continue;
        };
        if entry.attests().is_some() || places.contains_key(&entry.digest_text) {
            continue;
        }
        let of_it = |subject: &Subject| subject.digest == digest;
        let place = if of_it(index) || subjects[..above].iter().any(of_it) {
            None
        } else if subjects.len() - above >= limits::REFERRERS_OF_A_SUBJECT {
            left_out += 1;
            None
        } else {
            subjects.push(Subject {
                role: Role::Entry {
                    number: at + 1,
                    title: entry.title(),
                },
                attested_by: Vec::new(),
                bytes: None,
                descriptor: entry.clone(),
                digest,
            });
            Some(subjects.len() - 1)
        };
        places.insert(entry.digest_text.clone(), place);
    }
    for entry in entries {
        let Some(of) = entry.attests() else { continue };
        let subject = match places.get(of) {
            Some(Some(place)) => &mut subjects[*place],
            // Of an image that is left out.
            Some(None) => continue,
            None => &mut *index,
        };
        if subject.attested_by.len() < limits::REFERRERS_OF_A_SUBJECT {
            subject.attested_by.push(entry.clone());
        }
    }
    left_out
}

fn attests(entry: &Descriptor, digest: &Digest) -> bool {
    entry.attests() == Some(digest.as_str())
}

fn subject(role: Role, digest: Digest, node: &Node) -> Subject {
    let said = node.manifest.as_ref().ok().map(media_type);
    let descriptor = Descriptor {
        media_type: said.flatten().or_else(|| node.arrival.content_type.clone()),
        digest_text: digest.to_string(),
        digest: Some(digest.clone()),
        size: Some(node.arrival.bytes.len() as u64),
        ..Descriptor::default()
    };
    Subject {
        role,
        digest,
        descriptor,
        attested_by: Vec::new(),
        bytes: Some(Rc::clone(&node.arrival.bytes)),
    }
}

fn media_type(manifest: &Manifest) -> Option<MediaType> {
    manifest.format.media_type()
}
