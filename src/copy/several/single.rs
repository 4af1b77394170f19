//! What one copy is to the page of several, which knows no more of it.

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::workflow::copy::several::{Decision, Pair, Standing};
use waybill_core::workflow::copy::{Choice, Commands, Model, Selection};
use waybill_core::workflow::push;
use yew::{Callback, Html};

use crate::components::element::Element;
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

/// Decides which entries go along, once a source is here.
pub type Decide = Rc<dyn Fn(&Model) -> Decision>;

/// What is wanted of one copy.
#[derive(Clone)]
pub enum Order {
    /// Read the source where it is not here, have it decided what of it goes along, read layers that have to be read
    /// for that, and ask the target what it has.
    Plan(Choice, Decide),
    /// Write what was planned.
    Start,
    /// Stop what is under way.
    Halt,
    /// Go on with what failed or was stopped.
    GoOn,
}

/// One of several copies.
pub trait Single {
    /// Does what is wanted of it, or begins to.
    fn order(&mut self, order: Order);

    /// Takes what came since, once it woke its page.
    fn take(&mut self);

    /// How far it is, and why it is not copied, in words.
    fn standing(&self) -> (Standing, Option<String>);

    /// The copy as far as it went: its source, what goes along of it, its writing; `None` before it is begun.
    fn models(&self) -> Option<(&Model, Option<&Selection>, Option<&push::Model>)>;

    /// The same copy by other tools; none before the source is here.
    fn commands(&self, plain_http: &[RegistryHost]) -> Vec<Commands>;

    /// What came of it, as text or as JSON; `None` before its plan.
    fn report(&self, json: bool) -> Option<String>;

    /// Draws its plan, step by step, and what stopped it.
    fn drawn(&self, registries: &RegistryChoices) -> Element;
}

/// Makes one of them, which wakes its page when something came. Those that one makes share layers that they compress.
pub type Make = Box<dyn Fn(&Pair, Callback<()>) -> Box<dyn Single>>;

/// Makes the copy of that number.
pub type MakeNumbered = Box<dyn Fn(usize, &Pair) -> Box<dyn Single>>;

/// Keeps the browser from leaving the page unasked, and the machine awake, as long as it is there.
pub trait Hold {}

/// Draws commands of tools, below what is said of all of them.
pub type DrawCommands = fn(&[Commands], Element) -> Element;

/// Draws what may be chosen of each image: below the box for how much of a list stands what is given; nothing can be
/// chosen while it is busy.
pub type DrawChoice = fn(&Choice, Option<Element>, bool, &Callback<Choice>) -> Element;

/// What Copy draws as it draws it of one image.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// Draws commands.
    pub commands: DrawCommands,
    /// Draws the form.
    pub choice: DrawChoice,
}

/// What the page has of the part of the program that Copy is, so that nothing of that is in its own.
#[derive(Clone, Copy, Debug)]
pub struct Tools {
    /// Gives what makes copies.
    pub maker: fn(&Rc<Shell>) -> Make,
    /// What is drawn by Copy.
    pub drawing: Drawing,
    /// Holds the page while bytes move.
    pub hold: fn() -> Box<dyn Hold>,
}

/// Mounts the page of several images.
pub type Mount = fn(Props<PageCommand>, Tools) -> Html;
