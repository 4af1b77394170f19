//! What one copy is to the page of several, which knows no more of it.

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::workflow::copy::several::{Pair, Standing};
use waybill_core::workflow::copy::{Commands, Model, Selection};
use waybill_core::workflow::push;
use yew::{Callback, Html};

use crate::components::element::Element;
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

/// What goes along with each image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Along {
    /// Whether attestations do, with the images that they are of.
    pub attestations: bool,
    /// Whether what refers to it does.
    pub referrers: bool,
    /// Whether what cosign keeps under tags of its own does.
    pub cosign: bool,
}

/// What is wanted of one copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Read the source where it is not here, and ask the target what it has.
    Plan(Along),
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

/// Makes one of them, which wakes its page when something came.
pub type Make = fn(&Rc<Shell>, &Pair, Callback<()>) -> Box<dyn Single>;

/// Makes the copy of that number.
pub type MakeNumbered = Box<dyn Fn(usize, &Pair) -> Box<dyn Single>>;

/// Keeps the browser from leaving the page unasked, and the machine awake, as long as it is there.
pub trait Hold {}

/// Draws commands of tools, below what is said of all of them.
pub type DrawCommands = fn(&[Commands], Element) -> Element;

/// What the page has of the part of the program that Copy is, so that nothing of that is in its own.
#[derive(Clone, Copy, Debug)]
pub struct Tools {
    /// Makes a copy.
    pub make: Make,
    /// Draws commands.
    pub commands: DrawCommands,
    /// Holds the page while bytes move.
    pub hold: fn() -> Box<dyn Hold>,
}

/// Mounts the page of several images.
pub type Mount = fn(Props<PageCommand>, Tools) -> Html;
