//! A digest that is right, but of something else that the bytes name.
//!
//! The commonest mistake with digests is to take one for another: an image ID is the config's
//! digest, a diff ID is of an uncompressed layer, and an entry's digest is not its list's.
//! These need no candidates: the digest stands in the bytes themselves, or is that of `data`
//! that a descriptor embeds, or of nothing.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::json::{self, Object, Pointer, Value};
use crate::manifest::Manifest;
use crate::manifest::detect::DeclaredTypes;

use super::holds;

/// Whose digest it is, as a sentence; `None` where the bytes do not name it.
///
/// Also the digest of nothing, which a script computes where its download failed and the pipe was
/// empty. The text is looked for before anything is read, since most contents do not hold the
/// digest.
pub(super) fn named(bytes: &[u8], digest: &Digest) -> Option<String> {
    if digest.check(b"") == Some(true) {
        return Some("this is the digest of nothing: no bytes were hashed to get it".into());
    }
    if !holds(bytes, digest.encoded()) && !holds(bytes, "\"data\"") {
        return None;
    }
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).ok()?;
    by_manifest(&manifest, digest).or_else(|| {
        let document = json::read(bytes).ok()?;
        let pointer = stands_at(&document.object, digest.encoded(), &Pointer::ROOT)?;
        Some(
            match pointer
                .strip_prefix("/rootfs/diff_ids/")
                .and_then(|index| index.parse::<usize>().ok())
            {
                Some(index) => format!(
                    "this is a diff ID: the digest of layer {} when it is not compressed",
                    index + 1
                ),
                None => format!("this is a digest that stands in these bytes, at {pointer}"),
            },
        )
    })
}

/// Looks at the places that have a name in the format: entries of a list; config, subject and
/// layers of an image, counted from 1, base first.
///
/// `None` where it is at none of them; the digest may still stand somewhere else in the bytes.
fn by_manifest(manifest: &Manifest, digest: &Digest) -> Option<String> {
    if let Some(list) = manifest.list() {
        let all = list.entries.len();
        let index = list.entries.iter().position(|entry| is_of(entry, digest))?;
        let platform = list.entries[index].platform.as_ref();
        let platform = platform.map_or_else(String::new, |platform| format!(", {platform},"));
        return Some(format!(
            "this is the digest of entry {} of {all}{platform} in this list",
            index + 1
        ));
    }
    let image = manifest.image()?;
    if image
        .config
        .as_ref()
        .is_some_and(|config| is_of(config, digest))
    {
        return Some(
            "this is the digest of the config that this manifest names, the image ID".into(),
        );
    }
    if image
        .subject
        .as_ref()
        .is_some_and(|subject| is_of(subject, digest))
    {
        return Some("this is the digest of the manifest that this one refers to".into());
    }
    let index = image.layers.iter().position(|layer| is_of(layer, digest))?;
    Some(format!(
        "this is the digest of layer {} of {} that this manifest names",
        index + 1,
        image.layers.len()
    ))
}

/// Whether a descriptor names it, or embeds the data that it is of: `data` is hashed, whatever
/// digest stands beside it.
fn is_of(descriptor: &Descriptor, digest: &Digest) -> bool {
    let embedded = descriptor.data.as_ref().and_then(|data| digest.check(data)) == Some(true);
    embedded || descriptor.digest.as_ref() == Some(digest)
}

/// The pointer of the first text that holds `hex`.
///
/// Texts that merely contain it count, a reference with a digest for instance. Depth is bounded by
/// the reader of JSON.
fn stands_at(object: &Object<'_>, hex: &str, pointer: &Pointer) -> Option<Pointer> {
    object
        .iter()
        .find_map(|(name, value)| in_value(value, hex, pointer.child(name)))
}

/// The pointer of the first text in this value that holds `hex`, in the order of the document.
fn in_value(value: &Value<'_>, hex: &str, pointer: Pointer) -> Option<Pointer> {
    match value {
        Value::String(text) => text.contains(hex).then_some(pointer),
        Value::Object(object) => stands_at(object, hex, &pointer),
        Value::Array(values) => {
            let mut values = values.iter().enumerate();
            values.find_map(|(index, value)| in_value(value, hex, pointer.element(index)))
        }
        _ => None,
    }
}
