//! Lists that documents have, as rows of texts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::limits;

/// A list that a document has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What it lists.
    pub of: Listing,
    /// The rows, a text for each column.
    pub rows: Vec<Vec<String>>,
    /// How many more there are.
    pub beyond: usize,
    /// How many rows have each value of one column.
    pub counts: Option<Counts>,
}

/// What a table lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listing {
    /// Packages of an SBOM.
    #[default]
    Package,
    /// Statements on vulnerabilities.
    Statement,
    /// What something was built from.
    Material,
    /// Charts that a chart needs.
    Dependency,
}

impl Listing {
    /// What a row is called.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Statement => "statement",
            Self::Material => "material",
            Self::Dependency => "dependency",
        }
    }

    /// What each column has.
    #[must_use]
    pub fn heads(self) -> &'static [&'static str] {
        match self {
            Self::Package => &["Name", "Version", "Licence", "Package URL"],
            Self::Statement => &["Vulnerability", "Status", "Why", "Products", "Time"],
            Self::Material => &["Material", "Digest"],
            Self::Dependency => &["Chart", "Version", "Repository"],
        }
    }
}

/// How many rows have each value of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The column's place.
    pub column: usize,
    /// The values, those of the most rows first.
    pub values: Vec<(String, usize)>,
    /// How many more values there are.
    pub beyond: usize,
}

impl Table {
    pub(super) fn new(of: Listing) -> Self {
        Self {
            of,
            ..Self::default()
        }
    }

    /// The places of the rows among those in which every word stands, whatever its case.
    #[must_use]
    pub fn search(&self, words: &str, among: Range<usize>) -> Vec<usize> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let has = |row: &Vec<String>| {
            let text = row.join("\n").to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let from = among.start;
        let rows = self.rows.get(among).unwrap_or_default().iter();
        rows.enumerate()
            .filter(|(_, row)| has(row))
            .map(|(place, _)| from + place)
            .collect()
    }

    /// Adds a row, or counts it where there are too many.
    pub(super) fn row<const N: usize>(&mut self, row: [String; N]) {
        if self.rows.len() < limits::DOCUMENT_ROWS {
            self.rows.push(row.into());
        } else {
            self.beyond += 1;
        }
    }

    /// Counts the values of one column.
    pub(super) fn count(&mut self, column: usize) {
        let mut counts = BTreeMap::<&str, usize>::new();
        for row in &self.rows {
            *counts
                .entry(row.get(column).map_or("", String::as_str))
                .or_default() += 1;
        }
        let by_count = counts
            .into_iter()
            .map(|(value, count)| (Reverse(count), value));
        let sorted = by_count.collect::<BinaryHeap<_>>().into_sorted_vec();
        let beyond = sorted.len().saturating_sub(limits::VALUES_COUNTED);
        let named = sorted.into_iter().take(limits::VALUES_COUNTED);
        let values = named.map(|(Reverse(count), value)| (value.to_owned(), count));
        self.counts = Some(Counts {
            column,
            values: values.collect(),
            beyond,
        });
    }

    /// The table, where something is in it.
    pub(super) fn filled(self) -> Option<Self> {
        (!self.rows.is_empty()).then_some(self)
    }
}
