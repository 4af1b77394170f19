//! All tags of a repository that came so far.

use std::cell::OnceCell;

use crate::digest::Digest;
use crate::limits;
use crate::reference::Tag;

use super::details::Details;
use super::order::{Kind, are_of_one_line, kind, sort_key};

/// A tag with what is known of it.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Its name.
    pub tag: Tag,
    /// What it is by its name.
    pub kind: Kind,
    /// Where it stands among the others, newest first.
    key: Box<[u8]>,
    /// `None` as long as nothing is known: most tags of a long list are never looked at.
    details: Option<Box<Details>>,
}

impl Tagged {
    fn new(tag: Tag, details: Details) -> Self {
        Self {
            kind: kind(tag.as_str()),
            key: sort_key(tag.as_str()).into(),
            tag,
            details: (details != Details::default()).then(|| Box::new(details)),
        }
    }

    /// What is known of it beside its name; `None` where nothing is.
    #[must_use]
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// The digest that it names, where that is known.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.details()?.digest.as_ref()
    }

    fn take(&mut self, details: Details) {
        match &mut self.details {
            Some(known) => known.take(details),
            None => self.details = Some(Box::new(details)),
        }
    }
}

/// In which order the rows of people's tags stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first, by their versions.
    #[default]
    Newest,
    /// By the bytes of their names.
    Name,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The tag of that index in the collection.
    Tag(usize),
    /// Tags of one kind in one line. Where it is open, they follow it.
    Fold(Fold),
}

/// Tags of one kind in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Their kind.
    pub kind: Kind,
    /// How many there are, of those that are looked for.
    pub count: usize,
    /// Whether they are shown.
    pub is_open: bool,
}

/// What is to be shown of a collection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrangement<'a> {
    /// Words that each have to stand in the name, in any case of letters.
    pub filter: &'a str,
    /// The order.
    pub order: Order,
    /// Only tags of this digest.
    pub digest: Option<&'a Digest>,
    /// The kinds that were unfolded.
    pub open: &'a [Kind],
}

/// The tags of a repository, each once, newest first.
///
/// ```
/// use waybill_core::tags::{Arrangement, Collection, Listing, Row};
///
/// let mut tags = Collection::default();
/// tags.add(Listing::read(br#"{"tags":["1.9","1.10","latest","1.9"]}"#)?.tags);
/// let rows = tags.rows(&Arrangement::default());
/// let named = |row: &Row| match row {
///     Row::Tag(index) => tags.all()[*index].tag.as_str(),
///     Row::Fold(_) => "",
/// };
/// assert_eq!(rows.iter().map(named).collect::<Vec<_>>(), ["latest", "1.10", "1.9"]);
/// # Ok::<(), waybill_core::tags::ListingError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// By their keys, each once.
    tags: Vec<Tagged>,
    /// Places in `tags` by the bytes of names, once somebody wants that order.
    by_name: OnceCell<Vec<usize>>,
    /// How many came beyond what is kept.
    left_out: usize,
}

impl Collection {
    /// Takes the tags of one more page, and says how many of them are new.
    ///
    /// Beyond [`TAGS_LISTED`](limits::TAGS_LISTED) tags are only counted.
    pub fn add(&mut self, page: Vec<(Tag, Details)>) -> usize {
        let before = self.tags.len();
        let room = limits::TAGS_LISTED.saturating_sub(before);
        self.left_out += page.len().saturating_sub(room);
        let page = page.into_iter().take(room);
        self.tags
            .extend(page.map(|(tag, details)| Tagged::new(tag, details)));
        // What stands in order already is merged, not sorted again.
        self.tags.sort_by(|one, other| one.key.cmp(&other.key));
        self.tags.dedup_by(|later, kept| {
            let is_same = later.key == kept.key;
            if is_same && let Some(details) = later.details.take() {
                kept.take(*details);
            }
            is_same
        });
        self.by_name = OnceCell::new();
        self.tags.len() - before
    }

    /// Takes what is told of a tag. One that is not in the list is left out.
    pub fn tell(&mut self, tag: &Tag, details: Details) {
        if let Some(place) = self.find(tag) {
            self.tags[place].take(details);
        }
    }

    /// The place of a tag among all.
    #[must_use]
    pub fn find(&self, tag: &Tag) -> Option<usize> {
        let key = sort_key(tag.as_str());
        self.tags
            .binary_search_by(|tagged| tagged.key.as_ref().cmp(&key))
            .ok()
    }

    /// The tag of the image before: the next older version of the same line, such as
    /// `1.26.2-alpine` for `1.27.0-alpine`, that is not known to name the same.
    #[must_use]
    pub fn before(&self, tag: &Tag) -> Option<&Tag> {
        let place = self.find(tag)?;
        let (newer, older) = self.tags.get(place..)?.split_first()?;
        let names_other = |it: &&Tagged| newer.digest().is_none() || it.digest() != newer.digest();
        let versions = older.iter().take_while(|it| it.kind == Kind::Version);
        let mut line = versions.filter(|it| are_of_one_line(tag.as_str(), it.tag.as_str()));
        line.find(names_other).map(|it| &it.tag)
    }

    /// All of them, newest first.
    #[must_use]
    pub fn all(&self) -> &[Tagged] {
        &self.tags
    }

    /// How many came beyond what is kept.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The rows to show.
    ///
    /// Machines' tags and commits follow all others, a line for each kind with their number,
    /// and behind it the tags themselves where it was unfolded, or where there is nothing else
    /// to see.
    #[must_use]
    pub fn rows(&self, arrangement: &Arrangement<'_>) -> Vec<Row> {
        let Arrangement {
            filter,
            order,
            digest,
            open,
        } = *arrangement;
        let is_shown = |tagged: &Tagged| {
            has_words(tagged.tag.as_str(), filter)
                && digest.is_none_or(|digest| tagged.digest() == Some(digest))
        };
        let folded_from = self.tags.partition_point(|tagged| !tagged.kind.is_folded());
        let (named, folded) = self.tags.split_at(folded_from);
        let mut rows: Vec<Row> = match order {
            Order::Newest => (0..named.len())
                .filter(|index| is_shown(&named[*index]))
                .map(Row::Tag)
                .collect(),
            Order::Name => {
                let by_name = self.by_name.get_or_init(|| {
                    let mut places: Vec<usize> = (0..named.len()).collect();
                    places.sort_unstable_by(|one, other| named[*one].tag.cmp(&named[*other].tag));
                    places
                });
                let places = by_name.iter().copied();
                let shown = places.filter(|index| is_shown(&named[*index]));
                shown.map(Row::Tag).collect()
            }
        };
        let is_all = rows.is_empty();
        let mut from = 0;
        for kind in Kind::FOLDED {
            let end = from + folded[from..].partition_point(|tagged| tagged.kind == kind);
            let places = (from..end).filter(|index| is_shown(&folded[*index]));
            let is_open = is_all || open.contains(&kind);
            let at = rows.len();
            let count = if is_open {
                rows.extend(places.map(|index| Row::Tag(folded_from + index)));
                rows.len() - at
            } else {
                places.count()
            };
            if count > 0 {
                let fold = Fold {
                    kind,
                    count,
                    is_open,
                };
                rows.insert(at, Row::Fold(fold));
            }
            from = end;
        }
        rows
    }
}

/// Whether all words of a filter stand in a name, in any case of ASCII letters.
///
/// ```
/// assert!(waybill_core::tags::has_words("1.27-alpine", "ALP 1.2"));
/// assert!(!waybill_core::tags::has_words("1.27-alpine", "1.28"));
/// ```
#[must_use]
pub fn has_words(name: &str, filter: &str) -> bool {
    filter.split_whitespace().all(|word| holds(name, word))
}

/// Whether a text holds another, in any case of ASCII letters: tags have no others.
fn holds(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(tags: &[&str]) -> Collection {
        let mut collection = Collection::default();
        collection.add(page(tags));
        collection
    }

    fn page(tags: &[&str]) -> Vec<(Tag, Details)> {
        let tag = |tag: &&str| (tag.parse().expect("a tag"), Details::default());
        tags.iter().map(tag).collect()
    }

    fn shown(collection: &Collection, arrangement: Arrangement<'_>) -> Vec<String> {
        let rows = collection.rows(&arrangement);
        let shown = rows.iter().map(|row| match row {
            Row::Tag(index) => collection.all()[*index].tag.to_string(),
            Row::Fold(fold) => format!("{:?} {} {}", fold.kind, fold.count, fold.is_open),
        });
        shown.collect()
    }

    #[test]
    fn machine_tags_are_folded_and_counted() {
        let hex = "ab".repeat(32);
        let sig = |letter: &str| format!("sha256-{}.sig", letter.repeat(64));
        let (one, two, referrers) = (sig("a"), sig("b"), format!("sha512-{hex}"));
        let tags = collection(&["1.0", &one, "4f1c0de", &two, &referrers, "latest"]);
        let folded = [
            "latest",
            "1.0",
            "Commit 1 false",
            "Signature 2 false",
            "Referrers 1 false",
        ];
        assert_eq!(shown(&tags, Arrangement::default()), folded);
        let open = Arrangement {
            open: &[Kind::Signature],
            ..Arrangement::default()
        };
        let unfolded = shown(&tags, open);
        assert_eq!(unfolded[3..6], ["Signature 2 true".to_owned(), one, two]);
        // A filter counts what it finds; where it finds nothing else, that is shown.
        let filter = |filter| Arrangement {
            filter,
            ..Arrangement::default()
        };
        assert_eq!(shown(&tags, filter("4F1C")), ["Commit 1 true", "4f1c0de"]);
        let found = ["latest", "Signature 2 false", "Referrers 1 false"];
        assert_eq!(shown(&tags, filter("a")), found);
        assert_eq!(shown(&tags, filter("nothing")), [""; 0]);
    }

    #[test]
    fn all_words_of_a_filter_have_to_be_there() {
        let tags = collection(&["1.27-alpine", "1.27-slim", "1.26-alpine", "V1.27-Alpine"]);
        let filter = |filter| {
            shown(
                &tags,
                Arrangement {
                    filter,
                    ..Arrangement::default()
                },
            )
        };
        assert_eq!(filter(" ALP  1.27 "), ["V1.27-Alpine", "1.27-alpine"]);
        assert_eq!(filter("").len(), 4);
        assert_eq!(filter(&"x".repeat(1000)).len(), 0);
    }

    #[test]
    fn pages_are_merged_and_every_tag_is_there_once() {
        let mut tags = collection(&["2", "1", "2"]);
        assert_eq!(tags.add(page(&["3", "1", "1.5"])), 2);
        assert_eq!(tags.add(page(&["3", "2"])), 0);
        assert_eq!(shown(&tags, Arrangement::default()), ["3", "2", "1", "1.5"]);
        let by_name = Arrangement {
            order: Order::Name,
            ..Arrangement::default()
        };
        assert_eq!(shown(&tags, by_name), ["1", "1.5", "2", "3"]);
        tags.add(page(&["10"]));
        assert_eq!(shown(&tags, by_name), ["1", "1.5", "10", "2", "3"]);
    }

    #[test]
    fn tags_of_one_digest_are_found() {
        let mut tags = collection(&["1", "2", "3", "deadbeef"]);
        let digest = Digest::sha256(b"1");
        for tag in ["1", "3", "deadbeef", "4"] {
            let details = Details {
                digest: Some(digest.clone()),
                ..Details::default()
            };
            tags.tell(&tag.parse().expect("a tag"), details);
        }
        let of_digest = Arrangement {
            digest: Some(&digest),
            open: &Kind::FOLDED,
            ..Arrangement::default()
        };
        assert_eq!(
            shown(&tags, of_digest),
            ["3", "1", "Commit 1 true", "deadbeef"]
        );
    }

    #[test]
    fn the_image_before_is_the_next_older_one_of_its_line() {
        let names = [
            "1.27.3",
            "1.27.3-alpine",
            "1.27.2",
            "1.26.0-alpine",
            "1.27",
            "edge",
            "latest",
        ];
        let mut tags = collection(&names);
        let tag = |name: &str| name.parse::<Tag>().expect("a tag");
        let before = |tags: &Collection, name| tags.before(&tag(name)).map(ToString::to_string);
        assert_eq!(before(&tags, "1.27.3").as_deref(), Some("1.27.2"));
        assert_eq!(
            before(&tags, "1.27.3-alpine").as_deref(),
            Some("1.26.0-alpine")
        );
        for none in ["1.27.2", "1.27", "edge", "latest", "not-listed"] {
            assert_eq!(before(&tags, none), None, "{none}");
        }
        // What names the same is no image before.
        tags.add(page(&["1.27.1"]));
        for same in ["1.27.3", "1.27.2"] {
            let details = Details {
                digest: Some(Digest::sha256(b"1")),
                ..Details::default()
            };
            tags.tell(&tag(same), details);
        }
        assert_eq!(before(&tags, "1.27.3").as_deref(), Some("1.27.1"));
    }

    #[test]
    fn what_is_told_of_a_tag_stays_when_it_is_listed_again() {
        let mut tags = collection(&["1"]);
        let details = Details {
            digest: Some(Digest::sha256(b"1")),
            ..Details::default()
        };
        tags.tell(&"1".parse().expect("a tag"), details.clone());
        assert_eq!(tags.add(page(&["1"])), 0);
        assert_eq!(tags.all()[0].details(), Some(&details));
    }

    /// How long this takes in the page's own program is measured by its journey.
    #[test]
    fn a_hundred_thousand_tags_come_page_by_page_and_are_filtered() {
        let names: Vec<String> = (0..100_000_u32)
            .map(|number| match number % 4 {
                0 => format!("v{}.{}.{}", number / 1000, number / 10 % 100, number % 10),
                1 => format!("{number:08x}abcdef01"),
                2 => format!("sha256-{number:064x}.sig"),
                _ => format!("nightly-{number}"),
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut tags = Collection::default();
        for part in names.chunks(5000) {
            tags.add(page(part));
        }
        assert_eq!(tags.all().len(), 100_000);
        for filter in ["1", "nightly-9", "9 7", ""] {
            let arrangement = Arrangement {
                filter,
                ..Arrangement::default()
            };
            assert!(!tags.rows(&arrangement).is_empty(), "{filter}");
        }
    }

    #[test]
    fn more_tags_than_are_kept_are_counted() {
        let mut tags = Collection::default();
        let names = (0..limits::TAGS_LISTED + 3).map(|number| {
            let tag = number.to_string().parse().expect("a tag");
            (tag, Details::default())
        });
        assert_eq!(tags.add(names.collect()), limits::TAGS_LISTED);
        assert_eq!(tags.left_out(), 3);
    }
}
