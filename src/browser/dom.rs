//! The document itself: focus, title, theme, dialogs, and the page that a panic leaves.

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement, Storage, Window,
};

use yew::Html;

use crate::theme::Theme;

#[wasm_bindgen]
extern "C" {
    /// Defined in `static/boot.js`: shows a page that says what failed, with a button to load it again.
    #[wasm_bindgen(js_name = waybillFailed)]
    fn waybill_failed(how: &str, details: &str);

    /// Defined in `static/boot.js`: waits until the page that was there before may be taken away.
    #[wasm_bindgen(js_name = waybillBegin)]
    fn waybill_begin() -> Promise;

    /// Defined in `static/boot.js`: hears that the program has drawn its page, in place of the one that was there before.
    #[wasm_bindgen(js_name = waybillDrawn)]
    pub fn tell_drawn();

    /// Defined in `static/boot.js`: tells whether the page says that it came from a proxy.
    #[wasm_bindgen(js_name = waybillCameFromProxy)]
    pub fn came_from_proxy() -> bool;
}

/// Waits until the program may draw in place of the page that was there before: nobody presses anything on it then, nor
/// can before this task ends.
pub async fn begin() {
    // It does not fail.
    let _ = JsFuture::from(waybill_begin()).await;
}

/// Makes every panic show a page with what to report. It is yew that keeps the hook: one that is set past it, yew
/// replaces by its own when it draws.
pub fn show_panics() {
    yew::set_custom_panic_hook(Box::new(|panic| {
        waybill_failed("stopped", &panic.to_string());
    }));
}

/// Lets the browser do what it has to, such as draw, before the page goes on with long work.
pub async fn next_task() {
    settled(Window::set_timeout_with_callback).await;
}

/// Waits until what was changed is drawn: a frame that begins is not drawn yet, the one before it is.
pub async fn drawn() {
    for _ in 0..2 {
        settled(Window::request_animation_frame).await;
    }
}

/// Waits for so many milliseconds; for good, where there is no window.
pub async fn pass(milliseconds: u32) {
    let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
    let promise = Promise::new(&mut |resolve, _| {
        let _ = web_sys::window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
        });
    });
    let _ = JsFuture::from(promise).await;
}

/// Waits until `wait` has its callback called; for good, where there is no window.
async fn settled(wait: fn(&Window, &Function) -> Result<i32, JsValue>) {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = web_sys::window().map(|window| wait(&window, &resolve));
    });
    let _ = JsFuture::from(promise).await;
}

/// Listens to an event for as long as it lives.
pub type Listener = EventListener;

/// Listens to an event anywhere on the page; `None` where there is no window. Who hears it may keep the browser from
/// doing what it would.
pub fn listen(name: &'static str, hear: impl FnMut(&web_sys::Event) + 'static) -> Option<Listener> {
    let options = EventListenerOptions::enable_prevent_default();
    let window = web_sys::window()?;
    Some(Listener::new_with_options(&window, name, options, hear))
}

/// Listens to an event that does not bubble, such as scrolling, anywhere on the page; `None` where there is no window.
pub fn listen_on_the_way(
    name: &'static str,
    hear: impl FnMut(&web_sys::Event) + 'static,
) -> Option<Listener> {
    let options = EventListenerOptions::run_in_capture_phase();
    let window = web_sys::window()?;
    Some(Listener::new_with_options(&window, name, options, hear))
}

/// Listens to an event anywhere on the page before anybody else hears it; `None` where there is no window. Nobody else
/// does where `hear` answers that it took it.
pub fn listen_first(
    name: &'static str,
    mut hear: impl FnMut(&web_sys::Event) -> bool + 'static,
) -> Option<Listener> {
    let options = EventListenerOptions {
        phase: EventListenerPhase::Capture,
        passive: false,
    };
    let window = web_sys::window()?;
    let hear = move |event: &web_sys::Event| {
        if hear(event) {
            event.stop_propagation();
        }
    };
    Some(Listener::new_with_options(&window, name, options, hear))
}

/// Measures what scrolls, in pixels: how far it is scrolled, how much is in view, and how high the first element in it
/// is that a selector names, 0 where there is none.
#[must_use]
pub fn scrolled(id: &str, selector: &str) -> Option<(f64, f64, f64)> {
    let scrolls = element::<Element>(id)?;
    let first = scrolls.query_selector(selector).ok().flatten();
    let first = first.map_or(0.0, |first| first.get_bounding_client_rect().height());
    let (top, height) = (scrolls.scroll_top(), scrolls.client_height());
    Some((f64::from(top), f64::from(height), first))
}

/// Scrolls the element of that id to so many pixels from its top.
#[allow(
    clippy::cast_possible_truncation,
    reason = "no browser draws anything so high"
)]
pub fn scroll_to(id: &str, top: f64) {
    if let Some(scrolls) = element::<Element>(id) {
        scrolls.set_scroll_top(top as i32);
    }
}

/// Scrolls until the element of that id is in view; how far from the border, the style says.
pub fn scroll_into_view(id: &str) {
    if let Some(element) = element::<Element>(id) {
        element.scroll_into_view();
    }
}

/// Reads the key of a shortcut: one that is pressed alone, and not where somebody types.
#[must_use]
pub fn shortcut(event: &web_sys::Event) -> Option<String> {
    let event: &web_sys::KeyboardEvent = event.dyn_ref()?;
    let alone = !(is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key());
    alone.then(|| event.key())
}

/// Tells whether the browser says that it has no network. Where it says that it has one, there may still be none.
#[must_use]
pub fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn element<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Finds the element that the page is drawn into.
#[must_use]
pub fn root() -> Option<Element> {
    element("page")
}

/// A page that `static/boot.js` showed before the program came, with the address that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyPage(Element);

impl EarlyPage {
    /// Finds it where there is one, before the program draws in its place.
    #[must_use]
    pub fn find() -> Option<Self> {
        let page = root()?.query_selector("main[data-address]");
        page.ok()?.map(Self)
    }

    /// Returns it as it stood there, where it is of that address.
    #[must_use]
    pub fn at(&self, address: &str) -> Option<Html> {
        let is_of = self.0.get_attribute("data-address")? == address;
        is_of.then(|| Html::VRef(self.0.clone().into()))
    }
}

/// Moves the focus to the element of that id.
pub fn focus(id: &str) {
    if let Some(element) = element::<HtmlElement>(id) {
        let _ = element.focus();
    }
}

/// Tells whether what has the focus lies in an element that a selector names.
#[must_use]
pub fn is_focus_in(selector: &str) -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|focused| matches!(focused.closest(selector), Ok(Some(_))))
}

/// Moves the focus to the element of that id where nothing has it, since what had it is gone.
pub fn focus_if_lost(id: &str) {
    if !is_focus_in("body *") {
        focus(id);
    }
}

/// Focuses an input and selects its text.
pub fn select(id: &str) {
    if let Some(input) = element::<HtmlInputElement>(id) {
        let _ = input.focus();
        input.select();
    }
}

/// Reads the text in the input of that id; empty where there is no such input.
#[must_use]
pub fn value(id: &str) -> String {
    element::<HtmlInputElement>(id)
        .map(|input| input.value())
        .unwrap_or_default()
}

/// Reads the text in the box of several lines of that id; empty where there is no such box.
#[must_use]
pub fn text(id: &str) -> String {
    element::<HtmlTextAreaElement>(id)
        .map(|area| area.value())
        .unwrap_or_default()
}

/// Tells whether the focus is in the box of several lines of that id, and nothing is in it.
#[must_use]
pub fn is_empty_focus(id: &str) -> bool {
    let active = document().and_then(|document| document.active_element());
    active.is_some_and(|active| active.id() == id) && text(id).is_empty()
}

/// Tells whether an event's target is the element of that id.
#[must_use]
pub fn is_element(target: Option<web_sys::EventTarget>, id: &str) -> bool {
    target
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| element.id() == id)
}

/// Tells whether an event's target is within the element of that id.
#[must_use]
pub fn is_within(target: Option<web_sys::EventTarget>, id: &str) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| matches!(element.closest(&format!("#{id}")), Ok(Some(_))))
}

/// Tells whether an event's target is an input of one line.
#[must_use]
pub fn is_text_line(target: Option<web_sys::EventTarget>) -> bool {
    target.is_some_and(|target| target.has_type::<HtmlInputElement>())
}

/// Sets the text in the input of that id.
pub fn set_value(id: &str, value: &str) {
    if let Some(input) = element::<HtmlInputElement>(id) {
        input.set_value(value);
    }
}

/// Chooses a value in a list.
pub fn set_choice(id: &str, value: &str) {
    if let Some(list) = element::<HtmlSelectElement>(id) {
        list.set_value(value);
    }
}

/// Ticks a box, or does not.
pub fn set_checked(id: &str, checked: bool) {
    if let Some(input) = element::<HtmlInputElement>(id) {
        input.set_checked(checked);
    }
}

/// Reads the value chosen in the list of that id; empty where there is no such list.
#[must_use]
pub fn choice(id: &str) -> String {
    element::<HtmlSelectElement>(id)
        .map(|list| list.value())
        .unwrap_or_default()
}

/// Tells whether the box of that id is ticked.
#[must_use]
pub fn is_checked(id: &str) -> bool {
    element::<HtmlInputElement>(id).is_some_and(|input| input.checked())
}

/// Tells whether the focus is in something that takes text.
#[must_use]
pub fn is_typing() -> bool {
    let active = document().and_then(|document| document.active_element());
    active
        .is_some_and(|active| matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Reads the value to copy (`data-copy`) of the element in focus.
#[must_use]
pub fn focused_copy() -> Option<String> {
    document()?.active_element()?.get_attribute("data-copy")
}

/// Reads an attribute on an event's target or the nearest element around it that has it.
#[must_use]
pub fn attribute_around(target: Option<web_sys::EventTarget>, name: &str) -> Option<String> {
    let element: Element = target?.dyn_into().ok()?;
    element
        .closest(&format!("[{name}]"))
        .ok()??
        .get_attribute(name)
}

/// Opens a dialog over the page.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Guards the page: as long as it lives, the browser asks before the page is left or loaded again.
#[derive(Debug)]
pub struct Guard {
    _listener: Listener,
}

impl Guard {
    /// Begins to guard; `None` where there is no window.
    #[must_use]
    pub fn new() -> Option<Self> {
        let listener = listen("beforeunload", web_sys::Event::prevent_default)?;
        Some(Self {
            _listener: listener,
        })
    }
}

const THEME_KEY: &str = "waybill.theme";

/// Returns the storage that outlives the visit; `None` where the browser does not let the page keep anything.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Keeps a choice for the next visit, where the browser lets the page keep something.
pub(super) fn keep(key: &str, choice: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, choice);
    }
}

/// Returns the choice of the last visit.
pub(super) fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Sets an attribute of the whole document.
pub(super) fn set_of_document(name: &str, value: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute(name, value);
    }
}

/// Puts a theme on the page, and keeps it for the next visit.
pub fn set_theme(theme: Theme) {
    set_of_document("data-theme", theme.name());
    keep(THEME_KEY, theme.name());
}

/// Reads the theme of the last visit; the system's where none was kept.
#[must_use]
pub fn theme() -> Theme {
    let name = kept(THEME_KEY);
    Theme::ALL
        .into_iter()
        .find(|theme| Some(theme.name()) == name.as_deref())
        .unwrap_or_default()
}

/// Tells the time in milliseconds. It goes forward unless somebody sets the machine's clock.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time since 1970 in milliseconds is far below 2^53"
)]
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}
