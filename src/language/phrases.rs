//! Phrases of one language in another, and how a text is found among them.
//!
//! A table holds pairs of lines with an empty line between pairs: the English text, and what it is in the other
//! language. Lines that begin with `#` where a pair could begin are comments. What the program puts into a text is a
//! hole in the English line:
//!
//! - `{}` takes any text and keeps it: names, digests, sizes, what a registry said;
//! - `{n}` takes a number;
//! - `{words}` takes a text that is a phrase itself, and says it.
//!
//! The other line has `{}` for them in their order, or `{1}`, `{2}` in another one. The case of the first letter does not
//! count, nor does white space around a text, nor the full stop of a sentence.
//!
//! A text without holes is found first, with its first letter as it is and then with a small one; of several with holes
//! that fit, the one with the most letters outside of them, and of those the one that stands first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// How long a text may be in which holes are looked for: what is longer is content.
const LONGEST: usize = 2_000;
/// How often something is put into a hole for one text: joins could be tried without end.
const TRIES: usize = 20_000;

/// The phrases of a language.
#[derive(Debug, Default)]
pub struct Phrases {
    whole: BTreeMap<String, &'static str>,
    /// The same with a small first letter.
    lowered: BTreeMap<String, &'static str>,
    /// Those with holes, by the first byte of their text; those that begin with a hole stand under 0.
    with_holes: BTreeMap<u8, Vec<Template>>,
}

/// A phrase with holes.
#[derive(Debug)]
struct Template {
    /// The text in front of each hole.
    parts: Vec<(String, Hole)>,
    /// The text behind the last one.
    end: String,
    /// How long the texts are together.
    length: usize,
    says: &'static str,
}

/// What a hole takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hole {
    Text,
    Number,
    Words,
}

impl Hole {
    const ALL: [(&'static str, Self); 3] = [
        ("{}", Self::Text),
        ("{n}", Self::Number),
        ("{words}", Self::Words),
    ];

    /// Finds the first hole of a text: what stands in front of it, what it takes, and what stands behind it.
    fn first(text: &str) -> Option<(&str, Self, &str)> {
        let found = Self::ALL.iter().filter_map(|(written, hole)| {
            let (before, behind) = text.split_once(written)?;
            Some((before, *hole, behind))
        });
        found.min_by_key(|(before, ..)| before.len())
    }
}

impl Phrases {
    /// Reads tables. Of a text that stands in several, the first counts; what is no pair is left out.
    #[must_use]
    pub fn read(tables: &[&'static str]) -> Self {
        let mut phrases = Self::default();
        for (text, says) in tables.iter().flat_map(|table| pairs(table)) {
            phrases.add(text, says);
        }
        for templates in phrases.with_holes.values_mut() {
            templates.sort_by_key(|template| std::cmp::Reverse(template.length));
        }
        phrases
    }

    fn add(&mut self, text: &'static str, says: &'static str) {
        // A sentence is found without its full stop, too.
        let sentence = text.strip_suffix('.').zip(says.strip_suffix('。'));
        if Hole::first(text).is_none() {
            self.whole.entry(text.to_owned()).or_insert(says);
            let (text, says) = sentence.unwrap_or((text, says));
            self.lowered.entry(lowered(text)).or_insert(says);
            return;
        }
        let (text, says) = sentence.unwrap_or((text, says));
        let text = lowered(text);
        let (mut parts, mut rest) = (Vec::new(), &*text);
        while let Some((before, hole, behind)) = Hole::first(rest) {
            parts.push((before.to_owned(), hole));
            rest = behind;
        }
        let before: usize = parts.iter().map(|(part, _)| part.len()).sum();
        let first = parts[0].0.bytes().next().unwrap_or_default();
        let template = Template {
            end: rest.to_owned(),
            length: before + rest.len(),
            parts,
            says,
        };
        self.with_holes.entry(first).or_default().push(template);
    }

    /// Says a text in the other language; `None` where it is no phrase.
    #[must_use]
    pub fn say(&self, text: &str) -> Option<String> {
        let words = text.trim();
        if !has_letters(words) {
            // Such as a full stop by itself: what surrounds it belongs to English.
            return self.whole.get(words).map(|says| (*says).to_owned());
        }
        let search = Search {
            phrases: self,
            known: RefCell::default(),
            tries: Cell::new(TRIES),
        };
        let said = search.say(words)?;
        let start = text.get(..text.len() - text.trim_start().len())?;
        let end = text.get(text.trim_end().len()..)?;
        Some([start, &said, end].concat())
    }

    fn whole(&self, words: &str) -> Option<String> {
        let found = self.whole.get(words);
        let found = found.or_else(|| self.lowered.get(&lowered(words)));
        found.map(|says| (*says).to_owned())
    }
}

/// Looks for one text, and remembers what came of each of its parts.
struct Search<'a> {
    phrases: &'a Phrases,
    known: RefCell<BTreeMap<String, Option<String>>>,
    tries: Cell<usize>,
}

impl Search<'_> {
    fn say(&self, words: &str) -> Option<String> {
        if let Some(said) = self.phrases.whole(words) {
            return Some(said);
        }
        if let Some(known) = self.known.borrow().get(words) {
            return known.clone();
        }
        // Whoever meets it again within itself goes in a circle.
        self.known.borrow_mut().insert(words.to_owned(), None);
        let said = self.sentences(words).or_else(|| self.finished(words));
        self.known
            .borrow_mut()
            .insert(words.to_owned(), said.clone());
        said
    }

    /// Says several sentences, each by itself.
    fn sentences(&self, words: &str) -> Option<String> {
        words.match_indices(". ").find_map(|(stop, _)| {
            let (first, rest) = words.split_at_checked(stop + 1)?;
            Some(self.finished(first)? + &self.say(rest.trim())?)
        })
    }

    /// Says a text, which may be a sentence: no hole takes its full stop.
    fn finished(&self, words: &str) -> Option<String> {
        let Some(sentence) = words.strip_suffix('.') else {
            return self.with_holes(words);
        };
        let said = self.phrases.whole(sentence);
        let mut said = said.or_else(|| self.with_holes(sentence))?;
        if !said.ends_with('。') {
            said.push('。');
        }
        Some(said)
    }

    /// Says a text by the phrase with holes that fits best.
    fn with_holes(&self, words: &str) -> Option<String> {
        if words.len() > LONGEST {
            return None;
        }
        let lowered = lowered(words);
        let first = lowered.bytes().next()?;
        let of = |first| self.phrases.with_holes.get(&first).into_iter().flatten();
        let found = of(first).find_map(|it| Some((it.length, self.by(it, &lowered)?)));
        let least = found.as_ref().map_or(0, |found| found.0);
        let mut longer = of(0).take_while(|it| it.length > least || least == 0);
        let hole_first = longer.find_map(|it| self.by(it, words));
        hole_first.or(found.map(|found| found.1))
    }

    fn by(&self, template: &Template, words: &str) -> Option<String> {
        let rest = words.strip_prefix(&*template.parts[0].0)?;
        let held = rest.strip_suffix(&*template.end)?;
        let mut taken = Vec::with_capacity(template.parts.len());
        self.fill(template, held, &mut taken)
            .then(|| filled(template.says, &taken))
    }

    /// Fills the holes from that of the place on with what stands in `rest`, the shortest first.
    fn fill(&self, template: &Template, rest: &str, taken: &mut Vec<String>) -> bool {
        let place = taken.len();
        let (_, hole) = &template.parts[place];
        let Some((next, _)) = template.parts.get(place + 1) else {
            let said = self.held(*hole, rest);
            return said.map(|said| taken.push(said)).is_some();
        };
        for (end, found) in rest.match_indices(&**next) {
            let (Some(held), Some(behind)) = (rest.get(..end), rest.get(end + found.len()..))
            else {
                continue;
            };
            let Some(said) = self.held(*hole, held) else {
                continue;
            };
            taken.push(said);
            if self.fill(template, behind, taken) {
                return true;
            }
            taken.truncate(place);
        }
        false
    }

    /// What a hole holds in the other language; `None` where it does not take that.
    fn held(&self, hole: Hole, held: &str) -> Option<String> {
        self.tries.set(self.tries.get().checked_sub(1)?);
        let is_number = || {
            let is_part = |it: u8| it.is_ascii_digit() || b",.".contains(&it);
            held.bytes().all(is_part) && held.starts_with(|it: char| it.is_ascii_digit())
        };
        match hole {
            _ if held.is_empty() => None,
            Hole::Text => Some(held.to_owned()),
            Hole::Number => is_number().then(|| held.to_owned()),
            Hole::Words if !has_letters(held) => Some(held.to_owned()),
            Hole::Words => self.say(held.trim()),
        }
    }
}

/// Puts what was taken into the holes of the other line.
fn filled(says: &str, taken: &[String]) -> String {
    let (mut text, mut number, mut rest) = (String::with_capacity(says.len() * 2), 0, says);
    while let Some((before, hole)) = rest.split_once('{') {
        let Some((named, behind)) = hole.split_once('}') else {
            break;
        };
        number = named.parse::<usize>().unwrap_or(number + 1);
        text.push_str(before);
        let held = number.checked_sub(1).and_then(|place| taken.get(place));
        text.push_str(held.map_or("", String::as_str));
        rest = behind;
    }
    text + rest
}

/// The pairs of a table.
pub fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = table.lines();
    std::iter::from_fn(move || {
        let text = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
        Some((text, lines.next().unwrap_or_default()))
    })
}

fn has_letters(text: &str) -> bool {
    text.bytes().any(|it| it.is_ascii_alphabetic())
}

/// A text whose first letter is small.
fn lowered(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Phrases;

    const TABLE: &str = "\
# Counted things.
{n} layer
{} 个层

{n} layers
{} 个层

check the {words}
检查{}

{words}, {words}
{}，{}

{} of {n} MB
{2} MB 中的 {1}

it did not come: {words}
没有取到：{}

the digest of {} differs
{} 的摘要不一致

copy
复制

Copy
副本

{words}: {words}
{}：{}

{words}. {words}
{}。{}

it ends here.
到此为止。

.
。
";

    fn say(text: &str) -> Option<String> {
        Phrases::read(&[TABLE]).say(text)
    }

    #[test]
    fn phrases_are_found_whole_with_holes_and_in_each_other() {
        for (text, said) in [
            ("copy", "复制"),
            (" Copy ", " 副本 "),
            ("Copy.", "副本。"),
            (". ", "。"),
            (
                "It ends here: copy. It ends here.",
                "到此为止：复制。到此为止。",
            ),
            ("The digest of Copy. differs.", "Copy. 的摘要不一致。"),
            ("1 layer", "1 个层"),
            ("Check the 1,204 layers", "检查1,204 个层"),
            ("4 layers, copy, 1 layer", "4 个层，复制，1 个层"),
            ("3 of 4.1 MB", "4.1 MB 中的 3"),
            (
                "It did not come: the digest of a, b differs.",
                "没有取到：a, b 的摘要不一致。",
            ),
        ] {
            assert_eq!(say(text).as_deref(), Some(said), "{text}");
        }
    }

    #[test]
    fn what_is_no_phrase_stays() {
        for text in [
            "",
            "  ",
            "42",
            "copying",
            "many layers",
            "check the latest",
            "4 layers, latest",
        ] {
            assert_eq!(say(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_could_be_joined_in_many_ways_ends() {
        let text = ["copy, ", &"a, b: c, ".repeat(150), "x"].concat();
        assert_eq!(say(&text), None);
    }

    #[test]
    fn what_a_hole_keeps_is_never_said() {
        let said = say("the digest of copy differs");
        assert_eq!(said.as_deref(), Some("copy 的摘要不一致"));
    }
}
