//! `docker save` before 1.10: `repositories`, and a folder for each layer with its config.
//!
//! It holds no `diff_id`, so layers have to be unpacked before an image of today can be made of
//! it, as docker up to 28 does when it loads one.
//!
//! Source: moby v28 `image/tarexport/load.go` (`legacyLoad`), `image/v1/imagev1.go`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Serialize;
use waybill_core::digest::Digest;
use waybill_core::json::style::{Escapes, Order, compact};
use waybill_core::json::{self, Object, Value};
use waybill_core::media_type::MediaType;

use super::blobs::Config;
use super::document::{member, texts, value, wrapped};
use super::finding::Code;
use super::image::{Blob, Holds, Image};
use super::reading::Reading;
use super::source::{ReadError, Source};
use crate::path::escape;

/// How many layers an image may have: docker stops at 127.
const LAYERS: usize = 1_000;
/// Members that docker takes out of the config.
const WITHOUT: [&str; 6] = ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"];

/// What a layer's folder says.
struct Old {
    parent: Option<String>,
    json: Rc<[u8]>,
}

impl<S: Source> Reading<'_, S> {
    /// Reads the folders, and makes an image of each that is nobody's parent or has a name.
    pub(super) async fn legacy(&mut self) -> Result<(), ReadError> {
        let message = "there is no manifest.json: docker 28 and older load it, newer ones do not";
        self.findings.add(Code::Legacy, None, b"", message);
        let folders = self.index.paths().filter_map(|(path, _)| {
            let id = path.strip_suffix(b"/json")?;
            let id = std::str::from_utf8(id).ok()?;
            (!id.contains('/')).then(|| id.to_owned())
        });
        let folders: Vec<_> = folders.collect();
        let mut known = BTreeMap::new();
        for id in folders {
            if let Some(old) = self.old(&id).await? {
                known.insert(id, old);
            }
        }
        let names = self.repositories().await?;
        let parents: BTreeSet<_> = known
            .values()
            .filter_map(|old| old.parent.clone())
            .collect();
        let tops = known.keys().filter(|id| !parents.contains(*id));
        let tops: BTreeSet<_> = tops.chain(names.keys()).cloned().collect();
        for id in tops {
            let names = names.get(&id).cloned().unwrap_or_default();
            if !self.take_old(&id, names, &known).await? {
                break;
            }
        }
        Ok(())
    }

    async fn old(&mut self, id: &str) -> Result<Option<Old>, ReadError> {
        let name = [id, "/json"].concat().into_bytes();
        let Ok(found) = self.index.resolve(&name) else {
            return Ok(None);
        };
        let Some(bytes) = self.document(found, None, &name).await? else {
            return Ok(None);
        };
        match json::read(&bytes) {
            Ok(parsed) => {
                let parent = parsed.object.get("parent").and_then(Value::as_str);
                let parent = parent.filter(|parent| !parent.is_empty());
                Ok(Some(Old {
                    parent: parent.map(str::to_owned),
                    json: bytes.as_slice().into(),
                }))
            }
            Err(error) => {
                self.invalid(None, &name, error);
                Ok(None)
            }
        }
    }

    /// The names of images by their IDs.
    async fn repositories(&mut self) -> Result<BTreeMap<String, Vec<String>>, ReadError> {
        let name = b"repositories";
        let mut names: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let Ok(found) = self.index.resolve(name) else {
            return Ok(names);
        };
        let Some(bytes) = self.document(found, None, name).await? else {
            return Ok(names);
        };
        let wrapped = wrapped(&bytes);
        let (value, odd) = match value(&wrapped) {
            Ok(read) => read,
            Err(why) => {
                self.invalid(None, name, why);
                return Ok(names);
            }
        };
        if let Some(odd) = odd {
            self.ambiguous(None, name, &odd);
        }
        let repositories = value.as_object().into_iter().flat_map(Object::iter);
        for (repository, tags) in repositories {
            let tags = tags.as_object().into_iter().flat_map(Object::iter);
            for (tag, id) in tags {
                if let Some(id) = id.as_str() {
                    let name = [repository, ":", tag].concat();
                    names.entry(id.to_owned()).or_default().push(name);
                }
            }
        }
        Ok(names)
    }

    /// Takes an image up by the chain of its parents; false where there are too many.
    async fn take_old(
        &mut self,
        id: &str,
        names: Vec<String>,
        known: &BTreeMap<String, Old>,
    ) -> Result<bool, ReadError> {
        let mut image = Image {
            media_type: Some(MediaType::DOCKER_SCHEMA2),
            made: true,
            is_here: true,
            is_in_docker: true,
            ..Image::new(Vec::new())
        };
        for name in &names {
            image.add_name(name);
        }
        let Some(place) = self.push(image) else {
            return Ok(false);
        };
        let (mut layers, mut chain) = (Vec::new(), Vec::new());
        let mut next = Some(id.to_owned());
        while let Some(id) = next.take() {
            let Some(old) = known.get(&id) else {
                let name = [&id, "/json"].concat();
                let message = format!("{} is not in the archive", escape(name.as_bytes()));
                self.findings
                    .add(Code::BlobMissing, Some(place), name.as_bytes(), message);
                break;
            };
            if chain.len() >= LAYERS {
                let message = format!(
                    "{} has itself for a parent, or too many",
                    escape(id.as_bytes())
                );
                self.findings
                    .add(Code::DocumentInvalid, Some(place), id.as_bytes(), message);
                break;
            }
            let path = [&id, "/layer.tar"].concat().into_bytes();
            let found = self.index.resolve(&path);
            layers.push(Blob::at(path, found));
            chain.push(Rc::clone(&old.json));
            next.clone_from(&old.parent);
        }
        layers.reverse();
        chain.reverse();
        let platform = chain
            .last()
            .and_then(|json| Config::read(json).ok()?.platform);
        if let Some(image) = self.images.get_mut(place) {
            image.platform = platform;
            image.chain = chain;
            image.holds = Holds::Image {
                config: None,
                layers,
            };
        }
        self.check_blobs(place).await?;
        Ok(true)
    }
}

/// One step of the history, in Go's order.
#[derive(Serialize)]
struct Step {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    created_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
}

#[derive(Serialize)]
struct Root<'a> {
    r#type: &'a str,
    diff_ids: &'a [Digest],
}

/// The config that docker makes of the JSON texts of an image's folders, base first, and of what
/// its layers unpack to.
///
/// `None` for what docker before 1.8.3 wrote, which docker writes anew in another way.
pub(super) fn config(chain: &[Rc<[u8]>], diff_ids: &[Digest]) -> Option<Vec<u8>> {
    let top = json::read(chain.last()?).ok()?.object;
    let version = top.get("docker_version").and_then(Value::as_str)?;
    let mut numbers = version
        .split(['.', '-'])
        .map(|part| part.parse().unwrap_or(0));
    let mut number = || numbers.next().unwrap_or(0_u32);
    if (number(), number(), number()) < (1, 8, 3) {
        return None;
    }
    let steps = chain.iter().map(|json| step(json));
    let steps: Vec<_> = steps.collect::<Option<_>>()?;
    let mut members: BTreeMap<&str, String> = top
        .iter()
        .filter(|(name, _)| !WITHOUT.contains(name))
        .map(|(name, value)| (name, value.to_text()))
        .collect();
    let root = Root {
        r#type: "layers",
        diff_ids,
    };
    members.insert("rootfs", serde_json::to_string(&root).ok()?);
    members.insert("history", serde_json::to_string(&steps).ok()?);
    let mut texts = Vec::new();
    for (name, value) in members {
        texts.push([&serde_json::to_string(name).ok()?, ":", &value].concat());
    }
    let text = ["{", &texts.join(","), "}"].concat();
    let parsed = json::read(text.as_bytes()).ok()?;
    Some(compact(&parsed.object, Order::AsWritten, Escapes::Html, None).into_bytes())
}

fn step(json: &[u8]) -> Option<Step> {
    let wrapped = wrapped(json);
    let (value, _) = value(&wrapped).ok()?;
    let text = |name| member(&value, name).and_then(Value::as_str);
    let command = member(&value, "container_config").and_then(|it| member(it, "Cmd"));
    Some(Step {
        created: text("created").map(go_time),
        author: text("author").unwrap_or_default().to_owned(),
        created_by: texts(command).join(" "),
        comment: text("comment").unwrap_or_default().to_owned(),
    })
}

/// A time as Go prints it: without zeros at the end of a fraction, and with `Z` for UTC.
fn go_time(text: &str) -> String {
    let zone = text.rfind(['Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at_checked(zone).unwrap_or((text, ""));
    let time = if time.contains('.') {
        time.trim_end_matches('0').trim_end_matches('.')
    } else {
        time
    };
    let zone = if zone == "+00:00" { "Z" } else { zone };
    [time, zone].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_go() {
        for (text, expected) in [
            ("2015-10-01T10:00:00.120000000Z", "2015-10-01T10:00:00.12Z"),
            ("2015-10-01T10:00:00.000000000Z", "2015-10-01T10:00:00Z"),
            ("2015-10-01T10:00:00+00:00", "2015-10-01T10:00:00Z"),
            ("2015-10-01T10:00:00.5-07:00", "2015-10-01T10:00:00.5-07:00"),
        ] {
            assert_eq!(go_time(text), expected);
        }
    }

    #[test]
    fn the_config_is_dockers() {
        let base = br##"{"id":"b","created":"2015-10-01T10:00:00Z","container_config":{"Cmd":["/bin/sh","-c","#(nop) ADD <x> in /"]},"architecture":"amd64","os":"linux","Size":7}"##;
        let top = br#"{"id":"t","parent":"b","created":"2015-10-01T10:00:01.500Z","author":"me","config":{"Cmd":["sh"],"Env":null},"docker_version":"1.9.1","architecture":"amd64","os":"linux","layer_id":"x"}"#;
        let chain = [Rc::from(&base[..]), Rc::from(&top[..])];
        let diff_ids = [Digest::sha256(b"1"), Digest::sha256(b"2")];
        let made = config(&chain, &diff_ids).expect("a config");
        let expected = format!(
            r#"{{"architecture":"amd64","author":"me","config":{{"Cmd":["sh"],"Env":null}},"created":"2015-10-01T10:00:01.500Z","docker_version":"1.9.1","history":[{{"created":"2015-10-01T10:00:00Z","created_by":"/bin/sh -c #(nop) ADD \u003cx\u003e in /"}},{{"created":"2015-10-01T10:00:01.5Z","author":"me"}}],"os":"linux","rootfs":{{"type":"layers","diff_ids":["{}","{}"]}}}}"#,
            diff_ids[0], diff_ids[1]
        );
        assert_eq!(String::from_utf8(made).expect("text"), expected);
        let old = br#"{"docker_version":"1.6.2"}"#;
        assert_eq!(config(&[Rc::from(&old[..])], &[]), None);
    }
}
