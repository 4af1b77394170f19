//! A registry in memory, of which the tests of each topic compose lists.

use super::*;
use crate::compose::{ListKind, Tool};
use crate::finding::Code;
use crate::workflow::fetch::Generation;
use crate::workflow::fetch::Received;

mod answers;
mod configs;
mod kept;
mod lists;
mod rows;

const REPOSITORY: &str = "r.example/app";

/// What a registry has, by tag or digest, with the digest that it says each has.
#[derive(Default)]
struct Registry {
    contents: Vec<(String, Vec<u8>, String)>,
    asked: Vec<String>,
}

impl Registry {
    fn put(&mut self, tag: &str, text: &str) -> Digest {
        let digest = Digest::sha256(text.as_bytes());
        for name in [tag, digest.as_str()] {
            self.contents.push((
                name.to_owned(),
                text.as_bytes().to_vec(),
                digest.to_string(),
            ));
        }
        digest
    }

    /// An image of one family for a platform; `platform` is JSON without its braces.
    fn image(&mut self, tag: &str, platform: &str) -> Digest {
        let config = format!("{{{platform}}}");
        let config_digest = self.put("-", &config);
        self.put(
            tag,
            &format!(
                r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{config_digest}","size":{}}},"layers":[]}}"#,
                MediaType::OCI_MANIFEST, MediaType::OCI_CONFIG, config.len(),
            ),
        )
    }

    fn size(&self, digest: &Digest) -> usize {
        self.contents
            .iter()
            .find(|(name, ..)| name == digest.as_str())
            .map_or(0, |(_, bytes, _)| bytes.len())
    }

    /// An entry of a list, with `rest` behind its size.
    fn entry(&self, digest: &Digest, rest: &str) -> String {
        let size = self.size(digest);
        format!(
            r#"{{"mediaType":"{}","digest":"{digest}","size":{size}{rest}}}"#,
            MediaType::OCI_MANIFEST
        )
    }

    /// Sends the message, and answers what is fetched until nothing is.
    fn send(&mut self, model: &mut Model, msg: Msg) {
        let effects = update(model, msg);
        self.serve(model, effects);
    }

    fn serve(&mut self, model: &mut Model, mut effects: Vec<Effect>) {
        while let Some(effect) = effects.pop() {
            let Effect::Fetch {
                generation,
                reference,
                what,
                ..
            } = effect
            else {
                continue;
            };
            let name = reference.target().to_string();
            self.asked.push(name.clone());
            let found = self.contents.iter().find(|(known, ..)| *known == name);
            let result = match found {
                Some((_, bytes, said)) => Ok(Received {
                    docker_content_digest: (what == ContentKind::Manifest).then(|| said.clone()),
                    ..Received::local(bytes.as_slice().into())
                }),
                None => Err(Failure::NotBundled),
            };
            effects.extend(update(
                model,
                Msg::Received {
                    generation,
                    reference,
                    what,
                    result,
                },
            ));
        }
    }
}

fn index(entries: &[String], rest: &str) -> String {
    let entries = entries.join(",");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{entries}]{rest}}}"#,
        MediaType::OCI_INDEX
    )
}

fn reference(tag: &str) -> Reference {
    format!("{REPOSITORY}:{tag}").parse().expect("a reference")
}

fn add(tags: &[&str]) -> Msg {
    Msg::Add(tags.iter().map(|tag| reference(tag)).collect())
}

const AMD64: &str = r#""architecture":"amd64","os":"linux""#;
const ARM64: &str = r#""architecture":"arm64","os":"linux","variant":"v8""#;
const WINDOWS: &str =
    r#""architecture":"amd64","os":"windows","os.version":"10.0.20348.1","os.features":["win32k"]"#;

fn platforms(model: &Model) -> Vec<String> {
    let entries = model.written().list.entries.iter();
    entries
        .map(|entry| {
            entry
                .platform
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        })
        .collect()
}

fn codes(model: &Model) -> Vec<String> {
    model
        .findings()
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.pointer))
        .collect()
}

fn with_attestations(registry: &mut Registry) -> (Digest, Digest) {
    let (amd64, arm64) = (registry.image("a", AMD64), registry.image("b", ARM64));
    let attestation = registry.put("-", r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#);
    let platform = |text: &str| format!(r#","platform":{{{text}}}"#);
    let attests = format!(
        r#","annotations":{{"vnd.docker.reference.digest":"{arm64}","vnd.docker.reference.type":"attestation-manifest"}},"platform":{{"architecture":"unknown","os":"unknown"}}"#
    );
    let entries = [
        registry.entry(&amd64, &platform(AMD64)),
        registry.entry(&arm64, &platform(ARM64)),
        registry.entry(&attestation, &attests),
    ];
    registry.put("list", &index(&entries, ""));
    (amd64, arm64)
}

fn bytes_of(registry: &Registry, name: &str) -> Rc<[u8]> {
    registry
        .contents
        .iter()
        .find(|(known, ..)| known == name)
        .expect("there")
        .1
        .as_slice()
        .into()
}
