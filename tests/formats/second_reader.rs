//! A second reader: serde's derived one, over the same bytes. Both have to see the same, in the same order.
//!
//! The crate `oci-spec` would be a stranger's reader, but it reads `os.version` in a list under another name and keeps
//! annotations in no order.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use waybill_core::descriptor::Descriptor;
use waybill_core::manifest::{Image, List};
use waybill_core::platform::Platform;
use waybill_testkit::fixtures;

use super::read;

/// The members of an object in their order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pairs<T>(pub(super) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = access.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder(std::marker::PhantomData))
    }
}

/// A manifest of version 2 of either kind.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Second {
    schema_version: u8,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<SecondDescriptor>,
    layers: Vec<SecondDescriptor>,
    manifests: Vec<SecondDescriptor>,
    subject: Option<SecondDescriptor>,
    annotations: Pairs<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct SecondDescriptor {
    media_type: String,
    digest: String,
    size: i64,
    urls: Vec<String>,
    annotations: Pairs<String>,
    artifact_type: Option<String>,
    platform: Option<SecondPlatform>,
    data: Option<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SecondPlatform {
    architecture: String,
    os: String,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    #[serde(rename = "os.features")]
    os_features: Vec<String>,
    features: Vec<String>,
}

impl From<&Platform> for SecondPlatform {
    fn from(platform: &Platform) -> Self {
        let Platform {
            architecture,
            os,
            os_version,
            os_features,
            variant,
            features,
            unknown,
        } = platform.clone();
        assert_eq!(unknown, []);
        Self {
            architecture,
            os,
            variant,
            os_version,
            os_features,
            features,
        }
    }
}

impl From<&Descriptor> for SecondDescriptor {
    fn from(descriptor: &Descriptor) -> Self {
        let text = |bytes: &Vec<u8>| {
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
        };
        assert_eq!(descriptor.unknown, [], "{}", descriptor.pointer);
        assert_eq!(
            descriptor.digest.as_ref().map(ToString::to_string).as_ref(),
            Some(&descriptor.digest_text)
        );
        Self {
            media_type: descriptor
                .media_type
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            digest: descriptor.digest_text.clone(),
            size: descriptor
                .size
                .and_then(|size| i64::try_from(size).ok())
                .unwrap_or(-1),
            urls: descriptor.urls.clone(),
            annotations: Pairs(descriptor.annotations.to_vec()),
            artifact_type: descriptor.artifact_type.as_ref().map(ToString::to_string),
            platform: descriptor.platform.as_ref().map(SecondPlatform::from),
            data: descriptor.data.as_ref().map(text),
        }
    }
}

fn descriptors(descriptors: &[Descriptor]) -> Vec<SecondDescriptor> {
    descriptors.iter().map(SecondDescriptor::from).collect()
}

impl From<&Image> for Second {
    fn from(image: &Image) -> Self {
        assert_eq!(image.unknown, []);
        Self {
            artifact_type: image.artifact_type.as_ref().map(ToString::to_string),
            config: image.config.as_ref().map(SecondDescriptor::from),
            layers: descriptors(&image.layers),
            subject: image.subject.as_ref().map(SecondDescriptor::from),
            annotations: Pairs(image.annotations.to_vec()),
            ..Self::default()
        }
    }
}

impl From<&List> for Second {
    fn from(list: &List) -> Self {
        assert_eq!(list.unknown, []);
        Self {
            artifact_type: list.artifact_type.as_ref().map(ToString::to_string),
            manifests: descriptors(&list.entries),
            subject: list.subject.as_ref().map(SecondDescriptor::from),
            annotations: Pairs(list.annotations.to_vec()),
            ..Self::default()
        }
    }
}

#[test]
fn manifests_and_lists_hold_the_same_in_the_same_order() {
    let mut compared = 0;
    for fixture in fixtures::all()
        .iter()
        .filter(|fixture| !fixture.format.starts_with("docker-schema1"))
    {
        let (manifest, _) = read(fixture);
        let theirs: Second = serde_json::from_slice(&fixture.bytes).expect(&fixture.name);
        let ours = match (manifest.image(), manifest.list()) {
            (Some(image), None) => Second::from(image),
            (None, Some(list)) => Second::from(list),
            _ => panic!("{} holds nothing", fixture.name),
        };
        let ours = Second {
            schema_version: 2,
            media_type: Some(fixture.media_type.clone()),
            ..ours
        };
        assert_eq!(ours, theirs, "{}", fixture.name);
        compared += 1;
    }
    assert!(compared >= 32, "only {compared} fixtures");
}
