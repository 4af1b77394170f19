//! Docker manifest lists and OCI image indexes: manifests, each with its platform.

use std::borrow::Cow;

use crate::descriptor::Descriptor;
use crate::finding::Code;
use crate::json::Object;
use crate::platform::Platform;
use crate::reader::{Reader, first_equals, unknown};

use super::image::{check_head, read_descriptor, read_descriptors};
use super::{Format, List};

const MEMBERS: &[&str] = &["schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations"];

pub(super) fn read(reader: &mut Reader, object: &Object<'_>, format: Format) -> List {
    reader.names(object, "", MEMBERS);
    check_head(reader, object, format);
    let list = List {
        entries: read_descriptors(reader, object, "manifests"),
        artifact_type: reader.media_type(object, "", "artifactType"),
        subject: read_descriptor(reader, object, "subject"),
        annotations: reader.text_map(object, "", "annotations"),
        unknown: unknown(object, MEMBERS),
    };
    if object.get("manifests").is_none() {
        reader.missing("", "manifests");
    } else if list.entries.is_empty() {
        reader.find(Code::EmptyList, "/manifests", "manifests is empty");
    }
    check_entries(reader, &list, format);
    list
}

fn check_entries(reader: &mut Reader, list: &List, format: Format) {
    // The comma is there so that no platform's key is empty, as that of an entry without one.
    let key = |platform: &Platform| format!("{},{}", platform.normalized(), platform.os_features.join(","));
    let key_of = |entry: &Descriptor| entry.platform.as_ref().filter(|_| entry.attests().is_none()).map(key);
    let keys = list.entries.iter().map(|entry| Cow::Owned(key_of(entry).unwrap_or_default()));
    let first_with = first_equals(keys.collect());
    let is_image = |entry: &&Descriptor| entry.attests().is_none();
    let mut images: Vec<&str> = list.entries.iter().filter(is_image).map(|entry| entry.digest_text.as_str()).collect();
    images.sort_unstable();
    for (index, entry) in list.entries.iter().enumerate() {
        let pointer = entry.pointer.as_str();
        if let Some(media_type) = &entry.media_type {
            if media_type.is_schema1() {
                reader.find(Code::Schema1InList, pointer, format!("mediaType is {media_type}"));
            } else if media_type.is_list() {
                reader.find(Code::NestedList, pointer, format!("mediaType is {media_type}"));
            }
        }
        if let Some(attested) = entry.attests() {
            if images.binary_search(&attested).is_err() {
                let message = format!("no entry has the digest {attested:?}");
                reader.find(Code::AttestationOrphan, format!("{pointer}/annotations"), message);
            }
            continue;
        }
        match &entry.platform {
            None if format == Format::DockerList => {
                reader.find(Code::PlatformMissing, pointer, "platform is missing");
            }
            None => {}
            Some(platform) => {
                // An entry that only repeats a digest hides nothing.
                let first = first_with[index];
                if first != index && list.entries[first].digest_text != entry.digest_text {
                    let message = format!("{platform} is also entry {}, which is taken", first + 1);
                    reader.find(Code::PlatformDuplicate, format!("{pointer}/platform"), message);
                }
            }
        }
    }
}
