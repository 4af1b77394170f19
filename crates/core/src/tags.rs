//! The tags of a repository: what registries answer when they are asked for them, and the order
//! in which a person reads them.
//!
//! Nothing here asks a registry: [`registry::tags`](crate::registry::tags) does, and
//! [`workflow::tags`](crate::workflow::tags) says when.
//!
//! | file | what it does |
//! | --- | --- |
//! | `listing` | reads one page of a list, of every kind of registry |
//! | `details` | what is known of a tag beside its name, and the answers that tell it |
//! | `order` | newest first: versions as numbers, machines' tags behind all others |
//! | `collection` | all tags that came so far: added page by page, filtered, arranged in rows |

mod collection;
mod details;
mod listing;
mod order;

pub use collection::{Arrangement, Collection, Fold, Order, Row, Tagged, has_words};
pub use details::{Details, DetailsPage, Source};
pub use listing::{Listing, ListingError};
pub use order::{Kind, kind};
