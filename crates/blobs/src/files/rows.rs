//! The rows of a look: a tree of which some directories are open, or a list of what was found.

use std::collections::HashSet;

use super::forest::{Forest, Node};
use super::looks::{Looked, is_of_format};
use super::pattern::Pattern;
use super::query::{Filter, Query, Row, Rows, Sort, Which};
use super::{Image, written};
use crate::listing::Kind;

/// How many rows are answered at most.
const ANSWERED: u32 = 1_000;

/// The rows that were asked for last, by their nodes, and by what.
#[derive(Debug)]
pub(super) struct Listed {
    search: String,
    filter: Option<Filter>,
    sort: Sort,
    opened: HashSet<u32>,
    rows: Vec<ListedRow>,
}

/// A row that was asked for.
#[derive(Debug)]
struct ListedRow {
    node: u32,
    /// Which of its siblings it is, counted from 1, and how many they are.
    sibling: (u32, u32),
    /// The most bytes that one of them has.
    most: u64,
}

impl Listed {
    fn is_list(&self) -> bool {
        self.filter.is_some() || !self.search.trim().is_empty()
    }
}

/// Answers a query.
pub(super) fn answer(image: &Image, looked: &mut Looked, query: &Query) -> Rows {
    let wanted = query
        .reveal
        .as_ref()
        .and_then(|which| find(&looked.forest, which));
    let mut opened: HashSet<u32> = query.opened.iter().copied().collect();
    let mut opened_for = Vec::new();
    if let Some(node) = wanted {
        opened_for.extend(
            looked
                .forest
                .above(node)
                .filter(|above| opened.insert(*above)),
        );
    }
    let is_same = looked.listed.as_ref().is_some_and(|listed| {
        let (search, filter, sort) = (&listed.search, listed.filter, listed.sort);
        let is_same = (search, filter, sort) == (&query.search, query.filter, query.sort);
        is_same && (listed.is_list() || listed.opened == opened)
    });
    if !is_same {
        looked.listed = Some(list(image, looked, query, opened));
    }
    let Some(listed) = &looked.listed else {
        return Rows::default();
    };
    let revealed = wanted.and_then(|node| {
        let row = listed.rows.iter().position(|row| row.node == node)?;
        Some((u32::try_from(row).ok()?, node))
    });
    let total = u32::try_from(listed.rows.len()).unwrap_or(u32::MAX);
    let count = query.count.min(ANSWERED);
    // What is revealed is in the middle of what is answered.
    let from = revealed.map_or(query.from, |(row, _)| row.saturating_sub(count / 2));
    let from = from.min(total.saturating_sub(1));
    let shown = listed.rows.iter().skip(from as usize).take(count as usize);
    let rows = shown.filter_map(|shown| row(image, looked, listed, shown));
    Rows {
        total,
        from,
        rows: rows.collect(),
        revealed,
        opened: opened_for,
        counts: looked.counts,
        entries: looked.entries,
        bytes: looked.bytes,
        left_out: looked.forest.left_out,
    }
}

/// Finds a node.
pub(super) fn find(forest: &Forest, which: &Which) -> Option<u32> {
    match which {
        Which::Node(node) => forest.node(*node).map(|_| *node),
        Which::Above(node) => forest.above(*node).next(),
        Which::Path(text) => forest.find_text(text),
    }
}

fn list(image: &Image, looked: &Looked, query: &Query, opened: HashSet<u32>) -> Listed {
    let forest = &looked.forest;
    let mut listed = Listed {
        search: query.search.clone(),
        filter: query.filter,
        sort: query.sort,
        opened,
        rows: Vec::new(),
    };
    if !listed.is_list() {
        let mut levels = vec![Level::of(forest, forest.sorted(None, query.sort))];
        while let Some(level) = levels.last_mut() {
            let Some(row) = level.next() else {
                levels.pop();
                continue;
            };
            let node = row.node;
            listed.rows.push(row);
            if listed.opened.contains(&node) {
                levels.push(Level::of(forest, forest.sorted(Some(node), query.sort)));
            }
        }
        return listed;
    }
    let pattern = Pattern::read(&query.search);
    let is_found = |number: u32, node: &Node| {
        let is_searched = pattern.is_empty()
            || if pattern.is_of_name() {
                pattern.matches(forest.name(number))
            } else {
                pattern.matches(&forest.path(number))
            };
        let is_shown = node.is_shown || query.filter == Some(Filter::Hidden);
        is_shown
            && is_searched
            && query
                .filter
                .is_none_or(|filter| looked.passes(image, number, node, filter))
    };
    let mut nodes: Vec<u32> = if query.filter == Some(Filter::Duplicates) {
        let all = looked.copies.iter().flatten().copied();
        all.filter(|number| {
            forest
                .node(*number)
                .is_some_and(|node| is_found(*number, &node))
        })
        .collect()
    } else {
        let found = forest
            .numbered()
            .filter(|(number, node)| is_found(*number, node));
        found.map(|(number, _)| number).collect()
    };
    let sort = match query.filter {
        Some(Filter::Largest) => Sort::Size,
        // They stand as they cost.
        Some(Filter::Duplicates) => Sort::Name,
        Some(_) | None => query.sort,
    };
    forest.sort(&mut nodes, sort);
    let mut level = Level::of(forest, nodes);
    listed.rows.extend(std::iter::from_fn(|| level.next()));
    listed
}

/// One directory's content, or the root's, as it is gone through.
struct Level {
    nodes: Vec<u32>,
    next: usize,
    most: u64,
}

impl Level {
    fn of(forest: &Forest, nodes: Vec<u32>) -> Self {
        let bytes = nodes.iter().filter_map(|node| forest.node(*node));
        Self {
            most: bytes.map(|node| node.shown_bytes()).max().unwrap_or(0),
            nodes,
            next: 0,
        }
    }

    fn next(&mut self) -> Option<ListedRow> {
        let node = *self.nodes.get(self.next)?;
        self.next += 1;
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Some(ListedRow {
            node,
            sibling: (number(self.next), number(self.nodes.len())),
            most: self.most,
        })
    }
}

fn row(image: &Image, looked: &Looked, listed: &Listed, row: &ListedRow) -> Option<Row> {
    let (forest, number) = (&looked.forest, row.node);
    let node = forest.node(number)?;
    let entry = node.item.place.and_then(|place| image.entry(place));
    let kind = entry.map_or(Kind::Directory, |entry| entry.kind);
    let is_tree = !listed.is_list();
    let name = if is_tree {
        written(forest.name(number))
    } else {
        written(&forest.path(number))
    };
    let link = entry.filter(|entry| matches!(entry.kind, Kind::SymbolicLink | Kind::HardLink));
    let bytes = node.shown_bytes();
    let share = u128::from(bytes) * 1000 / u128::from(row.most.max(1));
    let has_children = forest.children(Some(number)).any(|child| {
        let child = forest.node(child);
        child.is_some_and(|child| child.is_shown)
    });
    let copies = looked
        .copies_of
        .get(&number)
        .filter(|_| listed.filter == Some(Filter::Duplicates));
    let copies = copies.and_then(|group| looked.copies.get(*group as usize));
    let copy = copies.and_then(|nodes| {
        let nth = nodes.iter().position(|node| *node == number)?;
        Some((
            u32::try_from(nth + 1).ok()?,
            u32::try_from(nodes.len()).ok()?,
        ))
    });
    Some(Row {
        node: number,
        name,
        kind,
        depth: if is_tree { node.depth } else { 1 },
        sibling: row.sibling,
        is_open: (is_tree && has_children).then(|| listed.opened.contains(&number)),
        bytes,
        share: u16::try_from(share).unwrap_or(1000),
        layer: node.item.layer,
        state: node.item.state,
        link: link.map(|entry| written(entry.link)),
        engines_differ: looked.engines_differ_at(image, number),
        is_format: is_of_format(image, &node),
        copy,
    })
}
