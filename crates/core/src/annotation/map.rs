//! The annotations themselves, or labels: texts by name, in the order of their author.

use std::ops::Deref;

/// A map of texts in the order of its author: annotations of a descriptor, manifest or index,
/// or the labels of a config (image-spec, `annotations.md` and `config.md`).
///
/// Names are what a JSON object gave, so one may be there twice; [`get`](Self::get) finds the
/// last, as clients in Go do. Members of the formats themselves have no such map that keeps all:
/// of those the first is read, see [`Object::get`](crate::json::Object::get).
///
/// ```
/// use waybill_core::annotation::Annotations;
///
/// let mut annotations = Annotations::default();
/// annotations.set("org.opencontainers.image.title", "web");
/// assert_eq!(annotations.get("org.opencontainers.image.title"), Some("web"));
/// assert_eq!(annotations.len(), 1);
/// annotations.remove("org.opencontainers.image.title");
/// assert!(annotations.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations(Vec<(String, String)>);

impl Annotations {
    /// Finds the value of a name; of a name that is there twice, the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Gives a name this value, and puts it in front of the first name that sorts behind it: a
    /// list that is composed has its names in order, as Go writes maps.
    ///
    /// A name that is there already loses its old value and place, and each of its duplicates.
    /// Where the others are not in order, the place is one among them and means nothing;
    /// [`sorted`](Self::sorted) puts all in order.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.remove(&name);
        let place = self.0.partition_point(|(known, _)| *known < name);
        self.0.insert(place, (name, value.into()));
    }

    /// Returns them sorted by the bytes of their names, as Go writes maps; of two equal names
    /// the last counts.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted: Vec<(String, String)> = Vec::with_capacity(self.len());
        for (name, value) in self {
            match sorted.binary_search_by(|(known, _)| known.cmp(name)) {
                Ok(place) => sorted[place].1.clone_from(value),
                Err(place) => sorted.insert(place, (name.clone(), value.clone())),
            }
        }
        Self(sorted)
    }

    /// Takes a name away, all of its duplicates too.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }
}

impl Deref for Annotations {
    type Target = [(String, String)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Vec<(String, String)>> for Annotations {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl FromIterator<(String, String)> for Annotations {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl IntoIterator for Annotations {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Annotations {
    type Item = &'a (String, String);
    type IntoIter = std::slice::Iter<'a, (String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
