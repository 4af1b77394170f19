//! A registry in memory, which the tests of each topic look into.

use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::finding::{Code, Severity};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::schema1::Signed;
use crate::manifest::schema1::jws::Checked;
use crate::manifest::schema1::jws::NotChecked;
use crate::verify::Verdict;
use crate::view::{CustodyStepKind, Status};
use crate::workflow::fetch::Generation;
use crate::workflow::fetch::{Failure, Received};

mod fetching;
pub(in crate::workflow) mod signatures;
mod verdicts;

/// A registry of one repository, held in a map: what the runner of effects does, without a network.
#[derive(Default)]
struct Contents(BTreeMap<Digest, Vec<u8>>);

impl Contents {
    fn add(&mut self, json: &str) -> Digest {
        let digest = Digest::sha256(json.as_bytes());
        self.0.insert(digest.clone(), json.as_bytes().to_vec());
        digest
    }

    fn size(&self, digest: &Digest) -> usize {
        self.0[digest].len()
    }

    fn answer(&self, root: &Digest, key: &ContentKey) -> Result<Received, Failure> {
        let digest = match key {
            ContentKey::Root => root,
            ContentKey::Child(digest) | ContentKey::Config(digest) => digest,
        };
        let bytes = self.0.get(digest).ok_or(Failure::NotBundled)?;
        Ok(Received {
            docker_content_digest: Some(digest.to_string()),
            ..Received::local(bytes.as_slice().into())
        })
    }

    /// Adds an image for a platform and gives its entry in a list.
    fn image(&mut self, architecture: &str) -> String {
        let platform = format!(r#"{{"architecture":"{architecture}","os":"linux"}}"#);
        let config = platform.replace('}', r#","rootfs":{"type":"layers","diff_ids":[]}}"#);
        self.image_of(&config, &platform)
    }

    /// Adds an image of that config, and gives its entry in a list that states that platform.
    fn image_of(&mut self, config: &str, platform: &str) -> String {
        let config = self.add(config);
        let manifest = self.add(&format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{config}","size":{}}},"layers":[]}}"#,
            MediaType::OCI_MANIFEST,
            MediaType::OCI_CONFIG,
            self.size(&config)
        ));
        format!(
            r#"{{"mediaType":"{}","digest":"{manifest}","size":{},"platform":{platform}}}"#,
            MediaType::OCI_MANIFEST,
            self.size(&manifest)
        )
    }

    fn index(&mut self, entries: &[String]) -> Digest {
        self.add(&format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#,
            MediaType::OCI_INDEX,
            entries.join(",")
        ))
    }

    /// Opens the root and answers every fetch; gives the model and every key in the order it was asked for.
    fn run(&self, root: &Digest, path: Vec<Digest>) -> (Model, Vec<ContentKey>) {
        let (mut model, effects) = Model::open(tagged(), path, Generation(1));
        let keys = self.finish(root, &mut model, effects);
        (model, keys)
    }

    fn finish(&self, root: &Digest, model: &mut Model, effects: Vec<Effect>) -> Vec<ContentKey> {
        let mut todo: VecDeque<Effect> = effects.into();
        let mut keys = Vec::new();
        while let Some(effect) = todo.pop_front() {
            if let Effect::Fetch {
                generation, key, ..
            } = effect
            {
                keys.push(key.clone());
                let result = self.answer(root, &key);
                todo.extend(update(
                    model,
                    Msg::Received {
                        generation,
                        key,
                        result,
                    },
                ));
            }
        }
        keys
    }
}

fn tagged() -> InspectTarget {
    InspectTarget::Registry("registry.example/app:1".parse().expect("a reference"))
}
