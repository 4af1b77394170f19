//! Finds words in a text, whatever the case of their ASCII letters.

use std::ops::Range;

/// The most hits that are counted, and gone through.
pub const HITS_COUNTED: usize = 10_000;

/// Words to look for.
#[derive(Clone, Debug)]
pub struct Words(Vec<u8>);

impl Words {
    /// Takes words; `None` where there are none.
    #[must_use]
    pub fn new(words: &str) -> Option<Self> {
        (!words.is_empty()).then(|| Self(words.into()))
    }

    /// Finds each place where they stand, none within another. The places are between characters, since words are.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let text = text.as_bytes();
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = self.next(text, from)?;
            from = at + self.0.len();
            Some(at..from)
        })
    }

    fn next(&self, text: &[u8], mut at: usize) -> Option<usize> {
        let first = self.0.first()?;
        let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
        loop {
            let mut rest = text.get(at..)?.iter();
            at += rest.position(|byte| *byte == lower || *byte == upper)?;
            if text
                .get(at..at + self.0.len())?
                .eq_ignore_ascii_case(&self.0)
            {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// Where words stand in a text: the first [`HITS_COUNTED`] places.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    places: Vec<Range<usize>>,
    /// Whether there are more.
    pub more: bool,
}

impl Hits {
    /// Looks for words in a whole text.
    #[must_use]
    pub fn of(words: &Words, text: &str) -> Self {
        let mut found = words.find(text);
        let places = found.by_ref().take(HITS_COUNTED).collect();
        Self {
            places,
            more: found.next().is_some(),
        }
    }

    /// Counts them, up to [`HITS_COUNTED`].
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// Returns the place of one of them.
    #[must_use]
    pub fn place(&self, index: usize) -> Option<Range<usize>> {
        self.places.get(index).cloned()
    }

    /// Returns the first one from a place on, the first of all where none is.
    #[must_use]
    pub fn first_from(&self, place: usize) -> usize {
        let index = self.places.partition_point(|hit| hit.start < place);
        if index < self.places.len() { index } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str, text: &str) -> Vec<usize> {
        let words = Words::new(words).expect("words");
        words.find(text).map(|hit| hit.start).collect()
    }

    #[test]
    fn words_are_found_whatever_their_case() {
        assert_eq!(found("AmD64", "amd64 AMD64 arm64 xamd64"), [0, 6, 19]);
        assert_eq!(found("\"os\"", r#"{"OS":"os"}"#), [1, 6]);
        assert_eq!(
            found("é", "É é"),
            [3],
            "only the case of ASCII does not matter"
        );
        assert_eq!(
            found("[", "{["),
            [1],
            "no other bytes are taken for letters"
        );
        assert_eq!(found("{", "[{"), [1]);
    }

    #[test]
    fn no_hit_lies_within_another() {
        assert_eq!(found("aa", "aaaaa"), [0, 2]);
        assert_eq!(found("aba", "ababa"), [0]);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(Words::new("").is_none());
        assert_eq!(found("abc", ""), [0; 0]);
        assert_eq!(found("abc", "ab"), [0; 0]);
    }

    #[test]
    fn it_finds_what_the_library_finds() {
        let text = "the aab of aaab, of baab and of aabaab: AAB".repeat(3);
        for words in [
            "a", "b", "aab", "aaab", "baa", " of ", "aabaab", ": aab", "zzz",
        ] {
            let plain = text.to_ascii_lowercase();
            let expected: Vec<_> = plain.match_indices(words).map(|(at, _)| at).collect();
            assert_eq!(found(words, &text), expected, "{words}");
        }
    }

    #[test]
    fn counting_ends() {
        let commas = ",".repeat(4 * 1024 * 1024);
        let hits = Hits::of(&Words::new(",").expect("words"), &commas);
        assert!(hits.more && hits.count() == HITS_COUNTED);
        let hits = Hits::of(&Words::new(",").expect("words"), &",".repeat(HITS_COUNTED));
        assert!(!hits.more && hits.count() == HITS_COUNTED);
    }

    #[test]
    fn going_on_begins_anew_behind_the_last() {
        let hits = Hits::of(&Words::new("a").expect("words"), "..a..a..");
        assert_eq!(
            [0, 2, 3, 6].map(|place| hits.first_from(place)),
            [0, 0, 1, 0]
        );
        assert_eq!((hits.place(1), hits.place(2)), (Some(5..6), None));
    }
}
