//! What happens to an inspection, and what it needs done.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::manifest::schema1::Signed;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::view::Action;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey};
use waybill_core::workflow::layers as check;

use super::files::Files;
use super::layers;
use super::machine::Chooser;
use super::reading;
use super::related::Part as Related;
use super::share::Begin;
use crate::lazy::LoadError;
use crate::shell::Request;

/// What happened to an inspection.
#[derive(Clone, Debug)]
pub enum Msg {
    /// For the workflow of core: an answer came, or a button was pressed that means one of its messages.
    Workflow(workflow::Msg),
    /// A button of an error was pressed.
    Action(Action),
    /// A layer is pointed at, or none.
    LayerHovered(Option<usize>),
    /// Indent the JSON for reading, or show the bytes.
    Indent(bool),
    /// Draw another part of a long table or of long content: from that row or line on, counted from 0.
    ShowFrom(usize),
    /// Something was sought or folded in the content that is drawn.
    Reading(reading::Msg),
    /// Copy the bytes of the manifest, or of the config.
    CopyBytes(Document),
    /// Save the manifest, or the config, as a file.
    Save(Document),
    /// Pin the tag to the digest it has now.
    Pin,
    /// Open the box for the platform of a machine.
    OpenMachine,
    /// The platform of a machine is typed.
    MachineTyped(String),
    /// It was submitted: choose for that machine.
    MachineSubmitted,
    /// Ask the browser for the platform of this machine.
    AskMachine,
    /// The browser told it, or does not.
    MachineTold(Option<&'static str>),
    /// The part of the program that chooses came, or did not.
    ChooserLoaded(Result<Chooser, LoadError>),
    /// Something happened to the check of layers.
    Layers(layers::Msg),
    /// Load what draws the tabs behind the first one.
    LoadTabs,
    /// It came, or did not.
    TabsLoaded(Result<(), LoadError>),
    /// Load what lists and draws files.
    LoadFiles,
    /// It came, or did not.
    FilesLoaded(Result<Files, LoadError>),
    /// Load what finds and draws what is related.
    LoadRelated,
    /// It came, or did not.
    RelatedLoaded(Result<Related, LoadError>),
    /// Share was pressed: take down how things stand.
    Share,
    /// What takes it down came, with the time in seconds since 1970; or it did not.
    ShareLoaded(Result<(Begin, i64), LoadError>),
    /// Save the report.
    SaveReport,
    /// Close that dialog.
    CloseShare,
    /// Take what is looked at to Compose.
    OpenInCompose,
    /// Take the manifest, or its config, to Verify, with the digest that it should have.
    OpenInVerify(Document),
}

/// One of the two contents of an image that have bytes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The manifest that is looked at.
    Manifest,
    /// Its config.
    Config,
}

/// What an inspection needs done in the browser, at a registry, or by the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fetch from a registry, and send the answer back as core's `Received`.
    Fetch {
        /// Where from.
        reference: Reference,
        /// The inspection's generation, to send back with the answer.
        generation: Generation,
        /// What.
        key: ContentKey,
        /// The media type that the list states for it.
        media_type: Option<MediaType>,
        /// What is asked for next, by digest: it may come beside this one.
        ahead: Vec<Digest>,
    },
    /// Stop every fetch.
    Abort,
    /// Load what reads Docker schema 1, and send the answer that waits for it back as core's `ReadAgain`.
    LoadSchema1 {
        /// The inspection's generation, to send back with the answer.
        generation: Generation,
        /// What the answer is to.
        key: ContentKey,
        /// The answer.
        arrival: Received,
    },
    /// Check signatures, and send what comes of it back as core's `SignaturesChecked`.
    CheckSignatures {
        /// Which manifest's.
        key: ContentKey,
        /// What to check.
        signed: Rc<Signed>,
    },
    /// Load what chooses, and send it back as [`Msg::ChooserLoaded`]; then ask the browser for the platform of this
    /// machine where that is wanted too, and send it back as [`Msg::MachineTold`].
    LoadChooser {
        /// Whether to ask.
        ask: bool,
    },
    /// Load what checks layers, and send back that it came as [`layers::Msg::Loaded`].
    LoadLayers {
        /// Whether every check is to be listed, which comes back with it.
        validate: bool,
    },
    /// Run an effect of the check of layers that only its part reads.
    InLayers(layers::Opaque),
    /// Run an effect of the check of layers.
    Layers {
        /// Whose repository has them.
        reference: Reference,
        /// The effect.
        effect: check::Effect,
    },
    /// Load what draws the tabs behind the first one, and send back that it came as [`Msg::TabsLoaded`].
    LoadTabs {
        /// Whether nobody waits for it, so that nothing is said where it does not come.
        quietly: bool,
    },
    /// Load what lists and draws files, and send it back as [`Msg::FilesLoaded`].
    LoadFiles,
    /// Load what finds and draws what is related, and send it back as [`Msg::RelatedLoaded`].
    LoadRelated,
    /// Load what takes down how things stand, and send it back with the time as [`Msg::ShareLoaded`].
    LoadShare,
    /// Scroll until the element of that id is in view.
    ScrollTo(&'static str),
    /// Find out why bytes are not what was named, or what they are, and send it back.
    Explain {
        /// Which content.
        key: ContentKey,
        /// Its bytes.
        bytes: Rc<[u8]>,
        /// The digest that they have not; `None` where they are no manifest.
        expected: Option<Digest>,
    },
    /// Ask the shell.
    Request(Request),
}
