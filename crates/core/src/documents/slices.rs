//! A document in slices, so that whoever takes it from a worker is never busy for long.

use serde::{Deserialize, Serialize};

use super::{Document, Subject};

/// How many texts a slice has about, and how many bytes in them (64 KiB): a page takes one in a few
/// milliseconds.
const TEXTS: usize = 2_000;
const BYTES: usize = 64 << 10;

/// A slice of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Slice {
    /// All but its long lists: the first slice.
    Head(Box<Document>),
    /// The next things that it is of.
    Subjects(Vec<Subject>),
    /// The next rows of its table of that number.
    Rows(usize, Vec<Vec<String>>),
}

impl Document {
    /// Takes it apart. What is `inner` is in no slice.
    pub fn into_slices(mut self) -> impl Iterator<Item = Slice> {
        let subjects = self
            .claim
            .as_mut()
            .map(|it| std::mem::take(&mut it.subjects));
        let tables = self.tables.iter_mut();
        let tables: Vec<_> = tables.map(|it| std::mem::take(&mut it.rows)).collect();
        let of_subject = |subject: &Subject| {
            let digests = subject.digests.iter().flat_map(|(name, hex)| [name, hex]);
            weight(digests.chain([&subject.name]))
        };
        let subjects = Parts::of(subjects.unwrap_or_default(), of_subject).map(Slice::Subjects);
        let tables = tables.into_iter().enumerate();
        let rows = tables.flat_map(|(table, rows)| {
            let rows = Parts::of(rows, |row: &Vec<String>| weight(row.iter()));
            rows.map(move |part| Slice::Rows(table, part))
        });
        let head = Slice::Head(Box::new(self));
        std::iter::once(head).chain(subjects).chain(rows)
    }

    /// Takes the next slice. What belongs nowhere is left out.
    ///
    /// ```
    /// use waybill_core::documents::{Document, read};
    ///
    /// let document = read(br#"{"spdxVersion":"SPDX-2.3","packages":[{"name":"zlib"}]}"#, "");
    /// let mut taken = Document::default();
    /// document.clone().into_slices().for_each(|slice| taken.take(slice));
    /// assert_eq!(taken, document);
    /// ```
    pub fn take(&mut self, slice: Slice) {
        match slice {
            Slice::Head(head) => *self = *head,
            Slice::Subjects(more) => {
                if let Some(claim) = &mut self.claim {
                    claim.subjects.extend(more);
                }
            }
            Slice::Rows(table, more) => {
                if let Some(table) = self.tables.get_mut(table) {
                    table.rows.extend(more);
                }
            }
        }
    }
}

/// How many texts these are, and how many bytes.
fn weight<'a>(texts: impl Iterator<Item = &'a String>) -> (usize, usize) {
    texts.fold((0, 0), |(count, bytes), text| {
        (count + 1, bytes + text.len())
    })
}

/// A list part by part.
struct Parts<T, W> {
    rest: std::vec::IntoIter<T>,
    weigh: W,
}

impl<T, W: Fn(&T) -> (usize, usize)> Parts<T, W> {
    fn of(list: Vec<T>, weigh: W) -> Self {
        let rest = list.into_iter();
        Self { rest, weigh }
    }
}

impl<T, W: Fn(&T) -> (usize, usize)> Iterator for Parts<T, W> {
    type Item = Vec<T>;

    fn next(&mut self) -> Option<Vec<T>> {
        let (mut texts, mut bytes) = (0, 0);
        let mut part = Vec::new();
        while texts < TEXTS && bytes < BYTES {
            let Some(next) = self.rest.next() else {
                break;
            };
            let more = (self.weigh)(&next);
            texts += more.0.max(1);
            bytes += more.1;
            part.push(next);
        }
        (!part.is_empty()).then_some(part)
    }
}
