//! What is related to two images, or lists, beside each other: what refers to them, and the
//! packages of their SBOMs.

use crate::descriptor::Descriptor;
use crate::diff::{Section, packages, referrers};
use crate::documents::{Listing, Table, predicate_name};
use crate::humanize::count;
use crate::media_type::MediaType;
use crate::registry::push::Repository;
use crate::workflow::fetch::{Failure, Fetch, Generation};
use crate::workflow::inspect::InspectTarget;
use crate::workflow::related::{self, NotKnown, Related, Task};

use super::{Model, Position};

/// How many SBOMs of each side are read.
const READ: usize = 4;

/// What is related to the two that are compared.
#[derive(Clone, Debug)]
pub struct RelatedDiff {
    /// The left one's first.
    models: [related::Model; 2],
    /// Whether the documents of each were asked for.
    is_opened: [bool; 2],
    /// What was found, once nothing is on its way: two long lists of packages are compared once.
    found: Option<RelatedFound>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelatedFound {
    /// What differs.
    pub sections: Vec<Section>,
    /// What is not known, or was not compared, each a sentence.
    pub notes: Vec<String>,
}

impl Model {
    /// Around what to look on both sides; `None` where nothing is compared yet, or a side is of no
    /// registry.
    #[must_use]
    pub fn related_tasks(&self) -> Option<[Task; 2]> {
        if self.before_comparing().is_some() {
            return None;
        }
        let [left, right] = Position::BOTH.map(|position| self.related_task(position));
        left.zip(right).map(Into::into)
    }

    fn related_task(&self, position: Position) -> Option<Task> {
        let side = self.side(position);
        let InspectTarget::Registry(reference) = &side.target else {
            return None;
        };
        let (root, node) = (side.root()?, side.node()?);
        let digest = node.digest.clone()?;
        let entries = root.list().map_or(&[][..], |list| &list.entries);
        let attests = |entry: &&Descriptor| entry.attests() == Some(digest.as_str());
        let attested_by = entries.iter().filter(attests).cloned().collect();
        Some(Task::around(
            Repository::from_reference(reference),
            digest,
            node,
            attested_by,
        ))
    }
}

impl RelatedFound {
    fn compare_packages(&mut self, left: &[Titled<'_>], right: &[Titled<'_>]) {
        let Some(((title, one), (other_title, other))) = pair(left, right) else {
            let who = match (left.is_empty(), right.is_empty()) {
                (true, true) => "Neither has an SBOM that can be read",
                (true, false) => "The left one has no SBOM that can be read",
                (false, _) => "The right one has no SBOM that can be read",
            };
            self.notes
                .push([who, ", so no packages are compared."].concat());
            return;
        };
        self.sections.extend(packages(one, other));
        if title != other_title {
            self.notes.push(format!(
                "The left one's packages are those of {title}, the right one's of {other_title}."
            ));
        }
        for (table, side) in [(one, "left"), (other, "right")] {
            if table.beyond > 0 {
                let more = count(table.beyond, "package");
                let words = format!("{more} more of the {side} one are not compared.");
                self.notes.push(words);
            }
        }
    }
}

impl RelatedDiff {
    /// Begins to look on both sides, and gives the effects that start it. `generation` has to be
    /// higher than those of all before.
    #[must_use]
    pub fn open(
        tasks: [Task; 2],
        generation: Generation,
    ) -> (Self, Vec<(Position, related::Effect)>) {
        let mut effects = Vec::new();
        let mut position = Position::BOTH.into_iter();
        let models = tasks.map(|task| {
            let (model, first) = related::Model::open(task, generation);
            let at = position.next().unwrap_or(Position::Right);
            effects.extend(first.into_iter().map(|effect| (at, effect)));
            model
        });
        let related = Self {
            models,
            is_opened: [false; 2],
            found: None,
        };
        (related, effects)
    }

    /// Takes one message of a side and gives the effects to run.
    pub fn update(
        &mut self,
        position: Position,
        msg: related::Msg,
    ) -> Vec<(Position, related::Effect)> {
        let at = position as usize;
        let mut effects = self.models[at].update(msg);
        if !self.is_opened[at] && self.models[at].pending() == 0 {
            self.is_opened[at] = true;
            let sboms = with_sbom(&self.models[at]).map(|node| node.digest.clone());
            let sboms: Vec<_> = sboms.take(READ).collect();
            for digest in sboms {
                effects.extend(self.models[at].update(related::Msg::Open(digest)));
            }
        }
        self.found = (!self.is_waiting()).then(|| self.compare());
        effects
            .into_iter()
            .map(|effect| (position, effect))
            .collect()
    }

    /// Where the manifests of a side are.
    #[must_use]
    pub fn place(&self, position: Position) -> &Repository {
        self.models[position as usize].place()
    }

    /// The generation that answers have to carry.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.models[0].generation().max(self.models[1].generation())
    }

    /// Whether something is on its way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.models.iter().any(|model| model.pending() > 0)
    }

    /// What was found; `None` while something is on its way.
    #[must_use]
    pub fn found(&self) -> Option<&RelatedFound> {
        self.found.as_ref()
    }

    fn compare(&self) -> RelatedFound {
        let [left, right] = &self.models;
        let mut found = RelatedFound::default();
        for position in Position::BOTH {
            self.note(position, &mut found.notes);
        }
        found
            .sections
            .extend(referrers(&kinds(left), &kinds(right)));
        let [left, right] = [left, right].map(|model| tables(model));
        found.compare_packages(&left, &right);
        found
    }

    /// Says what of a side is not known.
    fn note(&self, position: Position, notes: &mut Vec<String>) {
        let model = &self.models[position as usize];
        let name = position.name();
        let asked = model.nodes().iter().filter_map(|node| node.asked.as_ref());
        let failures = asked.flat_map(related::Asked::failures);
        let manifests = model
            .nodes()
            .iter()
            .filter_map(|node| match &node.manifest {
                Some(Fetch::Failed(failure)) => Some(failure),
                _ => None,
            });
        let why = failures.chain(manifests).map(NotKnown::of).next();
        if let Some(why) = why {
            notes.push(format!("What refers to the {name} one is {}.", why.words()));
        } else if let Some(asked) = model.nodes().first().and_then(|node| node.asked.as_ref())
            && !asked.is_complete()
            && model.pending() == 0
        {
            notes.push(format!("What refers to the {name} one is not known whole."));
        }
        if model.beyond() > 0 {
            let more = count(model.beyond(), "referrer");
            notes.push(format!("{more} more of the {name} one are not looked at."));
        }
        let unread = with_sbom(model).flat_map(Related::documents);
        let unread = unread.filter_map(|listed| match model.content(listed.descriptor)? {
            Fetch::Failed(failure) => Some(failure),
            Fetch::Done(_) | Fetch::Pending => None,
        });
        for failure in unread {
            let why = match failure {
                Failure::TooLarge { .. } => "it is larger than Waybill reads",
                _ => "it did not come",
            };
            notes.push(format!("An SBOM of the {name} one is not read: {why}."));
        }
    }
}

/// What refers to a manifest, in words: what its statements are about, else what its type says.
fn kind(node: &Related) -> String {
    let documents = node.documents();
    let predicates = documents.iter().filter_map(related::Listed::predicate);
    let named: Vec<_> = predicates
        .map(|it| predicate_name(it).unwrap_or(it))
        .collect();
    if !named.is_empty() {
        return named.join(", ");
    }
    let artifact = node.artifact_type();
    let known = artifact.and_then(MediaType::artifact_kind);
    let known = known.map(|words| words.trim_start_matches("an ").trim_start_matches("a "));
    known
        .or(artifact.map(MediaType::as_str))
        .unwrap_or("a manifest of no type")
        .to_owned()
}

/// What was found around the one that is looked at, by what it is.
fn kinds(model: &related::Model) -> Vec<String> {
    let found = model.nodes().iter().filter(|node| !node.under.is_empty());
    found.map(kind).collect()
}

/// The manifests that may have a list of packages.
fn with_sbom(model: &related::Model) -> impl Iterator<Item = &Related> {
    let is_sbom = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["spdx", "cyclonedx", "sbom", "syft"]
            .iter()
            .any(|it| text.contains(it))
    };
    let has = move |node: &&Related| {
        let kind = node.artifact_type().map(MediaType::as_str);
        kind.is_some_and(is_sbom)
            || node.documents().iter().any(|listed| {
                let media_type = listed.descriptor.media_type.as_ref();
                media_type.is_some_and(|it| is_sbom(it.as_str()))
                    || listed.predicate().is_some_and(is_sbom)
            })
    };
    let found = model.nodes().iter().filter(|node| !node.under.is_empty());
    found.filter(has)
}

/// The tables of packages that came, each with the title of its document.
fn tables(model: &related::Model) -> Vec<(&str, &Table)> {
    let documents = with_sbom(model).flat_map(Related::documents);
    let contents = documents.filter_map(|listed| model.content(listed.descriptor)?.done());
    // What is not the document that was named tells nothing.
    let contents = contents.filter(|content| !content.is_another);
    let tables = contents.flat_map(|content| {
        let tables = content.document.tables.iter();
        let packages = tables.filter(|table| table.of == Listing::Package);
        packages.map(|table| (content.document.title.as_str(), table))
    });
    tables.collect()
}

type Titled<'a> = (&'a str, &'a Table);

/// One table of each, of one kind of document where both have one.
fn pair<'a>(left: &[Titled<'a>], right: &[Titled<'a>]) -> Option<(Titled<'a>, Titled<'a>)> {
    let of_one_kind = left.iter().find_map(|one| {
        let other = right.iter().find(|other| other.0 == one.0)?;
        Some((*one, *other))
    });
    of_one_kind.or_else(|| Some((*left.first()?, *right.first()?)))
}
