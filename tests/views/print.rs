//! HTML as the golden files hold it: whole, but short to read.
//!
//! An element stands on one line where it fits, and running text fills its lines. A drawing is its class and a hash; of a long list three rows are
//! there, and of the others their number and a hash. So nothing may change unseen, and a difference is still a few
//! lines.

use waybill_core::digest::Digest;

use super::page::{Piece, VOID, attributes, pieces, tag_name};

/// An element is on one line where it takes no more.
const LINE_CHARACTERS: usize = 160;
/// Rows drawn of a long list, and how many rows make a list long.
const ROWS: usize = 3;
const LONG_ROWS: usize = 6;
/// What lists are made of.
const ROW_TAGS: [&str; 4] = ["li", "tr", "option", "span"];

/// An element with its tag and what it holds, or a text.
#[derive(Debug)]
struct Node<'a> {
    piece: Piece<'a>,
    children: Vec<Node<'a>>,
}

/// Prints a page, or a part of one that opens what it closes.
pub(crate) fn print(html: &str) -> String {
    let pieces = pieces(html);
    let mut rest = pieces.as_slice();
    let mut lines = String::new();
    while !rest.is_empty() {
        print_all(&nodes(&mut rest), 0, &mut lines);
        // An end tag of what was opened before this part.
        rest = rest.get(1..).unwrap_or_default();
    }
    lines
}

/// Reads up to the end tag of what these stand in.
fn nodes<'a>(rest: &mut &[Piece<'a>]) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    while let [piece, after @ ..] = *rest {
        let mut children = Vec::new();
        if let Piece::Tag(tag) = piece {
            if tag.starts_with("</") {
                break;
            }
            *rest = after;
            if !VOID.contains(&tag_name(tag)) {
                children = nodes(rest);
                *rest = rest.get(1..).unwrap_or_default();
            }
        } else {
            *rest = after;
        }
        found.push(Node {
            piece: *piece,
            children,
        });
    }
    found
}

fn print_all(nodes: &[Node<'_>], depth: usize, lines: &mut String) {
    if nodes
        .iter()
        .any(|node| matches!(node.piece, Piece::Text(_)))
    {
        return fill(nodes, depth, lines);
    }
    let mut rest = nodes;
    while let [node, after @ ..] = rest {
        let is_row =
            |other: &&Node<'_>| kind(other) == kind(node) && ROW_TAGS.contains(&kind(node));
        let rows = rest.iter().take_while(is_row).count();
        if rows < LONG_ROWS {
            print_one(node, depth, lines);
            rest = after;
            continue;
        }
        let (drawn, folded) = rest[..rows].split_at(ROWS);
        for row in drawn {
            print_one(row, depth, lines);
        }
        let html: String = folded.iter().map(whole).collect();
        push(
            depth,
            &format!("({} more: {})", folded.len(), hash(&html)),
            lines,
        );
        rest = &rest[rows..];
    }
}

/// Prints running text: as much on a line as there is room for, and what is too long by itself opened.
fn fill(nodes: &[Node<'_>], depth: usize, lines: &mut String) {
    let mut line = String::new();
    for node in nodes {
        let next = inline(node);
        if line.chars().count() + next.chars().count() > LINE_CHARACTERS && !line.is_empty() {
            push(depth, &std::mem::take(&mut line), lines);
        }
        if next.chars().count() > LINE_CHARACTERS {
            print_one(node, depth, lines);
        } else {
            line.push_str(&next);
        }
    }
    if !line.is_empty() {
        push(depth, &line, lines);
    }
}

fn print_one(node: &Node<'_>, depth: usize, lines: &mut String) {
    let line = inline(node);
    if line.chars().count() <= LINE_CHARACTERS || node.children.is_empty() || kind(node) == "svg" {
        return push(depth, &line, lines);
    }
    if let Piece::Tag(tag) = node.piece {
        push(depth, tag, lines);
        print_all(&node.children, depth + 1, lines);
        push(depth, &format!("</{}>", tag_name(tag)), lines);
    }
}

fn push(depth: usize, line: &str, lines: &mut String) {
    // A line of the file is one of the page, whatever its texts hold.
    lines.extend([&" ".repeat(depth), &line.replace('\n', "&#10;"), "\n"]);
}

/// The tag's name; empty for text.
fn kind<'a>(node: &Node<'a>) -> &'a str {
    match node.piece {
        Piece::Tag(tag) => tag_name(tag),
        Piece::Text(_) => "",
    }
}

/// An element on one line, its drawings shortened.
fn inline(node: &Node<'_>) -> String {
    match node.piece {
        Piece::Tag(tag) if tag_name(tag) == "svg" => {
            let class = attributes(tag)
                .into_iter()
                .find(|(name, _)| *name == "class");
            format!(
                "<svg {}: {}>",
                class.unwrap_or_default().1,
                hash(&whole(node))
            )
        }
        _ => written(node, inline),
    }
}

/// An element as it is.
fn whole(node: &Node<'_>) -> String {
    written(node, whole)
}

fn written(node: &Node<'_>, child: fn(&Node<'_>) -> String) -> String {
    let (Piece::Tag(text) | Piece::Text(text)) = node.piece;
    let children: String = node.children.iter().map(child).collect();
    match node.piece {
        Piece::Tag(tag) if !VOID.contains(&tag_name(tag)) => {
            format!("{text}{children}</{}>", tag_name(tag))
        }
        _ => text.to_owned(),
    }
}

/// The first characters of a SHA-256: enough to see that something changed.
fn hash(html: &str) -> String {
    let digest = Digest::sha256(html.as_bytes()).to_string();
    digest
        .trim_start_matches("sha256:")
        .chars()
        .take(8)
        .collect()
}

#[test]
fn short_elements_stand_on_one_line_and_long_ones_open() {
    assert_eq!(print("<p>a<b>c</b><br></p>"), "<p>a<b>c</b><br></p>\n");
    let long = "x".repeat(LINE_CHARACTERS);
    let html = format!("<div><p>{long}</p><input></div>");
    assert_eq!(
        print(&html),
        format!("<div>\n <p>\n  {long}\n </p>\n <input>\n</div>\n")
    );
}

#[test]
fn whatever_is_shortened_changes_with_what_it_stands_for() {
    let row = |text: &str| format!("<li>{text}{}</li>", "y".repeat(60));
    let list = |last: &str| {
        let rows = ["a", "b", "c", "d", "e", last].map(row).concat();
        print(&format!("<ol>{rows}</ol>"))
    };
    let (one, other) = (list("f"), list("g"));
    assert!(
        one.contains("(3 more: ") && one.lines().count() == 6,
        "{one}"
    );
    assert_ne!(one, other);
    let drawing = |path: &str| {
        print(&format!(
            "<svg class=\"seal\"><path d=\"{path}\"></path></svg>"
        ))
    };
    assert!(drawing("M0").starts_with("<svg seal: "));
    assert_ne!(drawing("M0"), drawing("M1"));
}
