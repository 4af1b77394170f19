//! Which file of a crate names which other, read from its paths: `use` trees, and anywhere in the code those that begin
//! with `crate`, `super`, `self` or a module declared in the file, such as `state::Change`. A `mod` line tells where a
//! module lies; by itself it is no edge. Comments and unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};

/// Each file of a crate, by its path below the crate's `src`, with the files it names.
pub(crate) struct Graph(pub(crate) BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// Reads the files of one crate: path below `src`, and text.
    pub(crate) fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut files: Vec<_> = files.into_iter().collect();
        files.retain(|(path, _)| !path.ends_with("tests.rs"));
        // `lib.rs` comes before `main.rs`: paths from the root mean the library.
        files.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let modules: BTreeMap<_, _> = files
            .iter()
            .map(|(path, _)| (module(path), *path))
            .collect();
        let named = |(path, text): &(&str, &str)| {
            let from = module(path);
            let paths = paths(&code(text));
            let files = paths
                .iter()
                .filter_map(|path| resolve(path, &from, &modules));
            let others = files.filter(|file| file != path).map(str::to_owned);
            ((*path).to_owned(), others.collect())
        };
        Self(files.iter().map(named).collect())
    }

    /// Every edge whose ends answer to `from` and `to`, as `FILE -> FILE`.
    pub(crate) fn edges(
        &self,
        from: impl Fn(&str) -> bool,
        to: impl Fn(&str, &str) -> bool,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for (file, others) in self.0.iter().filter(|(file, _)| from(file)) {
            let wrong = others.iter().filter(|other| to(file, other));
            found.extend(wrong.map(|other| format!("{file} -> {other}")));
        }
        found
    }

    /// The circles, each with every file in it.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let reach: BTreeMap<&str, BTreeSet<&str>> = self
            .0
            .keys()
            .map(|file| (file.as_str(), self.reach(file)))
            .collect();
        let mut circles = BTreeSet::new();
        for (file, reached) in &reach {
            let circle: BTreeSet<&str> = reached
                .iter()
                .copied()
                .filter(|other| reach[other].contains(file))
                .collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    /// What a file names, and what that names, and so on.
    fn reach(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = self.0[file].iter().map(String::as_str).collect();
        while let Some(file) = next.pop() {
            if reached.insert(file) {
                next.extend(self.0[file].iter().map(String::as_str));
            }
        }
        reached
    }
}

/// Whether all of these lie in one folder, to which the file that bears its name belongs.
pub(crate) fn is_one_folder(files: &BTreeSet<&str>) -> bool {
    let folder = |file: &str| {
        file.rsplit_once('/')
            .map_or(String::new(), |(folder, _)| folder.to_owned())
    };
    files.iter().map(|file| folder(file)).any(|one| {
        let head = format!("{one}.rs");
        files
            .iter()
            .all(|file| folder(file) == one || **file == head)
    })
}

/// The module that a file is: `json/scan.rs` is `json::scan`, and a crate's root is empty.
fn module(path: &str) -> Vec<&str> {
    let mut names: Vec<_> = path.trim_end_matches(".rs").split('/').collect();
    if matches!(names.last(), Some(&("lib" | "main" | "mod"))) {
        names.pop();
    }
    names
}

/// The text without line comments, and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths in the code, each as its names.
fn paths(code: &str) -> Vec<Vec<String>> {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find(is_word) {
        let (_, behind) = rest.split_at(start);
        let end = behind.find(|character| !is_word(character));
        let (word, after) = behind.split_at(end.unwrap_or(behind.len()));
        rest = after;
        if word == "use" {
            let (tree, after) = after.split_once(';').unwrap_or((after, ""));
            expand(tree, &[], &mut found);
            rest = after;
        } else if !word.starts_with(':') && word.contains("::") {
            expand(word, &[], &mut found);
        }
    }
    found
}

/// Writes a `use` tree out: `a::{b, c::D}` is `a::b` and `a::c::D`.
fn expand(tree: &str, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (path, group) = tree
        .split_once('{')
        .map_or((tree, None), |(path, group)| (path, Some(group)));
    let mut names = prefix.to_vec();
    let path = path.split(" as ").next().unwrap_or_default();
    names.extend(
        path.split("::")
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
    );
    let Some(group) = group else {
        found.push(names);
        return;
    };
    let (mut depth, mut start) = (0_usize, 0);
    let group = group
        .trim_end()
        .strip_suffix('}')
        .unwrap_or(group)
        .to_owned()
        + ",";
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = group.get(start..at).unwrap_or_default();
                if !part.trim().is_empty() {
                    expand(part, &names, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The file that a path leads to, seen from a module; `None` where it leads out of the crate.
fn resolve<'a>(
    path: &[String],
    from: &[&str],
    modules: &BTreeMap<Vec<&str>, &'a str>,
) -> Option<&'a str> {
    let mut at = from.to_vec();
    let mut names = path.iter().map(String::as_str).peekable();
    match *names.peek()? {
        "crate" => at.clear(),
        "self" | "super" => {}
        name => {
            // A path that begins with a module declared here.
            at.push(name);
            modules.get(&at)?;
            at.pop();
        }
    }
    for name in names {
        match name {
            "crate" | "self" => {}
            "super" => drop(at.pop()?),
            name => {
                at.push(name);
                if !modules.contains_key(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    modules.get(&at).copied()
}

fn graph_of(files: &[(&str, &str)]) -> Graph {
    Graph::read(files.iter().copied())
}

#[test]
fn a_file_names_what_its_paths_lead_to() {
    let graph = graph_of(&[
        ("lib.rs", "pub mod a;\npub mod b;\npub use b::c::C;"),
        (
            "a.rs",
            "use crate::b::{self, c::{C, D as E}};\nuse std::fmt;\n// use crate::b::d;",
        ),
        (
            "b.rs",
            "mod c;\nmod d;\nuse c::C;\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}",
        ),
        ("b/c.rs", "use super::*;"),
        (
            "b/d.rs",
            "fn f() { super::super::a::f(crate::C, self::g()) }",
        ),
        (
            "e.rs",
            "mod f;\nconst X: f::X = f::X;\nfn g() { h::f::x(std::f::X) }",
        ),
        ("e/f.rs", "fn x(b::C { d }: b::C) { x.b::<d::D>() }"),
    ]);
    let named = |file: &str| graph.0[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(named("lib.rs"), ["b/c.rs"]);
    assert_eq!(named("a.rs"), ["b.rs", "b/c.rs"]);
    assert_eq!(named("b.rs"), ["b/c.rs"]);
    assert_eq!(named("b/c.rs"), ["b.rs"]);
    assert_eq!(named("b/d.rs"), ["a.rs", "lib.rs"]);
    // A name at a path's beginning is a module of the file's own, or nothing of this crate's.
    assert_eq!(named("e.rs"), ["e/f.rs"]);
    assert_eq!(named("e/f.rs"), [""; 0]);
}

#[test]
fn a_circle_may_be_in_one_folder_with_its_head_and_no_longer() {
    let graph = graph_of(&[
        ("a.rs", "use crate::a::b::B;"),
        ("a/b.rs", "use super::A;"),
        ("c.rs", "use crate::d::e::E;"),
        ("d.rs", ""),
        ("d/e.rs", "use crate::d::f::F;"),
        ("d/f.rs", "use crate::c::C;"),
    ]);
    let [one, other] = &graph.circles()[..] else {
        panic!("{:?}", graph.circles())
    };
    assert_eq!((one.len(), is_one_folder(one)), (2, true));
    assert_eq!((other.len(), is_one_folder(other)), (3, false));
}
