//! The check of layers: what is planned, what is read, how it compares.

mod below;
mod planning;
mod reading;
mod seals;

use std::rc::Rc;

use super::*;
use crate::media_type::MediaType;
use crate::workflow::fetch::Received;
use crate::workflow::inspect::{self, ContentKey, InspectTarget};

/// A digest that names nothing in particular.
pub(in crate::workflow) fn digest(text: &str) -> Digest {
    Digest::sha256(text.as_bytes())
}

fn wanted(text: &str) -> Wanted {
    Wanted {
        digest: digest(text),
        size: Some(1_000),
        unpack: true,
        contents: false,
    }
}

/// What a plain layer of that content is found to be.
pub(in crate::workflow) fn found(text: &str) -> Found {
    Found {
        digest: digest(text),
        size: text.len() as u64,
        compression: Compression::None,
        diff_id: Ok(digest(text)),
        unpacked: text.len() as u64,
        trailing: 0,
        archive: Ok(()),
    }
}

fn layer(text: &str) -> PlannedLayer {
    PlannedLayer {
        digest: Some(digest(text)),
        size: Some(text.len() as u64),
        media_type: None,
        reading: Reading::Unpacked,
        diff_id: Ok(digest(text)),
        has_table: false,
    }
}

/// An inspection of the contents that these texts are; the first is the root.
pub(in crate::workflow) fn inspect(contents: &[&str]) -> inspect::Model {
    let target = InspectTarget::Bundle {
        name: "test".into(),
        expected: None,
    };
    let (mut model, effects) = inspect::Model::open(target, Vec::new(), Generation(1));
    answer(&mut model, effects, contents);
    model
}

/// The same with everything that a validation asks for, as the page does it; and how many
/// contents were fetched.
pub(in crate::workflow) fn inspect_below(contents: &[&str]) -> (inspect::Model, usize) {
    let target = InspectTarget::Bundle {
        name: "test".into(),
        expected: None,
    };
    let (mut model, effects) = inspect::Model::open(target, Vec::new(), Generation(1));
    let mut fetched = answer(&mut model, effects, contents);
    while let inspect::Current::List(_, list) = model.current()
        && let Some(more) = Below::of(&model, list).missing(&model, true)
    {
        let effects = inspect::update(&mut model, more);
        fetched += answer(&mut model, effects, contents);
    }
    (model, fetched)
}

/// Answers every fetch from these texts; how many there were.
fn answer(model: &mut inspect::Model, effects: Vec<inspect::Effect>, contents: &[&str]) -> usize {
    let mut fetched = 0;
    let mut waiting: VecDeque<_> = effects.into();
    while let Some(effect) = waiting.pop_front() {
        if let inspect::Effect::Fetch {
            generation, key, ..
        } = effect
        {
            fetched += 1;
            let bytes = match &key {
                ContentKey::Root => contents.first(),
                ContentKey::Child(digest) | ContentKey::Config(digest) => contents
                    .iter()
                    .find(|text| Digest::sha256(text.as_bytes()) == *digest),
            };
            let result = bytes
                .map(|text| Received::local(Rc::from(text.as_bytes())))
                .ok_or(crate::workflow::fetch::Failure::NotBundled);
            let msg = inspect::Msg::Received {
                generation,
                key,
                result,
            };
            waiting.extend(inspect::update(model, msg));
        }
    }
    fetched
}

pub(in crate::workflow) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

pub(in crate::workflow) fn descriptor(media_type: &str, digest: &Digest, size: usize) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
}

pub(in crate::workflow) fn config(diff_ids: &[Digest]) -> String {
    let list: Vec<_> = diff_ids.iter().map(|id| format!("\"{id}\"")).collect();
    format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        list.join(",")
    )
}

pub(in crate::workflow) fn image(config: &str, layers: &[String]) -> String {
    let config = descriptor(
        MediaType::OCI_CONFIG.as_str(),
        &Digest::sha256(config.as_bytes()),
        config.len(),
    );
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{config},"layers":[{}]}}"#,
        MediaType::OCI_MANIFEST,
        layers.join(",")
    )
}

/// An index of these manifests, each with the type that it states.
pub(in crate::workflow) fn index(manifests: &[&str]) -> String {
    let entries: Vec<_> = manifests
        .iter()
        .map(|text| {
            let is_list = text.contains(MediaType::OCI_INDEX.as_str());
            let media_type = if is_list {
                MediaType::OCI_INDEX
            } else {
                MediaType::OCI_MANIFEST
            };
            let digest = Digest::sha256(text.as_bytes());
            descriptor(media_type.as_str(), &digest, text.len())
        })
        .collect();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#,
        MediaType::OCI_INDEX,
        entries.join(",")
    )
}
