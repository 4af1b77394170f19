//! Several images in one run, each from a repository of its own: a plan of all, one after the other, one report.
//!
//! Each is a copy as the page of one makes it ([`Single`]); here is what is of all of them together. It is a page of its
//! own in the place of the other, and a part of the program that comes when somebody wants it: it knows copies only as
//! what does [`Order`]s and says how it stands, so that all that makes one stays in the part that Copy is.

mod message;
mod page;
mod part;
mod single;
mod state;
pub mod view;

pub use message::{Effect, Msg};
pub use part::load;
pub use single::{
    Decide, DrawChoice, DrawCommands, Drawing, Hold, Make, MakeNumbered, Mount, Order, Single,
    Tools,
};
pub use state::{Phase, State};
