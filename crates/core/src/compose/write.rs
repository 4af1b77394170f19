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
    let mut writer = Writer {
        out: String::new(),
        shape: &shape,
        first: true,
    };
    writer.list(list, kind);
    match shape.layout {
        Layout::Compact => writer.out.into_bytes(),
        layout => layout.apply(writer.out.as_bytes()),
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
    let mut writer = Writer {
        out: String::new(),
        shape: &shape,
        first: true,
    };
    writer.list(list, ListKind::OciIndex);
    writer.out
}

/// What is written of an entry, to tell equal ones by.
pub(super) fn entry(entry: &Descriptor, shape: &Shape) -> String {
    let mut writer = Writer {
        out: String::new(),
        shape,
        first: true,
    };
    writer.descriptor(entry);
    writer.out
}

/// Writes JSON of one shape, member by member: no tree is built, so that 15,000 entries cost
/// one text.
struct Writer<'a> {
    /// The text so far, compact JSON.
    out: String,
    /// Which members are written, in which order, and how texts are escaped.
    shape: &'a Shape,
    /// Whether nothing stands yet in the object or array that is open: then no comma comes in
    /// front.
    ///
    /// One flag does for all levels: what was opened is new, and what is around something that
    /// was closed has that in it.
    first: bool,
}

impl Writer<'_> {
    /// Writes the list itself. A member that is absent or empty is left out, as Go's
    /// `omitempty` does; only `manifests` is written where it is empty, since a list without
    /// it is none.
    fn list(&mut self, list: &List, kind: ListKind) {
        self.open('{');
        for member in self.shape.top {
            match *member {
                "schemaVersion" => self.raw(member, "2"),
                "mediaType" => self.text(member, kind.media_type().as_str()),
                "artifactType" => {
                    self.optional(member, list.artifact_type.as_ref().map(MediaType::as_str));
                }
                "manifests" => {
                    self.name(member);
                    self.open('[');
                    for entry in &list.entries {
                        self.next();
                        self.descriptor(entry);
                    }
                    self.close(']');
                }
                "subject" => {
                    if let Some(subject) = &list.subject {
                        self.name(member);
                        self.descriptor(subject);
                    }
                }
                "annotations" => self.map(member, &list.annotations),
                // The order is that of every manifest, and a list has neither config nor layers.
                _ => {}
            }
        }
        self.unknown(&list.unknown);
        self.close('}');
    }

    /// Writes an entry, or the subject. `size` is 0 where none is known, since Go writes it
    /// always; `data` is base64 in the standard alphabet, whatever it came in.
    fn descriptor(&mut self, descriptor: &Descriptor) {
        self.open('{');
        for member in self.shape.descriptor {
            match *member {
                "mediaType" => self.optional(
                    member,
                    descriptor.media_type.as_ref().map(MediaType::as_str),
                ),
                "digest" => self.text(member, &descriptor.digest_text),
                "size" => self.raw(member, &descriptor.size.unwrap_or_default().to_string()),
                "urls" => self.texts(member, &descriptor.urls),
                "annotations" => self.map(member, &descriptor.annotations),
                "data" => {
                    let data = descriptor.data.as_deref().map(base64::encode);
                    self.optional(member, data.as_deref());
                }
                "platform" => {
                    if let Some(platform) = &descriptor.platform {
                        self.name(member);
                        self.platform(platform);
                    }
                }
                _ => self.optional(
                    member,
                    descriptor.artifact_type.as_ref().map(MediaType::as_str),
                ),
            }
        }
        self.unknown(&descriptor.unknown);
        self.close('}');
    }

    /// Writes a platform: `architecture` and `os` always, as Go does, the others where they
    /// say something.
    fn platform(&mut self, platform: &Platform) {
        self.open('{');
        for member in self.shape.platform {
            match *member {
                "architecture" => self.text(member, &platform.architecture),
                "os" => self.text(member, &platform.os),
                "os.version" => self.optional(member, platform.os_version.as_deref()),
                "os.features" => self.texts(member, &platform.os_features),
                "variant" => self.optional(member, platform.variant.as_deref()),
                _ => self.texts(member, &platform.features),
            }
        }
        self.unknown(&platform.unknown);
        self.close('}');
    }

    /// Writes members that no specification names behind all others, in their order: each
    /// value as the JSON text that it was read as, its numbers and nesting as they were,
    /// without white space.
    fn unknown(&mut self, members: &[(String, String)]) {
        for (name, value) in members {
            self.raw(name, value);
        }
    }

    /// Writes a member whose value is JSON already. It is not looked at: what is no JSON here
    /// would be none in the list.
    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.push_str(json);
    }

    /// Writes a member that is a text.
    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.string(text);
    }

    /// Writes a member that is a text, where there is one.
    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Writes a member that is a list of texts, in the order in which they stand; none where
    /// it is empty.
    fn texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.name(name);
            self.open('[');
            for text in texts {
                self.next();
                self.string(text);
            }
            self.close(']');
        }
    }

    /// Writes a member that is a map of texts, in the order in which they stand; none where it
    /// is empty.
    fn map(&mut self, name: &str, map: &[(String, String)]) {
        if !map.is_empty() {
            self.name(name);
            self.open('{');
            for (key, value) in map {
                self.text(key, value);
            }
            self.close('}');
        }
    }

    /// Writes the name of a member, and what stands between it and the one before.
    fn name(&mut self, name: &str) {
        self.next();
        self.string(name);
        self.out.push(':');
    }

    /// Writes a text in quotes, escaped as the tool escapes: `<`, `>` and `&` become `\u003c`
    /// and so on in the forms of Go tools, and so do the line separators U+2028 and U+2029;
    /// the canonical form leaves all of these as they are.
    fn string(&mut self, text: &str) {
        self.shape.escapes.write(&mut self.out, text);
    }

    /// Opens an object or an array.
    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = true;
    }

    /// Closes the one that is open last. What is around it has something in it now.
    fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = false;
    }

    /// Starts the next member or element: with a comma in front, unless it is the first.
    fn next(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
    }
}
