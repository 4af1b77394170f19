//! Elements, built call by call: `el("p").child("No layers.").class("quiet")`.
//!
//! yew's `html!` writes out the making of each element where it stands, some 280 bytes of program each, a third of
//! everything that is loaded. Here every step is a call of a function that all elements share, some 20 bytes, so the
//! functions below stay out of line. Attributes come out in the order of the calls.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use yew::virtual_dom::{
    AttributeOrProperty, Attributes, Listener, ListenerKind, VList, VNode, VTag, VText,
};
use yew::{AttrValue, Callback, Event, Html};

use crate::language::phrase;

/// Builds one element of the page: attributes, a listener and children are added by its methods. It moves as one
/// pointer.
#[derive(Debug)]
#[must_use = "an element is drawn only inside another one"]
pub struct Element(Box<Parts>);

#[derive(Debug)]
struct Parts {
    tag: VTag,
    names: Vec<&'static str>,
    values: Vec<Option<AttributeOrProperty>>,
    children: Vec<VNode>,
    #[cfg(debug_assertions)]
    hears: bool,
}

/// Names an event that an element hears.
#[derive(Clone, Copy, Debug)]
pub enum EventKind {
    /// It was pressed, by whatever means.
    Click,
    /// Another value was chosen.
    Change,
    /// Its value changes as somebody types.
    Input,
    /// A form was sent.
    Submit,
    /// A key was pressed.
    Key,
}

/// Makes an element without attributes and children.
#[inline(never)]
pub fn el(tag: &'static str) -> Element {
    let tag = VTag::new(AttrValue::Static(tag));
    Element(Box::new(Parts {
        tag,
        names: Vec::new(),
        values: Vec::new(),
        children: Vec::new(),
        #[cfg(debug_assertions)]
        hears: false,
    }))
}

/// Makes a button with its text; it never submits a form.
#[inline(never)]
pub fn button(text: &str, on_click: Callback<Event>) -> Element {
    el("button")
        .attr("type", "button")
        .on(EventKind::Click, on_click)
        .child(text)
}

/// Joins elements without one around them. `None` keeps the place of an element that is not always there, so that yew
/// does not take its neighbour for it.
#[inline(never)]
pub fn side_by_side(elements: Vec<Option<Element>>) -> Html {
    let nodes = elements
        .into_iter()
        .map(|element| element.map_or_else(Html::default, Element::finished));
    VList::with_children(nodes.collect(), None).into()
}

impl Element {
    /// Sets an attribute. `None` leaves it out.
    #[inline]
    pub fn attr(self, name: &'static str, value: impl Value) -> Self {
        value.set(self, name)
    }

    /// Sets the class, which is a fixed one nearly always.
    #[inline(never)]
    pub fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// Sets the key that tells the element from others in the same list, so that yew moves it rather than draws it
    /// anew.
    #[inline(never)]
    pub fn key(mut self, key: &str) -> Self {
        self.0.tag.key = Some(key.into());
        self
    }

    /// Has the browser take what is typed as it is: it corrects nothing, completes nothing, and writes no capital first.
    #[inline(never)]
    pub fn verbatim(self) -> Self {
        self.attr("spellcheck", "false")
            .attr("autocomplete", "off")
            .attr("autocapitalize", "off")
    }

    /// Sets the value of an input at every drawing, whatever was typed.
    #[inline(never)]
    pub fn value(mut self, value: &str) -> Self {
        self.0.tag.set_value(Some(AttrValue::from(value)));
        self
    }

    /// Ticks an input at every drawing, or does not.
    #[inline(never)]
    pub fn checked(mut self, checked: bool) -> Self {
        self.0.tag.set_checked(checked);
        self
    }

    /// Listens to an event. An element hears one kind.
    ///
    /// # Panics
    ///
    /// At a second call, where debug assertions are on: it would replace the first.
    #[inline(never)]
    pub fn on(mut self, kind: EventKind, callback: Callback<Event>) -> Self {
        #[cfg(debug_assertions)]
        assert!(
            !std::mem::replace(&mut self.0.hears, true),
            "an element hears one kind of event"
        );
        self.0
            .tag
            .set_listeners(Box::new([Some(Rc::new(Heard { kind, callback }))]));
        self
    }

    /// Appends text or an element. `None` keeps the place of something that is not always there.
    #[inline]
    pub fn child(self, content: impl Content) -> Self {
        content.put_into(self)
    }

    /// Appends all of these.
    #[inline]
    pub fn children<C: Content>(mut self, contents: impl IntoIterator<Item = C>) -> Self {
        for content in contents {
            self = content.put_into(self);
        }
        self
    }

    #[inline(never)]
    fn set(mut self, name: &'static str, value: Option<AttrValue>) -> Self {
        self.0.names.push(name);
        self.0
            .values
            .push(value.map(AttributeOrProperty::Attribute));
        self
    }

    #[inline(never)]
    fn push(mut self, node: VNode) -> Self {
        self.0.children.push(node);
        self
    }

    #[inline(never)]
    fn finished(self) -> VNode {
        let Parts {
            mut tag,
            names,
            values,
            children,
            ..
        } = *self.0;
        tag.attributes = Attributes::Dynamic {
            keys: one_for_all(names),
            values: values.into(),
        };
        if let Some(inside) = tag.children_mut() {
            *inside = VList::with_children(children, None).into();
        }
        tag.into()
    }
}

thread_local! {
    /// Every list of attribute names that an element has had.
    static NAMES: RefCell<Vec<&'static [&'static str]>> = const { RefCell::new(Vec::new()) };
}

/// Finds the one list for all lists of the same names: by it yew sees that two elements have the same attributes, and
/// compares them one by one.
fn one_for_all(names: Vec<&'static str>) -> &'static [&'static str] {
    NAMES.with_borrow_mut(|all| {
        let same = all.iter().find(|list| **list == names).copied();
        same.unwrap_or_else(|| {
            // There are as many as the source has combinations, so none is ever given back.
            let list = names.leak();
            all.push(list);
            list
        })
    })
}

/// Text from outside that stands outside of `bdi` and `code`: it is drawn as it is, whatever the language of the page.
#[inline(never)]
pub fn as_it_is(text: &str) -> Html {
    VText::new(text).into()
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        element.finished()
    }
}

/// Is implemented by what an attribute can be set to.
pub trait Value {
    /// Sets the attribute `name`.
    fn set(self, element: Element, name: &'static str) -> Element;
}

impl Value for &'static str {
    #[inline(never)]
    fn set(self, element: Element, name: &'static str) -> Element {
        let value = said(name, self).map_or(AttrValue::Static(self), AttrValue::from);
        element.set(name, Some(value))
    }
}

impl Value for String {
    /// A title of this kind is text from outside; one that the program words is a `format_args!`.
    #[inline(never)]
    fn set(self, element: Element, name: &'static str) -> Element {
        let said = if name == "title" {
            None
        } else {
            said(name, &self)
        };
        element.set(name, Some(said.unwrap_or(self).into()))
    }
}

impl Value for fmt::Arguments<'_> {
    #[inline(never)]
    fn set(self, element: Element, name: &'static str) -> Element {
        let value = self.to_string();
        element.set(name, Some(said(name, &value).unwrap_or(value).into()))
    }
}

/// Says the value of an attribute that a person reads or hears; `None` for the others, and where it stays as it is.
fn said(name: &str, value: &str) -> Option<String> {
    let read = [
        "title",
        "aria-label",
        "placeholder",
        "alt",
        "aria-valuetext",
    ];
    if !read.contains(&name) {
        return None;
    }
    match phrase(value) {
        Cow::Owned(said) => Some(said),
        Cow::Borrowed(_) => None,
    }
}

impl<V: Value> Value for Option<V> {
    fn set(self, element: Element, name: &'static str) -> Element {
        match self {
            Some(value) => value.set(element, name),
            None => element.set(name, None),
        }
    }
}

/// Is implemented by what can stand inside an element.
pub trait Content {
    /// Appends it to `parent`.
    fn put_into(self, parent: Element) -> Element;
}

impl Content for &str {
    #[inline(never)]
    fn put_into(self, parent: Element) -> Element {
        // What stands in these comes from outside, or is to be typed as it is.
        let is_quoted = ["bdi", "code", "pre", "kbd", "textarea"].contains(&parent.0.tag.tag());
        let text = if is_quoted {
            Cow::Borrowed(self)
        } else {
            phrase(self)
        };
        parent.push(as_it_is(&text))
    }
}

impl Content for String {
    #[inline(never)]
    fn put_into(self, parent: Element) -> Element {
        self.as_str().put_into(parent)
    }
}

impl Content for fmt::Arguments<'_> {
    #[inline(never)]
    fn put_into(self, parent: Element) -> Element {
        self.to_string().put_into(parent)
    }
}

impl Content for Element {
    #[inline(never)]
    fn put_into(self, parent: Element) -> Element {
        parent.push(self.finished())
    }
}

impl Content for Html {
    #[inline(never)]
    fn put_into(self, parent: Element) -> Element {
        parent.push(self)
    }
}

impl<C: Content> Content for Option<C> {
    fn put_into(self, parent: Element) -> Element {
        match self {
            Some(content) => content.put_into(parent),
            None => parent.push(Html::default()),
        }
    }
}

/// yew has a type of listener for each kind of event; one is enough.
struct Heard {
    kind: EventKind,
    callback: Callback<Event>,
}

impl Listener for Heard {
    fn kind(&self) -> ListenerKind {
        match self.kind {
            EventKind::Click => ListenerKind::onclick,
            EventKind::Change => ListenerKind::onchange,
            EventKind::Input => ListenerKind::oninput,
            EventKind::Submit => ListenerKind::onsubmit,
            EventKind::Key => ListenerKind::onkeydown,
        }
    }

    fn handle(&self, event: Event) {
        self.callback.emit(event);
    }

    fn passive(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "one kind of event")]
    fn a_second_listener_of_one_element_is_a_fault() {
        let _ = button("Add", Callback::noop()).on(EventKind::Input, Callback::noop());
    }
}
