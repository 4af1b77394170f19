//! Copy: an image or list from one place to another, with every digest told before the first byte moves.
//!
//! [`load`] brings this part of the program. The shell mounts it, and tells it its address. Several images in one run
//! are a page in its place, [`several`], which comes when somebody wants it.

mod effects;
mod layers;
mod message;
mod page;
mod part;
mod save;
pub mod several;
mod single;
mod state;
pub mod view;

pub use message::{Effect, Msg};
pub use part::Part;
pub use single::{DRAWING, Run, single};
pub use state::{Destination, Stage, State};

use crate::lazy::{LoadError, apart, styled};
use crate::schema1;
use crate::shell::{Mount, PageCommand};

apart! {
    copy:
    /// Brings the part of the program that is Copy.
    fn bring() -> Mount<PageCommand> {
        page::mount
    }
}

/// Loads the part of the program that is Copy, and what reads Docker schema 1: a source may be of any format.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<PageCommand>, LoadError> {
    schema1::load_reading().await?;
    styled(bring()).await
}
