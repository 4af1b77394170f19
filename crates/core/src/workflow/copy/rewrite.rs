//! The bytes of what changes.

use std::fmt;

use std::rc::Rc;

use super::Model;
use super::layers::Layers;
use crate::compose::eligibility::Ineligible;
use crate::compose::{Draft, Entry, ListKind, Loss, Tool};
use crate::conversion::{self, Converted, Form, Lost, Refusal};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::json::{Occurrence, places};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{List, Manifest};
use crate::reference::Tag;

/// Why nothing can be copied in the way that was chosen. Nothing was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// What the reference names.
    Root(Ineligible),
    /// Something that goes along.
    Document(Digest, Ineligible),
    /// No entry of the list is chosen.
    NothingChosen,
    /// One image is to be copied, and another number of them is chosen.
    NotOne(usize),
    /// An image that cannot have that format; the place of its entry in the list.
    Conversion(Option<usize>, Refusal),
    /// A list in the list, which is not converted.
    Nested(usize),
    /// An attestation of the entry at that place, whose digest changes: it would speak of what is
    /// not there.
    Attested(usize),
    /// What another tag names that is to go along.
    OtherTag(Tag, Ineligible),
    /// Other tags are to go along, and not byte for byte.
    OtherTagsRewritten,
    /// Two images are to have that tag.
    TagTwice(Tag),
    /// Other tags are to go along into a file, which holds one image or list.
    OtherTagsInFile,
    /// A sparse list keeps its bytes, so that nothing it names can change.
    SparseChanged,
    /// A list, where schema 1 is wanted.
    ListOfSchema1,
    /// It could not be signed: why.
    NotSigned(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(Ineligible::Schema1) => f.write_str(
                "it is Docker schema 1, whose manifest names the repository and tag that it is of: \
                 choose OCI or Docker schema 2 as its format",
            ),
            Self::Root(refused) => refused.fmt(f),
            Self::Document(digest, refused) => write!(f, "{digest}: {refused}"),
            Self::NothingChosen => f.write_str("no entry of the list is chosen"),
            Self::Conversion(None, refused) => refused.fmt(f),
            Self::Conversion(Some(place), refused) => write!(f, "entry {}: {refused}", place + 1),
            Self::Nested(place) => write!(
                f,
                "entry {} is a list in the list: leave it out, or copy exactly",
                place + 1
            ),
            Self::Attested(place) => write!(
                f,
                "entry {} changes, and its attestation speaks of the digest that it has now: \
                 leave attestations out, or copy exactly",
                place + 1
            ),
            Self::SparseChanged => f.write_str(
                "a sparse list keeps its bytes, so what it names cannot change: let it shrink",
            ),
            Self::ListOfSchema1 => {
                f.write_str("no list may name Docker schema 1: choose one image, without the list")
            }
            Self::NotSigned(why) => write!(f, "it was not signed: {why}"),
            Self::OtherTag(tag, refused) => write!(f, "{tag}: {refused}"),
            Self::OtherTagsRewritten => f.write_str(
                "other tags go along byte for byte: copy exactly, or one after the other",
            ),
            Self::TagTwice(tag) => write!(f, "two are to have the tag {tag}"),
            Self::OtherTagsInFile => f.write_str(
                "a file holds one image or list: leave the other tags out, or copy to a registry",
            ),
            Self::NotOne(count) => write!(f, "one image is wanted, and {count} are chosen"),
        }
    }
}

impl std::error::Error for Refused {}

/// A list without the entries that are not kept: its own bytes, with those of the others cut out,
/// so that nothing else changes. `None` where the bytes are no list with so many entries.
pub(super) fn shrink(bytes: &[u8], kept: &[bool]) -> Option<Vec<u8>> {
    let pointers: Vec<_> = (0..kept.len())
        .map(|place| ["/manifests/", &place.to_string()].concat())
        .collect();
    let asked = pointers
        .iter()
        .map(|pointer| (pointer.as_str(), Occurrence::First));
    let ranges: Vec<_> = places(bytes, asked)
        .into_iter()
        .map(|place| place.filter(|place| place.exact).map(|place| place.range))
        .collect::<Option<_>>()?;
    let (first, last) = (ranges.first()?, ranges.last()?);
    let mut written = bytes.get(..first.start)?.to_vec();
    let mut is_first = true;
    for (place, range) in ranges.iter().enumerate().filter(|(place, _)| kept[*place]) {
        if !std::mem::take(&mut is_first) {
            // What stands between it and the one before: a comma, and white space.
            let before = ranges.get(place.checked_sub(1)?)?;
            written.extend_from_slice(bytes.get(before.end..range.start)?);
        }
        written.extend_from_slice(bytes.get(range.clone())?);
    }
    written.extend_from_slice(bytes.get(last.end..)?);
    Some(written)
}

/// What an image became.
pub(super) struct Image {
    /// Its manifest.
    pub(super) manifest: Vec<u8>,
    /// What a list says of it.
    pub(super) descriptor: Descriptor,
    /// Its config, where that was rewritten.
    pub(super) config: Option<Vec<u8>>,
    /// What it lost.
    pub(super) lost: Vec<Lost>,
    /// The digest of the config that it had.
    pub(super) old_config: Option<Digest>,
    /// Layers of it that were compressed anew, and those that are still to be read.
    pub(super) layers: Layers,
    /// Whether it names the layer without entries of schema 1, which has to be there then.
    pub(super) names_empty_layer: bool,
}

/// An image in another format, and with its layers compressed in another way; `None` where it stays
/// as it is.
pub(super) fn image(
    model: &Model,
    manifest: &Manifest,
    config: Option<Rc<[u8]>>,
    form: Option<&Form>,
) -> Result<Option<Image>, Refusal> {
    if manifest.format.is_schema1() {
        let form = form.ok_or(Refusal::LayersUnread)?;
        return of_schema1(model, manifest, form).map(Some);
    }
    let layers = match model.choice.compression {
        Some(compression) => Layers::compressed(model, manifest, config.as_ref(), compression)?,
        None => Layers::default(),
    };
    let converted = if layers.changed() == 0 {
        let Some(form) = form else { return Ok(None) };
        conversion::convert(manifest, &config.unwrap_or_default(), form)?
    } else {
        both(manifest, &config.unwrap_or_default(), form, &layers)?
    };
    if converted.manifest == *manifest.bytes {
        return Ok(None);
    }
    Ok(Some(Image::new(manifest, converted, layers)))
}

/// An image in another format with other layers. Docker's formats have no zstd and OCI's has it, so
/// it is OCI's manifest that gets the other layers, before or after.
fn both(
    manifest: &Manifest,
    config: &[u8],
    form: Option<&Form>,
    layers: &Layers,
) -> Result<Converted, Refusal> {
    let repack = |manifest: &Manifest| conversion::with_layers(manifest, &layers.repacked);
    let Some(form) = form else {
        return repack(manifest);
    };
    let convert = |manifest: &Manifest| conversion::convert(manifest, config, form);
    let is_oci = matches!(form, Form::Oci(_));
    let first = if is_oci {
        convert(manifest)?
    } else {
        repack(manifest)?
    };
    let between = read(&first.manifest)?;
    let second = if is_oci {
        repack(&between)?
    } else {
        convert(&between)?
    };
    Ok(Converted {
        config: first.config.or(second.config),
        lost: first.lost.into_iter().chain(second.lost).collect(),
        ..second
    })
}

/// An image of schema 1 in another format, once its layers were read.
fn of_schema1(model: &Model, manifest: &Manifest, form: &Form) -> Result<Image, Refusal> {
    let (all, layers) = Layers::of_schema1(model, manifest);
    if !layers.unread.is_empty() {
        // What it becomes is not known. What stands here is shown to nobody.
        let unknown = Converted {
            manifest: manifest.bytes.to_vec(),
            media_type: form.media_type(),
            config: None,
            lost: Vec::new(),
            names_empty_layer: false,
        };
        return Ok(Image::new(manifest, unknown, layers));
    }
    let made = conversion::from_schema1(manifest, &all, form)?;
    let read = read(&made.manifest)?;
    let layers = read
        .image()
        .map(|image| Layers::after_schema1(model, image));
    let layers = layers.unwrap_or_default();
    if layers.changed() == 0 {
        return Ok(Image::new(manifest, made, layers));
    }
    let repacked = conversion::with_layers(&read, &layers.repacked)?;
    let converted = Converted {
        manifest: repacked.manifest,
        lost: made.lost.into_iter().chain(repacked.lost).collect(),
        ..made
    };
    Ok(Image::new(manifest, converted, layers))
}

/// A manifest that was written here.
fn read(manifest: &[u8]) -> Result<Manifest, Refusal> {
    let read = Manifest::read(manifest, &DeclaredTypes::none());
    read.map(|(manifest, _)| manifest)
        .map_err(|_| Refusal::NotAnImage)
}

impl Image {
    fn new(manifest: &Manifest, converted: Converted, layers: Layers) -> Self {
        let old_config = manifest.image().and_then(|image| image.config.as_ref());
        let old_config = old_config.and_then(|config| config.digest.clone());
        let digest = converted.digest();
        let descriptor = Descriptor {
            media_type: Some(converted.media_type.clone()),
            digest_text: digest.to_string(),
            digest: Some(digest),
            size: Some(converted.manifest.len() as u64),
            ..Descriptor::default()
        };
        Self {
            manifest: converted.manifest,
            descriptor,
            config: converted.config,
            lost: converted.lost,
            old_config,
            layers,
            names_empty_layer: converted.names_empty_layer,
        }
    }
}

/// A list of that kind, of these entries, as skopeo writes it; with what it lost.
pub(super) fn list(list: &List, kind: ListKind, entries: Vec<Descriptor>) -> (Rc<[u8]>, Vec<Loss>) {
    let entry = |descriptor| Entry {
        descriptor,
        ..Entry::default()
    };
    let draft = Draft {
        entries: entries.into_iter().map(entry).collect(),
        tool: Tool::Skopeo,
        ..Draft::from_list(list, kind)
    };
    let written = draft.write();
    (written.bytes, written.losses)
}
