//! How much of a list is here: in a sentence, in another one, and as a stamp.

use waybill_core::humanize::{count, number, sentence};
use waybill_core::view::{Stamp, Status};
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::tags::{Partial, Progress};

/// Says how many there are, and never that these are all where that is not known.
pub(super) fn title(name: &str, progress: &Progress, here: usize, one: &str, many: &str) -> String {
    let all = count(here, one);
    match progress {
        Progress::Complete if here == 0 => [name, " has no ", many].concat(),
        Progress::Complete => [name, " has ", &all].concat(),
        Progress::Loading if here == 0 => [capitalized(many), " of ", name].concat(),
        Progress::Loading => [name, ": ", &all, " so far"].concat(),
        Progress::Partial(Partial::Failed(_) | Partial::Unreadable(_)) if here == 0 => {
            ["The ", many, " of ", name, " could not be listed"].concat()
        }
        Progress::Partial(_) => [
            name,
            ": ",
            &number(here as u64),
            " ",
            many,
            " of maybe more",
        ]
        .concat(),
    }
}

fn capitalized(noun: &str) -> &'static str {
    if noun == "tags" {
        "Tags"
    } else {
        "Repositories"
    }
}

/// Says why these may not be all, and what holds for them all the same.
pub(super) fn how_much(progress: &Progress, came: usize) -> String {
    let pages = count(came, "page");
    let of_these = "The filter and the order hold for what is here.";
    match progress {
        Progress::Complete => ["All that the registry lists, in ", &pages, "."].concat(),
        Progress::Loading => "Asking the registry.".to_owned(),
        Progress::Partial(why) => match why {
            Partial::Bound => [&pages, " came, and there are more. ", of_these].concat(),
            Partial::Cancelled => ["Cancelled behind ", &pages, ". ", of_these].concat(),
            Partial::Failed(_) if came > 0 => {
                ["The page behind ", &pages, " did not come. ", of_these].concat()
            }
            Partial::Failed(Failure::Cancelled) => "Cancelled.".to_owned(),
            Partial::Failed(Failure::Registry(failure)) => sentence(&failure.to_string()),
            Partial::Failed(_) => "The registry gave no answer.".to_owned(),
            Partial::Unreadable(error) => sentence(&error.to_string()),
            Partial::LinkRefused(error) => {
                let why = error.to_string();
                ["The list was not followed further: ", &why, ". ", of_these].concat()
            }
            Partial::Repeats => [
                "The registry names a next page, and it brings nothing new. ",
                of_these,
            ]
            .concat(),
            Partial::Full(left_out) => {
                [&number(*left_out as u64), " more were left out. ", of_these].concat()
            }
        },
    }
}

/// Stamps a list. Nothing in it is hashed here, so none is more than listed.
pub(super) fn stamp(progress: &Progress, here: usize) -> Stamp {
    let (status, text, small) = match progress {
        Progress::Loading => (Status::Pending, "Listing", "page by page"),
        Progress::Complete => (Status::Unchecked, "All listed", "as the registry says"),
        Progress::Partial(Partial::Failed(_) | Partial::Unreadable(_)) if here == 0 => {
            (Status::Failed, "No list", "nothing was listed")
        }
        Progress::Partial(_) => (Status::Unchecked, "Partly listed", "there may be more"),
    };
    Stamp::new(status, text, small)
}
