//! Simplified Chinese: a part of the program.
//!
//! The phrases stand in `chinese/*.txt`, by what they are about: how they are written is told in [`super::phrases`].

use std::cell::OnceCell;

use super::phrases::Phrases;
use crate::lazy::kept;

/// The tables, in the order in which they are read.
const TABLES: [&str; 8] = [
    include_str!("chinese/general.txt"),
    include_str!("chinese/inspect.txt"),
    include_str!("chinese/findings.txt"),
    include_str!("chinese/registry.txt"),
    include_str!("chinese/layers.txt"),
    include_str!("chinese/related.txt"),
    include_str!("chinese/compose.txt"),
    include_str!("chinese/copy.txt"),
];

thread_local! {
    static PHRASES: OnceCell<Phrases> = const { OnceCell::new() };
}

type Say = fn(&str) -> Option<String>;

kept! {
    chinese:
    /// Brings the phrases.
    Say = |text| PHRASES.with(|phrases| phrases.get_or_init(|| Phrases::read(&TABLES)).say(text))
}

/// Says a text in Chinese; `None` where it has no translation, or the phrases are not here.
pub(super) fn phrase(text: &str) -> Option<String> {
    here()?(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::TABLES;
    use crate::language::phrases::pairs;

    #[test]
    fn no_phrase_stands_twice_and_each_uses_what_its_holes_hold() {
        let (mut known, mut wrong) = (BTreeMap::new(), Vec::new());
        for (text, says) in TABLES.iter().flat_map(|table| pairs(table)) {
            if let Some(before) = known.insert(text, says) {
                wrong.push(format!("{text:?} stands twice: {before:?}, {says:?}"));
            }
            let holes = ["{}", "{n}", "{words}"].map(|hole| text.matches(hole).count());
            let numbers = (1..=9).map(|number| format!("{{{number}}}"));
            let used =
                says.matches("{}").count() + numbers.filter(|number| says.contains(number)).count();
            if used != holes.iter().sum::<usize>() {
                wrong.push(format!("{text:?} has other holes than {says:?}"));
            }
            if says.is_empty() || text.trim() != text || says.trim() != says {
                wrong.push(format!("{text:?}: {says:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
