//! What the chosen kind and form make of a draft: order, members left out, members filled in.
//!
//! This is the middle of [`Draft::write`]: `convert` makes of the draft a [`List`] that holds
//! exactly what will be written, with a [`Loss`] for each thing that the draft has and the
//! list has not; `write` then spells it, and `check` turns the losses into findings.
//! `Draft::losses_as` and the commands of other tools ask for the losses alone.
//!
//! The steps, in order:
//!
//! 1. The order of the entries. Only docker changes it: it sorts by name (`order_of`).
//! 2. The kind. Some forms choose their own, by the entries (`Tool::kind`), docker by the
//!    first in the new order; hence the order comes first.
//! 3. The members of the list itself, and those of its subject.
//! 4. Each entry: what the tool makes of an image's own words (`Converter::as_tool`), then
//!    without what the form does not write (`Converter::descriptor`). buildx makes
//!    one entry of several with one digest, regctl of several that are equal.
//! 5. Pointers: where each entry stands in the bytes to come.
//!
//! An artifact type, `variant` or `os.version` that is the empty text means the same as none,
//! so the last look at a descriptor takes it away without a loss; nor is it one that
//! annotations are put in order.
//!
//! Longer than most files: the steps are taken in one order, over the same list.

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
///
/// It is what a finding calls the writer: `a Docker manifest list has no place for it`, or
/// `buildx has no place for it`. Where the canonical form of that kind would leave it out as
/// well, it is the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossCause {
    /// The kind of list has no place for it.
    Kind(ListKind),
    /// The tool does not write it.
    Form(Tool),
}

/// What is left out or changed.
///
/// [`OciChild`](Self::OciChild) and [`NestedList`](Self::NestedList) take nothing away. They
/// are there so that the page can warn before a kind is chosen. They make no finding: once the
/// bytes are written, reading them finds OCI manifests and lists in a Docker list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostItem {
    /// A member: `annotations`, `os.version`. Whose it is, is told by [`Loss::entry`].
    Member(&'static str),
    /// A member that no specification names. Only the canonical form writes these.
    Unknown(String),
    /// The place in the list: the tool sorts its entries.
    Order,
    /// The entry itself: another one names the same digest and the tool makes one of both. For
    /// buildx the digest alone counts, and the later one's platform and annotations go to the
    /// first; for regctl everything that it writes of both has to be equal.
    Repeated,
    /// Nothing is left out, but a Docker list may not name OCI manifests, and some clients
    /// refuse them. Every media type that is not Docker's counts.
    OciChild,
    /// Nothing is left out, but a Docker list may not name lists.
    NestedList,
}

/// One thing that is not written as the draft has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The entry's place in the draft, not in the list that is written; `None` for the list
    /// itself and for its subject.
    pub entry: Option<usize>,
    /// What.
    pub lost: LostItem,
    /// Why.
    pub cause: LossCause,
}

/// A draft as it will be written.
///
/// `Draft::write` takes it apart: all of it goes into `Written`, whose fields have the same
/// names.
pub(super) struct Converted {
    /// The kind that is written, which may be another than the draft's.
    pub(super) kind: ListKind,
    /// What is written: entries in their new order, maps sorted, `pointer` of each set for the
    /// new bytes.
    pub(super) list: List,
    /// For each entry of `list`, its place in the draft. One that was made of several has the
    /// place of the first.
    pub(super) order: Vec<usize>,
    /// In the order in which they were met: the list and its subject first, then entry by
    /// entry in the new order.
    pub(super) losses: Vec<Loss>,
}

/// Makes the list that the draft's form writes.
///
/// It never fails and drops no entry but a repeated one: whether a manifest may be composed at
/// all was decided before the draft was made (`eligibility`).
///
/// Equal entries are found once for all (`first_equals`), since a hostile list may have very
/// many: those of one digest, and for regctl those of which it writes the same. So where an
/// entry stood before counts for nothing. `first_equal[index]` is the place in `order` of the
/// first such entry, and `written` says where in `list` that one went.
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
    // Each entry with what it loses, which is told in its turn.
    let told = stripper.losses.len();
    let converted: Vec<_> = order
        .iter()
        .map(|place| {
            let descriptor = stripper.entry(&draft.entries[*place], *place);
            (descriptor, stripper.losses.split_off(told))
        })
        .collect();
    let keys = converted.iter().map(|(descriptor, _)| {
        if tool == Tool::Regctl {
            Cow::Owned(super::write::entry(descriptor, &stripper.shape))
        } else {
            Cow::Borrowed(descriptor.digest_text.as_str())
        }
    });
    let first_equal = first_equals(keys.collect());
    // For each entry its place in the list.
    let mut written: Vec<usize> = Vec::with_capacity(order.len());
    let mut kept = Vec::with_capacity(order.len());
    for (index, (place, (descriptor, lost))) in order.into_iter().zip(converted).enumerate() {
        stripper.losses.extend(lost);
        let first = written.get(first_equal[index]).copied();
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
///
/// They stay as they are but for docker, which sorts by `docker_name`. Of two equal names the
/// one that is first in the draft stays first, since the place is part of what is sorted.
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

/// The name of the file in docker's store, by which it sorts. Source: docker/cli
/// `manifest/store/store.go`.
///
/// `ghcr.io/o/app:arm64` gives `ghcr.io_o_app-arm64`. An entry without a reference is called
/// by its digest: its true name is not known here.
fn docker_name(entry: &Entry) -> String {
    let name = entry
        .reference
        .as_ref()
        .map_or_else(|| entry.descriptor.digest_text.clone(), ToString::to_string);
    name.replace(':', "-").replace('/', "_")
}

/// Makes one entry of two with one digest, as buildx does. Source: buildx
/// `util/imagetools/create.go`, `addDesc`.
///
/// The later platform replaces the first, where there is one. Annotations of both are kept; of
/// two with one name the later counts. For regctl both are equal, so nothing changes.
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
///
/// It lives for one call of `convert`, and goes over the list first and then over each entry.
struct Converter {
    /// What the tool writes in that kind: a member whose name is not in it goes.
    shape: Shape,
    /// What the kind allows, that is what the canonical form writes in it. It decides the
    /// cause of a loss and nothing else.
    plain: Shape,
    /// The kind that is written.
    kind: ListKind,
    /// Whose form it is.
    tool: Tool,
    /// What was taken away so far.
    losses: Vec<Loss>,
}

impl Converter {
    fn lose(&mut self, entry: Option<usize>, lost: LostItem, cause: LossCause) {
        self.losses.push(Loss { entry, lost, cause });
    }

    /// An entry as the form writes it.
    fn entry(&mut self, entry: &Entry, place: usize) -> Descriptor {
        let mut descriptor = self.as_tool(entry.clone(), place);
        self.descriptor(&mut descriptor, Some(place));
        descriptor
    }

    /// What a tool makes of an image's own words, where the person did not choose others.
    ///
    /// An entry from a list has no origin and stays as it is: tools copy what a list says. For
    /// an entry made of a manifest:
    ///
    /// - crane names the manifest's artifact type, or else the type of its config; and it
    ///   copies the manifest's annotations where the draft has none for the entry.
    /// - oras does so with the artifact type, but takes the type of the config only where that
    ///   is no image's.
    /// - regctl and buildx write no artifact type. It counts as lost where the manifest has
    ///   one.
    /// - buildx reads the platform from the config, in the usual spelling and without
    ///   `os.version` and `os.features`: each is a loss of its own.
    ///
    /// An artifact type that differs from the manifest's was chosen by the person and stays.
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

    /// Empties a member, with a loss where it was not empty already.
    ///
    /// The cause is the kind where its canonical form has no member of that `name`, else the
    /// tool. Names are compared wherever they stand: `annotations` of an entry and of the list
    /// are one name.
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

    /// Takes away members that no specification names, unless the form writes them; a loss for
    /// each, whose cause is always the form, since the canonical one writes them in either
    /// kind.
    fn unknown(&mut self, entry: Option<usize>, members: &mut Vec<(String, String)>) {
        if !self.shape.unknown {
            for (name, _) in std::mem::take(members) {
                self.lose(entry, LostItem::Unknown(name), LossCause::Form(self.tool));
            }
        }
    }

    /// Takes away what the form does not write of the list itself; entries have their turn
    /// later.
    ///
    /// A subject that stays is a descriptor like another and goes through
    /// [`descriptor`](Self::descriptor) too; its losses are counted as the list's.
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

    /// Takes away what the form does not write of an entry or a subject, and puts annotations
    /// in the order in which Go writes maps.
    ///
    /// `urls` and the other members of a platform need no look: every form has a place for
    /// them. `entry` is the place in the draft, for the losses.
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
            self.unknown(entry, &mut platform.unknown);
        }
    }

    /// Says what a Docker list names and should not: lists, and manifests of OCI. The entry
    /// stays. In an index nothing is said.
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
