//! The lines of a content, the objects and arrays that go over several of them, and which of these are folded.

use std::ops::Range;

/// The depth of what "Fold all" folds: of a list, each entry.
const FOLDED_DEPTH: usize = 2;

/// An object or array that begins on one line and ends on a later one, with lines between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line that it begins on, counted from 0.
    pub first: usize,
    /// The line that it ends on.
    pub last: usize,
    /// How many brackets are open before it.
    pub depth: usize,
}

impl Block {
    /// Returns the lines between the first and the last.
    #[must_use]
    pub fn within(self) -> Range<usize> {
        self.first + 1..self.last
    }
}

/// Where the lines of a text begin, and its blocks.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
    end: usize,
    /// In the order of their first lines; of those that begin on one line only the outermost.
    blocks: Vec<Block>,
}

impl Lines {
    /// Reads the lines of a text, and its blocks where it is JSON.
    #[must_use]
    pub fn of(text: &str, is_json: bool) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts: Vec<_> = std::iter::once(0).chain(behind).collect();
        let blocks = if is_json && starts.len() > 1 {
            blocks(text)
        } else {
            Vec::new()
        };
        Self {
            starts,
            end: text.len(),
            blocks,
        }
    }

    /// Counts the lines.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// Returns the place of a line in the text, without its end.
    #[must_use]
    pub fn place(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.end);
        let end = self.starts.get(line + 1).map_or(self.end, |next| next - 1);
        start..end
    }

    /// Finds the line that a place in the text is on.
    #[must_use]
    pub fn line_of(&self, place: usize) -> usize {
        self.starts.partition_point(|start| *start <= place) - 1
    }

    /// Finds the block that begins on a line.
    #[must_use]
    pub fn block(&self, first: usize) -> Option<Block> {
        let found = self
            .blocks
            .binary_search_by_key(&first, |block| block.first);
        self.blocks.get(found.ok()?).copied()
    }

    /// Tells whether there is anything to fold.
    #[must_use]
    pub fn can_fold(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn entries(&self) -> impl Iterator<Item = Block> {
        let is_entry = |block: &&Block| block.depth == FOLDED_DEPTH;
        self.blocks.iter().filter(is_entry).copied()
    }

    /// Tells whether "Fold all" folds anything.
    #[must_use]
    pub fn has_entries(&self) -> bool {
        self.entries().next().is_some()
    }
}

/// Finds the blocks of JSON by its brackets outside of strings. Of brackets that are never closed, or never opened, as
/// behind a document, there are no blocks.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Found::default();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => found.line += usize::from(ends_line(&mut rest)),
            b'\n' => found.line += 1,
            b'{' | b'[' => found.open(),
            b'}' | b']' => found.close(),
            _ => {}
        }
    }
    found.blocks.retain(|block| !block.within().is_empty());
    found.blocks
}

/// Goes over the rest of a string. No string goes over the end of a line, so that ends it too; tells whether it did.
fn ends_line(rest: &mut std::str::Bytes<'_>) -> bool {
    let mut is_escaped = false;
    for byte in rest {
        // Most bytes of a string are letters and digits.
        if byte > b'"' && byte != b'\\' {
            is_escaped = false;
            continue;
        }
        match byte {
            b'\n' => return true,
            b'"' if !is_escaped => return false,
            _ => is_escaped = byte == b'\\' && !is_escaped,
        }
    }
    false
}

/// What was found up to a line.
#[derive(Default)]
struct Found {
    line: usize,
    depth: usize,
    /// A block ends where it begins until its end is found.
    blocks: Vec<Block>,
    /// For each line with open brackets its block, and how many are open: there may be millions on one line.
    open: Vec<(usize, usize)>,
}

impl Found {
    fn open(&mut self) {
        let line = self.line;
        match self.open.last_mut() {
            Some((block, open)) if self.blocks[*block].first == line => *open += 1,
            _ => {
                self.open.push((self.blocks.len(), 1));
                self.blocks.push(Block {
                    first: line,
                    last: line,
                    depth: self.depth,
                });
            }
        }
        self.depth += 1;
    }

    fn close(&mut self) {
        let Some((block, open)) = self.open.last_mut() else {
            return;
        };
        self.depth -= 1;
        *open -= 1;
        if *open > 0 {
            return;
        }
        let block = *block;
        self.open.pop();
        if self.blocks[block].first == self.line {
            // Nothing of it is open any more, so another may begin on this line: `}, {}, {`.
            self.blocks.truncate(block);
        } else {
            self.blocks[block].last = self.line;
        }
    }
}

/// The blocks that are folded, in the order of their lines. The lines within one are not drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds(Vec<Block>);

impl Folds {
    /// Tells whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, first: usize) -> Result<usize, usize> {
        self.0.binary_search_by_key(&first, |block| block.first)
    }

    /// Tells whether the block that begins on a line is folded.
    #[must_use]
    pub fn is_folded(&self, first: usize) -> bool {
        self.find(first).is_ok()
    }

    /// Folds a block, or unfolds it.
    pub fn toggle(&mut self, block: Block) {
        match self.find(block.first) {
            Ok(index) => {
                self.0.remove(index);
            }
            Err(index) => self.0.insert(index, block),
        }
    }

    /// Folds every entry, and nothing else.
    pub fn fold_all(&mut self, lines: &Lines) {
        self.0 = lines.entries().collect();
    }

    /// Unfolds whatever a line lies within.
    pub fn unfold_around(&mut self, line: usize) {
        self.0.retain(|block| !block.within().contains(&line));
    }

    /// Lists the lines that are not drawn.
    fn hidden(&self) -> impl Iterator<Item = Range<usize>> {
        let mut end = 0;
        let is_outermost = move |block: &&Block| {
            let is_behind = block.first >= end;
            end = end.max(block.last);
            is_behind
        };
        let outermost = self.0.iter().filter(is_outermost);
        outermost.map(|block| block.within())
    }

    /// Counts the lines that are drawn.
    #[must_use]
    pub fn count(&self, lines: &Lines) -> usize {
        lines.count() - self.hidden().map(|hidden| hidden.len()).sum::<usize>()
    }

    /// Returns which of the drawn lines a line is; of one that is not drawn, that it is folded into.
    #[must_use]
    pub fn index_of(&self, line: usize) -> usize {
        let before = self.hidden().take_while(|hidden| hidden.start <= line);
        let folded: usize = before
            .map(|hidden| hidden.end.min(line + 1) - hidden.start)
            .sum();
        line - folded
    }

    /// Lists the drawn lines from one of them on.
    pub fn drawn<'a>(&'a self, lines: &Lines, from: usize) -> impl Iterator<Item = usize> + 'a {
        let mut hidden = self.hidden().peekable();
        let mut line = from;
        while let Some(folded) = hidden.next_if(|folded| folded.start <= line) {
            line += folded.len();
        }
        let count = lines.count();
        std::iter::from_fn(move || {
            let here = line;
            line += 1;
            if let Some(folded) = hidden.next_if(|folded| folded.start == line) {
                line = folded.end;
            }
            (here < count).then_some(here)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{
  "manifests": [
    {
      "size": 1
    },
    {
      "of": "}]{[\"",
      "platform": {
        "os": "linux"
      }
    }
  ],
  "empty": {
  }
}"#;

    fn blocks_of(text: &str) -> Vec<(usize, usize, usize)> {
        let lines = Lines::of(text, true);
        let block = |block: &Block| (block.first, block.last, block.depth);
        lines.blocks.iter().map(block).collect()
    }

    #[test]
    fn blocks_are_found_by_brackets_outside_of_strings() {
        let found = [(0, 14, 0), (1, 11, 1), (2, 4, 2), (5, 10, 2), (7, 9, 3)];
        assert_eq!(blocks_of(LIST), found);
        assert_eq!(blocks_of(&LIST.replace('\n', "\r\n")), found);
    }

    #[test]
    fn of_several_on_one_line_there_is_the_outermost() {
        let text = "{\"a\":[{\n1\n},{\n2\n},[],{\n3\n}\n]}";
        assert_eq!(blocks_of(text), [(0, 7, 0), (2, 4, 2), (4, 6, 2)]);
        assert_eq!(blocks_of("[[],[\n1\n]\n]"), [(0, 3, 0)]);
    }

    #[test]
    fn what_is_no_json_has_none() {
        assert!(!Lines::of(LIST, false).can_fold());
        for text in [
            "",
            "\n\n",
            "}\n}\n}\n",
            "[\n[\n[\n",
            "{\"a\n{\n\"\n",
            "\"\\\n{\n",
            "]]\n[\n}",
            "{\n}",
        ] {
            assert_eq!(blocks_of(text), [], "{text:?}");
        }
        // What is open in front of it stays open, and it is a block all the same.
        assert_eq!(blocks_of("[\n[\n1\n]\n"), [(1, 3, 1)]);
        assert_eq!(blocks_of("]\n}\n[\n1\n]\n"), [(2, 4, 0)]);
    }

    #[test]
    fn hostile_sizes_are_read_at_once() {
        let size = 4 * 1024 * 1024;
        for text in [
            ",".repeat(size),
            "[".repeat(size),
            "[\n".repeat(size / 2),
            "\"\n".repeat(size / 2),
            "[\n".repeat(size / 4) + &"]\n".repeat(size / 4),
        ] {
            let lines = Lines::of(&text, true);
            let mut folds = Folds::default();
            folds.fold_all(&lines);
            assert!(folds.count(&lines) <= lines.count());
        }
    }

    #[test]
    fn lines_have_places() {
        let lines = Lines::of("a\r\n\nbc", true);
        let places: Vec<_> = (0..4).map(|line| lines.place(line)).collect();
        assert_eq!(places, [0..2, 3..3, 4..6, 6..6]);
        assert_eq!(
            [0, 2, 3, 4, 6].map(|place| lines.line_of(place)),
            [0, 0, 1, 2, 2]
        );
    }

    #[test]
    fn folded_lines_are_not_drawn() {
        let lines = Lines::of(LIST, true);
        let mut folds = Folds::default();
        let drawn = |folds: &Folds, from| folds.drawn(&lines, from).collect::<Vec<_>>();
        assert_eq!(drawn(&folds, 0), (0..15).collect::<Vec<_>>());
        folds.fold_all(&lines);
        let left = [0, 1, 2, 4, 5, 10, 11, 12, 13, 14];
        assert_eq!((drawn(&folds, 0), folds.count(&lines)), (left.to_vec(), 10));
        for (index, line) in left.into_iter().enumerate() {
            assert_eq!(folds.index_of(line), index);
            assert_eq!(drawn(&folds, index), left[index..]);
        }
        // Of what is folded away it is the line that it is folded into.
        assert_eq!((folds.index_of(3), folds.index_of(8)), (2, 4));
        assert_eq!(drawn(&folds, 10), [0; 0]);
    }

    #[test]
    fn what_lies_within_stays_folded() {
        let lines = Lines::of(LIST, true);
        let block = |line| lines.block(line).expect("a block");
        let mut folds = Folds::default();
        folds.toggle(block(7));
        folds.toggle(block(1));
        folds.toggle(block(5));
        assert_eq!(
            folds.drawn(&lines, 0).collect::<Vec<_>>(),
            [0, 1, 11, 12, 13, 14]
        );
        folds.unfold_around(9);
        assert_eq!(folds, Folds(vec![block(7)]));
        folds.toggle(block(7));
        assert!(folds.is_empty());
    }
}
