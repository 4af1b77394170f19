//! The one writer: the bytes of a list.

use crate::base64;
use crate::descriptor::Descriptor;
use crate::json::style::{Escapes, IMAGE_SPEC, Layout, PLATFORM};
use crate::manifest::List;
use crate::media_type::MediaType;
use crate::platform::Platform;

use super::ListKind;
use super::tool::{Shape, Tool};

/// Everything that `list` holds, in the order of `form`; what the form leaves out has to be gone from the list.
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

/// Everything that a list holds, also what its kind has no place for: to keep it, not to be a list.
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

struct Writer<'a> {
    out: String,
    shape: &'a Shape,
    /// Whether nothing stands yet in the object or array that is open.
    first: bool,
}

impl Writer<'_> {
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
        self.close('}');
    }

    fn unknown(&mut self, members: &[(String, String)]) {
        for (name, value) in members {
            self.raw(name, value);
        }
    }

    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.string(text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

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

    fn name(&mut self, name: &str) {
        self.next();
        self.string(name);
        self.out.push(':');
    }

    fn string(&mut self, text: &str) {
        self.shape.escapes.write(&mut self.out, text);
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = true;
    }

    fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.first = false;
    }

    /// Starts the next member or element.
    fn next(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
    }
}
