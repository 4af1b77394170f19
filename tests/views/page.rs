//! A state as HTML, one tag a line.

use std::rc::Rc;

use tokio::runtime::Builder;
use tokio::task::LocalSet;
use waybill::{app, archive, compose, copy, diff, inspect, tags, verify};
use yew::{Callback, Component, Context, Html, LocalServerRenderer, Properties};

use super::harness::Harness;

/// Elements without an end tag.
pub(crate) const VOID: [&str; 5] = ["input", "br", "hr", "img", "wbr"];

#[derive(Properties)]
struct Props {
    harness: Rc<Harness>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.harness, &other.harness)
    }
}

/// The page as the app draws it, and nothing that hears it.
struct Page;

impl Component for Page {
    type Message = ();
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let Harness {
            app,
            inspect,
            verify,
            compose,
            archives,
            copy,
            several,
            diff,
            tags,
            origin,
            ..
        } = &*context.props().harness;
        let registries = &app.registries;
        let pages = vec![
            inspect::view::page(inspect, registries, origin, &Callback::noop()),
            verify::view::page(verify, registries, origin, &Callback::noop()),
            compose.as_ref().map_or_else(Html::default, |compose| {
                compose::view::page(compose, registries, &Callback::noop())
            }),
            copy.as_ref().map_or_else(Html::default, |copy| {
                copy::view::page(copy, registries, &Callback::noop())
            }),
            several.as_ref().map_or_else(Html::default, |several| {
                copy::several::view::page(several, registries, &Callback::noop())
            }),
            diff.as_ref().map_or_else(Html::default, |diff| {
                diff::view::page(diff, &Callback::noop())
            }),
            tags::view::page(tags, registries, &Callback::noop()),
            archive::view::page(archives, &Callback::noop()),
        ];
        app::view::page(app, pages, None, &Callback::noop())
    }
}

/// The page of its states, one tag a line.
pub(crate) fn render(harness: Harness) -> String {
    one_tag_a_line(&html(harness))
}

/// The page of its states, as it is.
pub(crate) fn html(harness: Harness) -> String {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let renderer = LocalServerRenderer::<Page>::with_props(Props {
        harness: Rc::new(harness),
    })
    .hydratable(false);
    LocalSet::new().block_on(&runtime, renderer.render())
}

/// What is drawn, and nothing around it.
#[derive(Properties)]
struct Drawn {
    html: Html,
}

impl PartialEq for Drawn {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Component for Drawn {
    type Message = ();
    type Properties = Self;

    fn create(context: &Context<Self>) -> Self {
        let html = context.props().html.clone();
        Self { html }
    }

    fn view(&self, _: &Context<Self>) -> Html {
        self.html.clone()
    }
}

/// A part of a page, as it is.
pub(crate) fn drawn(html: Html) -> String {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let renderer = LocalServerRenderer::<Drawn>::with_props(Drawn { html }).hydratable(false);
    LocalSet::new().block_on(&runtime, renderer.render())
}

/// A piece of HTML: a tag with its brackets, or the text between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A tag.
    Tag(&'a str),
    /// Text.
    Text(&'a str),
}

/// The pieces of a page. Brackets inside quoted attributes are part of their tag.
pub(crate) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let tag = rest.starts_with('<');
        let length = if tag {
            let mut quoted = false;
            let end = rest.find(|character| {
                quoted ^= character == '"';
                character == '>' && !quoted
            });
            end.expect("a tag ends") + 1
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (piece, behind) = rest.split_at(length);
        pieces.push(if tag {
            Piece::Tag(piece)
        } else {
            Piece::Text(piece)
        });
        rest = behind;
    }
    pieces
}

/// The name of a tag without its brackets: `p`, or `/p`.
pub(crate) fn tag_name(tag: &str) -> &str {
    tag.trim_start_matches('<')
        .split([' ', '>', '\n'])
        .next()
        .unwrap_or_default()
}

/// The attributes of a tag, with their character references resolved.
pub(crate) fn attributes(tag: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = tag
        .trim_start_matches('<')
        .trim_end_matches('>')
        .split_once(' ')
        .map_or("", |(_, rest)| rest);
    loop {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        if end == 0 {
            return found;
        }
        let name;
        (name, rest) = rest.split_at(end);
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            (value, rest) = quoted.split_once('"').expect("a value ends");
        }
        let value = value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        found.push((name, value));
    }
}

/// An element that holds no other stands on one line with its text.
pub(crate) fn one_tag_a_line(html: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0_usize;
    let pieces = pieces(html);
    let mut rest = pieces.as_slice();
    while let [first, after @ ..] = rest {
        let is_end = |piece: &Piece<'_>| matches!(piece, Piece::Tag(tag) if tag.starts_with("</"));
        // A void element has no end tag, so one that follows it ends what it stands in.
        let is_void = matches!(first, Piece::Tag(tag) if VOID.contains(&tag_name(tag)));
        let length = match (first, after) {
            _ if is_void => 1,
            (Piece::Tag(_), [end, ..]) if !is_end(first) && is_end(end) => 2,
            (Piece::Tag(_), [Piece::Text(_), end, ..]) if !is_end(first) && is_end(end) => 3,
            _ => 1,
        };
        if length == 1 && is_end(first) {
            depth = depth.checked_sub(1).expect("every end tag has a start tag");
        }
        lines.push_str(&" ".repeat(depth));
        for Piece::Tag(text) | Piece::Text(text) in &rest[..length] {
            lines.push_str(text);
        }
        lines.push('\n');
        if length == 1 && matches!(first, Piece::Tag(_)) && !is_end(first) && !is_void {
            depth += 1;
        }
        rest = &rest[length..];
    }
    assert_eq!(depth, 0, "every start tag has an end tag");
    lines
}
