//! What is known of the two that are compared.

use std::borrow::Cow;

use super::status::{comparison_status, failure_status, node_status};
use super::{Stamp, Status, Summary};
use crate::humanize::sentence;
use crate::workflow::diff::{Found, Model, Position, Side, Trouble};

impl Side {
    /// Whether what came of it is what was named, with its word; the worst of all counts.
    #[must_use]
    pub fn status(&self) -> (Status, Cow<'static, str>) {
        if let Some(failure) = self.failure() {
            return failure_status(failure);
        }
        let nodes = [self.root(), self.node()].into_iter().flatten();
        let config = self
            .config()
            .map(|config| comparison_status(&config.comparison));
        let failed = self.config_failure().map(failure_status);
        let known = nodes.map(node_status).chain(config).chain(failed);
        // Of equals the first: the manifest that was named.
        let worst = known.reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
        worst.unwrap_or((Status::Pending, "on its way".into()))
    }
}

impl Model {
    /// All of it for a person in a hurry; `found` is what [`found`](Self::found) says.
    #[must_use]
    pub fn summary(&self, found: &Found<'_>) -> Summary {
        let stamp = Stamp::new;
        let [left, right] = Position::BOTH.map(|position| self.side(position).target.name());
        let names = format!("{left} and {right}");
        let (title, stamp) = match found {
            Found::Waiting => (
                "Comparing".to_owned(),
                stamp(Status::Pending, "Comparing", "on its way"),
            ),
            Found::Stopped(position, trouble) => (
                self.stopped(*position, trouble),
                stamp(Status::Failed, "Not compared", "see why"),
            ),
            Found::Equal(digest) => (
                "Both are the same, byte for byte".to_owned(),
                stamp(Status::Verified, "The same", digest.short()),
            ),
            Found::Lists(found) if found.is_equal() => (
                "They name the same, and are written differently".to_owned(),
                stamp(Status::Unchecked, "Other bytes", "the same entries"),
            ),
            Found::Images(found) if found.is_equal() && found.configs_compared => (
                "They say the same, and are written differently".to_owned(),
                stamp(Status::Unchecked, "Other bytes", "nothing else differs"),
            ),
            Found::Lists(found) => (
                sentence(&found.sentence()).trim_end_matches('.').to_owned(),
                stamp(Status::Unchecked, "Different", "two lists"),
            ),
            Found::Images(found) => (
                sentence(&found.sentence()).trim_end_matches('.').to_owned(),
                stamp(Status::Unchecked, "Different", "two images"),
            ),
        };
        let is_told = !matches!(found, Found::Waiting | Found::Stopped(..));
        let wrong = Position::BOTH
            .into_iter()
            .find(|position| is_told && !self.side(*position).is_as_named());
        let detail = match wrong {
            Some(position) => format!(
                "{names}. The {} one is not what was named.",
                position.name()
            ),
            None => match self.platform() {
                Some(platform) => format!("{names}, for {platform}."),
                None => format!("{names}."),
            },
        };
        let stamp = match wrong {
            Some(position) => Stamp {
                status: Status::Failed,
                text: "Not as named".to_owned(),
                small: format!("the {} one", position.name()),
            },
            None => stamp,
        };
        Summary {
            title,
            detail,
            stamp,
        }
    }

    fn stopped(&self, position: Position, trouble: &Trouble<'_>) -> String {
        let name = self.side(position).target.name();
        match trouble {
            Trouble::Failed(_) => format!("{name} did not come"),
            Trouble::NoManifest => format!("{name} is no manifest"),
            Trouble::NoEntry(platform) => format!("{name} has no image for {platform}"),
            Trouble::NoPlatform => {
                format!("{name} is a list, and the other one is an image that names no platform")
            }
        }
    }
}
