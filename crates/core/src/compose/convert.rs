//! What the chosen kind and form make of a draft: order, members left out, members filled in.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::annotation::Annotations;
use crate::descriptor::Descriptor;
use crate::lenient::first_equals;
use crate::manifest::List;
use crate::media_type::MediaType;

use super::tool::{Shape, Tool};
use super::{Draft, Entry, ListKind};

/// Why something is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossCause {
    /// The kind of list has no place for it.
    Kind(ListKind),
    /// The tool does not write it.
    Form(Tool),
}

/// What is left out or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostItem {
    /// A member: `annotations`, `os.version`.
    Member(&'static str),
    /// A member that no specification names.
    Unknown(String),
    /// The place in the list: the tool sorts its entries.
    Order,
    /// The entry itself: another one names the same digest and the tool makes one of both.
    Repeated,
    /// Nothing is left out, but a Docker list may not name OCI manifests, and clients refuse them.
    OciChild,
    /// Nothing is left out, but a Docker list may not name lists.
    NestedList,
}

/// One thing that is not written as the draft has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The entry's place in the draft; `None` for the list itself.
    pub entry: Option<usize>,
    /// What.
    pub lost: LostItem,
    /// Why.
    pub cause: LossCause,
}

/// A draft as it will be written.
pub(super) struct Converted {
    pub(super) kind: ListKind,
    pub(super) list: List,
    pub(super) order: Vec<usize>,
    pub(super) losses: Vec<Loss>,
}

pub(super) fn convert(draft: &Draft) -> Converted {
    let tool = draft.tool;
    let order = order_of(draft);
    let first = order.first().map(|place| &draft.entries[*place]);
    let kind = tool.kind(draft.kind, &draft.entries, first);
    let mut list = List {
        artifact_type: draft.artifact_type.clone(),
        subject: draft.subject.clone(),
        annotations: draft.annotations.sorted(),
        unknown: draft.unknown.clone(),
        entries: Vec::with_capacity(order.len()),
    };
    let mut stripper = Converter {
        shape: tool.shape(kind),
        plain: Tool::Waybill.shape(kind),
        kind,
        tool,
        losses: vec![],
    };
    stripper.list(&mut list);
    let digests = order
        .iter()
        .map(|place| Cow::Borrowed(draft.entries[*place].descriptor.digest_text.as_str()));
    let first_equal = first_equals(digests.collect());
    // For each entry its place in the list.
    let mut written: Vec<usize> = Vec::with_capacity(order.len());
    let mut kept = Vec::with_capacity(order.len());
    for (index, place) in order.into_iter().enumerate() {
        let mut descriptor = stripper.as_tool(draft.entries[place].clone(), place);
        stripper.descriptor(&mut descriptor, Some(place));
        let first = written.get(first_equal[index]).copied();
        let first =
            first.filter(|first| tool == Tool::Buildx || list.entries[*first] == descriptor);
        if let (Tool::Buildx | Tool::Regctl, Some(first)) = (tool, first) {
            merge(&mut list.entries[first], descriptor);
            stripper.lose(Some(place), LostItem::Repeated, LossCause::Form(tool));
            written.push(first);
            continue;
        }
        if tool == Tool::Docker && index != place {
            stripper.lose(Some(place), LostItem::Order, LossCause::Form(tool));
        }
        stripper.child(&descriptor, place);
        written.push(list.entries.len());
        list.entries.push(descriptor);
        kept.push(place);
    }
    for (place, entry) in list.entries.iter_mut().enumerate() {
        entry.pointer = format!("/manifests/{place}").into();
    }
    if let Some(subject) = &mut list.subject {
        subject.pointer = "/subject".into();
    }
    Converted {
        kind,
        list,
        order: kept,
        losses: stripper.losses,
    }
}

/// The places of the draft's entries in the order in which the form writes them.
fn order_of(draft: &Draft) -> Vec<usize> {
    if draft.tool != Tool::Docker {
        return (0..draft.entries.len()).collect();
    }
    let names = draft
        .entries
        .iter()
        .map(|entry| Cow::<str>::Owned(docker_name(entry)));
    let sorted = names.zip(0..).collect::<BinaryHeap<_>>().into_sorted_vec();
    sorted.into_iter().map(|(_, place)| place).collect()
}

/// The name of the file in docker's store, by which it sorts. Source: docker/cli `manifest/store/store.go`.
fn docker_name(entry: &Entry) -> String {
    let name = entry
        .reference
        .as_ref()
        .map_or_else(|| entry.descriptor.digest_text.clone(), ToString::to_string);
    name.replace(':', "-").replace('/', "_")
}

/// Source: buildx `util/imagetools/create.go`, `addDesc`.
fn merge(first: &mut Descriptor, later: Descriptor) {
    if later.platform.is_some() {
        first.platform = later.platform;
    }
    let both: Annotations = std::mem::take(&mut first.annotations)
        .into_iter()
        .chain(later.annotations)
        .collect();
    first.annotations = both.sorted();
}

/// Takes away what the form does not write, and says so.
struct Converter {
    shape: Shape,
    /// What the kind allows.
    plain: Shape,
    kind: ListKind,
    tool: Tool,
    losses: Vec<Loss>,
}

impl Converter {
    fn lose(&mut self, entry: Option<usize>, lost: LostItem, cause: LossCause) {
        self.losses.push(Loss { entry, lost, cause });
    }

    /// What a tool makes of an image's own words, where the person did not choose others.
    fn as_tool(&mut self, entry: Entry, place: usize) -> Descriptor {
        let Entry {
            mut descriptor,
            origin,
            ..
        } = entry;
        let Some(origin) = origin else {
            return descriptor;
        };
        let chosen = descriptor.artifact_type != origin.artifact_type;
        let is_image = origin
            .config_type
            .as_ref()
            .is_some_and(MediaType::is_image_config);
        match self.tool {
            Tool::Crane => {
                if !chosen {
                    descriptor.artifact_type = origin.artifact_type.or(origin.config_type);
                }
                if descriptor.annotations.is_empty() {
                    descriptor.annotations = origin.annotations;
                }
            }
            Tool::Oras if !chosen => {
                descriptor.artifact_type = origin
                    .artifact_type
                    .or(origin.config_type.filter(|_| !is_image));
            }
            Tool::Regctl | Tool::Buildx if !chosen => {
                self.clear(Some(place), "artifactType", &mut descriptor.artifact_type);
            }
            _ => {}
        }
        // buildx reads the config, and of that containerd's normal form without what the system must have.
        if let (Tool::Buildx, Some(platform)) = (self.tool, &mut descriptor.platform) {
            let variant = platform.normalized().variant;
            if variant != platform.variant {
                self.lose(
                    Some(place),
                    LostItem::Member("variant"),
                    LossCause::Form(self.tool),
                );
                platform.variant = variant;
            }
            self.clear(Some(place), "os.version", &mut platform.os_version);
            self.clear(Some(place), "os.features", &mut platform.os_features);
        }
        descriptor
    }

    fn clear<T: Default + PartialEq>(
        &mut self,
        entry: Option<usize>,
        name: &'static str,
        value: &mut T,
    ) {
        if *value != T::default() {
            *value = T::default();
            let by_kind = !self.plain.allows(name);
            let cause = if by_kind {
                LossCause::Kind(self.kind)
            } else {
                LossCause::Form(self.tool)
            };
            self.lose(entry, LostItem::Member(name), cause);
        }
    }

    /// Takes a member away unless it is among those that are written.
    fn strip<T: Default + PartialEq>(
        &mut self,
        written: &[&str],
        entry: Option<usize>,
        name: &'static str,
        value: &mut T,
    ) {
        if !written.contains(&name) {
            self.clear(entry, name, value);
        }
    }

    fn unknown(&mut self, entry: Option<usize>, members: &mut Vec<(String, String)>) {
        if !self.shape.unknown {
            for (name, _) in std::mem::take(members) {
                self.lose(entry, LostItem::Unknown(name), LossCause::Form(self.tool));
            }
        }
    }

    fn list(&mut self, list: &mut List) {
        let written = self.shape.top;
        list.artifact_type = list
            .artifact_type
            .take()
            .filter(|it| !it.as_str().is_empty());
        self.strip(written, None, "artifactType", &mut list.artifact_type);
        self.strip(written, None, "subject", &mut list.subject);
        self.strip(written, None, "annotations", &mut list.annotations);
        self.unknown(None, &mut list.unknown);
        if let Some(subject) = &mut list.subject {
            self.descriptor(subject, None);
        }
    }

    fn descriptor(&mut self, descriptor: &mut Descriptor, entry: Option<usize>) {
        descriptor.annotations = descriptor.annotations.sorted();
        descriptor.artifact_type = descriptor
            .artifact_type
            .take()
            .filter(|it| !it.as_str().is_empty());
        let written = self.shape.descriptor;
        self.strip(written, entry, "annotations", &mut descriptor.annotations);
        self.strip(written, entry, "data", &mut descriptor.data);
        self.strip(
            written,
            entry,
            "artifactType",
            &mut descriptor.artifact_type,
        );
        self.unknown(entry, &mut descriptor.unknown);
        if let Some(platform) = &mut descriptor.platform {
            platform.os_version = platform
                .os_version
                .take()
                .filter(|version| !version.is_empty());
            platform.variant = platform
                .variant
                .take()
                .filter(|variant| !variant.is_empty());
            self.strip(
                self.shape.platform,
                entry,
                "features",
                &mut platform.features,
            );
        }
    }

    fn child(&mut self, entry: &Descriptor, place: usize) {
        let Some(media_type) = entry
            .media_type
            .as_ref()
            .filter(|_| self.kind == ListKind::DockerList)
        else {
            return;
        };
        if media_type.is_list() {
            self.lose(
                Some(place),
                LostItem::NestedList,
                LossCause::Kind(self.kind),
            );
        } else if !super::tool::is_docker(media_type) {
            self.lose(Some(place), LostItem::OciChild, LossCause::Kind(self.kind));
        }
    }
}
