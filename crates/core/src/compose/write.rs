//! The one writer: the bytes of a list.
//!
//! It is the last step of [`Draft::write`](super::Draft::write) and decides nothing: `convert`
//! has made the list as it is to be, and the [`Shape`] of the tool says which members there
//! are, in which order, with which escapes and white space. Since a digest covers bytes, a
//! blank more or less here is another digest; `tests/golden/compose` holds what the tools
//! wrote.
//!
//! The text is written without white space, straight into one string. Where the form is
//! indented, that string is laid out anew at the end.
//!
//! `keep` uses the same writer for a text that is no list to be pushed: all that there is, for
//! a snapshot. And `entry` uses it for a text to compare.

use crate::base64;
use crate::descriptor::Descriptor;
use crate::json::Writer;
use crate::json::style::{Escapes, IMAGE_SPEC, Layout, PLATFORM};
use crate::manifest::List;
use crate::media_type::MediaType;
use crate::platform::Platform;

use super::ListKind;
use super::tool::{Shape, Tool};

/// Everything that `list` holds, in the order of `tool`; what its form leaves out has to be
/// gone from the list.
///
/// The list is the one of `convert`: here nothing is judged or sorted, and every member stands
/// where the tool's shape says. A member that the shape lacks is not written, but nobody would
/// be told; members that no specification names are written whatever the shape. Bytes, not
/// text, since these are what the digest is of.
pub(super) fn write(list: &List, kind: ListKind, tool: Tool) -> Vec<u8> {
    let shape = tool.shape(kind);
    let mut writer = ListWriter::new(&shape);
    writer.list(list, kind);
    match shape.layout {
        Layout::Compact => writer.json.into_text().into_bytes(),
        layout => layout.apply(writer.json.into_text().as_bytes()),
    }
}

/// Everything that a list holds, also what its kind has no place for: to keep it, not to be a
/// list.
///
/// The order is that of image-spec, and members that no specification names are written too.
/// It always calls itself an index: the kind is kept elsewhere. It is what a snapshot holds,
/// and is read back by `Manifest::read`; nothing there hashes it.
pub(super) fn keep(list: &List) -> String {
    let shape = Shape {
        layout: Layout::Compact,
        escapes: Escapes::Plain,
        top: IMAGE_SPEC.manifest,
        descriptor: IMAGE_SPEC.descriptor,
        platform: PLATFORM,
        unknown: true,
    };
    let mut writer = ListWriter::new(&shape);
    writer.list(list, ListKind::OciIndex);
    writer.json.into_text()
}

/// What is written of an entry, to tell equal ones by.
pub(super) fn entry(entry: &Descriptor, shape: &Shape) -> String {
    let mut writer = ListWriter::new(shape);
    writer.descriptor(entry);
    writer.json.into_text()
}

/// Writes JSON of one shape, member by member.
struct ListWriter<'a> {
    /// The text so far, with the escapes of the shape.
    json: Writer,
    /// Which members are written, and in which order.
    shape: &'a Shape,
}

impl<'a> ListWriter<'a> {
    fn new(shape: &'a Shape) -> Self {
        Self {
            json: Writer::new(shape.escapes),
            shape,
        }
    }

    /// Writes the list itself. A member that is absent or empty is left out, as Go's
    /// `omitempty` does; only `manifests` is written where it is empty, since a list without
    /// it is none.
    fn list(&mut self, list: &List, kind: ListKind) {
        self.json.open('{');
        for member in self.shape.top {
            match *member {
                "schemaVersion" => self.json.raw(member, "2"),
                "mediaType" => self.json.text(member, kind.media_type().as_str()),
                "artifactType" => {
                    self.json
                        .optional(member, list.artifact_type.as_ref().map(MediaType::as_str));
                }
                "manifests" => {
                    self.json.name(member);
                    self.json.open('[');
                    for entry in &list.entries {
                        self.json.next();
                        self.descriptor(entry);
                    }
                    self.json.close(']');
                }
                "subject" => {
                    if let Some(subject) = &list.subject {
                        self.json.name(member);
                        self.descriptor(subject);
                    }
                }
                "annotations" => self.json.map(member, &list.annotations),
                // The order is that of every manifest, and a list has neither config nor layers.
                _ => {}
            }
        }
        self.unknown(&list.unknown);
        self.json.close('}');
    }

    /// Writes an entry, or the subject. `size` is 0 where none is known, since Go writes it
    /// always; `data` is base64 in the standard alphabet, whatever it came in.
    fn descriptor(&mut self, descriptor: &Descriptor) {
        self.json.open('{');
        for member in self.shape.descriptor {
            match *member {
                "mediaType" => self.json.optional(
                    member,
                    descriptor.media_type.as_ref().map(MediaType::as_str),
                ),
                "digest" => self.json.text(member, &descriptor.digest_text),
                "size" => self
                    .json
                    .raw(member, &descriptor.size.unwrap_or_default().to_string()),
                "urls" => self.json.texts(member, &descriptor.urls),
                "annotations" => self.json.map(member, &descriptor.annotations),
                "data" => {
                    let data = descriptor.data.as_deref().map(base64::encode);
                    self.json.optional(member, data.as_deref());
                }
                "platform" => {
                    if let Some(platform) = &descriptor.platform {
                        self.json.name(member);
                        self.platform(platform);
                    }
                }
                _ => self.json.optional(
                    member,
                    descriptor.artifact_type.as_ref().map(MediaType::as_str),
                ),
            }
        }
        self.unknown(&descriptor.unknown);
        self.json.close('}');
    }

    /// Writes a platform: `architecture` and `os` always, as Go does, the others where they
    /// say something.
    fn platform(&mut self, platform: &Platform) {
        self.json.open('{');
        for member in self.shape.platform {
            match *member {
                "architecture" => self.json.text(member, &platform.architecture),
                "os" => self.json.text(member, &platform.os),
                "os.version" => self.json.optional(member, platform.os_version.as_deref()),
                "os.features" => self.json.texts(member, &platform.os_features),
                "variant" => self.json.optional(member, platform.variant.as_deref()),
                _ => self.json.texts(member, &platform.features),
            }
        }
        self.unknown(&platform.unknown);
        self.json.close('}');
    }

    /// Writes members that no specification names behind all others, in their order: each
    /// value as the JSON text that it was read as, its numbers and nesting as they were,
    /// without white space.
    fn unknown(&mut self, members: &[(String, String)]) {
        for (name, value) in members {
            self.json.raw(name, value);
        }
    }
}
