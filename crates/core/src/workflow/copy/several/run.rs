//! What comes next: which images are asked about, and which one is written.

use super::{Image, Pair, Standing};
use crate::limits;

/// The images that are to be planned now: the first of those that wait. Where layers are compressed
/// for it (`is_heavy`), one is planned at a time, so that what it shares with the next is there then.
pub fn to_plan(standings: &[Standing], is_heavy: bool) -> impl Iterator<Item = usize> {
    let planning = standings.iter().filter(|it| **it == Standing::Planning);
    let at_once = if is_heavy {
        1
    } else {
        limits::IMAGES_PLANNED_AT_ONCE
    };
    let free = at_once.saturating_sub(planning.count());
    let waiting = standings.iter().enumerate();
    let waiting = waiting.filter(|(_, it)| **it == Standing::Waiting);
    waiting.map(|(place, _)| place).take(free)
}

/// What an image needs when its turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A plan: it has none, or one of before another image came into its target's repository.
    Plan,
    /// To be begun: its plan is whole.
    Start,
    /// To go on where it stopped.
    GoOn,
}

/// A run over several images, one after the other, in their order. One that fails does not stop
/// the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Whether each is still to have its turn.
    due: Vec<bool>,
    /// The one whose turn it is.
    turn: Option<usize>,
    /// Whether it goes on by itself.
    is_going: bool,
}

impl Run {
    /// Begins with those whose plan is whole.
    #[must_use]
    pub fn start(images: &[Image]) -> Self {
        Self {
            due: images
                .iter()
                .map(|it| it.standing == Standing::Planned)
                .collect(),
            turn: None,
            is_going: true,
        }
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub fn is_going(&self) -> bool {
        self.is_going
    }

    /// The one whose turn it is.
    #[must_use]
    pub fn turn(&self) -> Option<usize> {
        self.turn
    }

    /// Whether some are still to have their turn.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.turn.is_none() && !self.due.contains(&true)
    }

    /// Stands still. The one whose turn it was is returned: it has to be stopped, and is the first
    /// to go on.
    pub fn halt(&mut self) -> Option<usize> {
        self.is_going = false;
        let turn = self.turn.take()?;
        if let Some(due) = self.due.get_mut(turn) {
            *due = true;
        }
        Some(turn)
    }

    /// Goes on: with those that did not have their turn; where all had it, with each that is not
    /// copied.
    pub fn go_on(&mut self, images: &[Image]) {
        if self.is_over() {
            self.due = images
                .iter()
                .map(|it| it.standing != Standing::Copied)
                .collect();
        }
        self.is_going = true;
    }

    /// The next image and what it needs; `None` where one has its turn, or it stands still, or is
    /// over. To be asked after each change.
    pub fn next(&mut self, pairs: &[Pair], images: &[Image]) -> Option<(usize, Due)> {
        if let Some(turn) = self.turn
            && let Some(image) = images.get(turn)
        {
            match image.standing {
                // Its plan was made for its turn.
                Standing::Planned if self.is_going => return Some((turn, Due::Start)),
                Standing::Planned | Standing::Waiting | Standing::Planning | Standing::Running => {
                    return None;
                }
                Standing::Unplanned | Standing::Stopped | Standing::Copied | Standing::Differs => {
                    self.turn = None;
                }
            }
        }
        if !self.is_going {
            return None;
        }
        let Some(place) = self.due.iter().position(|due| *due) else {
            self.is_going = false;
            return None;
        };
        self.due[place] = false;
        let image = images.get(place)?;
        self.turn = Some(place);
        let due = match image.standing {
            Standing::Planned if !is_overtaken(place, pairs, images) => Due::Start,
            Standing::Planned | Standing::Waiting | Standing::Planning | Standing::Unplanned => {
                Due::Plan
            }
            Standing::Running | Standing::Stopped | Standing::Copied | Standing::Differs => {
                Due::GoOn
            }
        };
        Some((place, due))
    }
}

/// Whether another image was written into the repository that the one at that place goes into:
/// some of what its plan would write may be there by now.
fn is_overtaken(place: usize, pairs: &[Pair], images: &[Image]) -> bool {
    let target = |pair: &Pair| pair.target.repository_only();
    let Some(own) = pairs.get(place).map(target) else {
        return false;
    };
    let all = pairs.iter().zip(images).enumerate();
    all.filter(|(other, _)| *other != place)
        .any(|(_, (pair, image))| image.sent > 0 && target(pair) == own)
}
