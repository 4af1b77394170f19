//! What Inspect and Verify look at: one manifest with everything that it names, and the tabs that show it.
//!
//! Both pages own an [`Inspection`]: Inspect that of a reference or an example, Verify that of a local content. It is
//! core's `workflow::inspect` joined with what a person chose to see of it, its messages are part of the page's own,
//! and its effects are run by the page.

pub mod causes;
mod custody;
pub mod drawing;
mod effects;
mod fields;
pub mod files;
pub mod layers;
pub mod machine;
mod message;
pub mod read_layers;
pub mod reading;
pub mod related;
pub mod share;
mod state;
pub mod tabs;
pub mod view;

pub use effects::{
    check_signatures, explain, fetch, listeners, load_chooser, load_machine, load_schema1,
    load_share, load_tabs,
};
pub use message::{Document, Effect, Msg};
pub use state::{Contents, Inspection};
