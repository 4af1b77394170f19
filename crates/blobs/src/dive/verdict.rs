//! Whether dive lets a build go on: `dive --ci`.

use super::Figures;

/// What an image may be at the worst; `None` where nobody asks. As dive has them where nothing
/// else is configured.
///
/// Source: dive v0.13.1, `cmd/root.go` and `.dive-ci` of its README.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// `lowestEfficiency`, from 0 to 1; 0.9 by default.
    pub lowest_efficiency: Option<f64>,
    /// `highestWastedBytes`; not asked for by default.
    pub highest_wasted_bytes: Option<u64>,
    /// `highestUserWastedPercent`, from 0 to 1 and so no percentage; 0.1 by default.
    pub highest_user_wasted_percent: Option<f64>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            lowest_efficiency: Some(0.9),
            highest_wasted_bytes: None,
            highest_user_wasted_percent: Some(0.1),
        }
    }
}

/// What became of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The image is no worse than it may be.
    Passed,
    /// It is worse.
    Failed,
    /// Nobody asks.
    Skipped,
}

/// What became of each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Of `lowestEfficiency`.
    pub efficiency: Rule,
    /// Of `highestWastedBytes`.
    pub wasted_bytes: Rule,
    /// Of `highestUserWastedPercent`.
    pub user_wasted_percent: Rule,
}

impl Verdict {
    /// Whether the build goes on: no rule failed.
    #[must_use]
    pub fn passes(&self) -> bool {
        let rules = [self.efficiency, self.wasted_bytes, self.user_wasted_percent];
        !rules.contains(&Rule::Failed)
    }
}

impl Figures {
    /// Judges as `dive --ci` does. What is exactly at a threshold passes, and so does a
    /// percentage that is not a number: an image of one layer wastes nothing of what a user
    /// added.
    #[must_use]
    pub fn verdict(&self, thresholds: &Thresholds) -> Verdict {
        let rule = |is_worse: Option<bool>| match is_worse {
            Some(true) => Rule::Failed,
            Some(false) => Rule::Passed,
            None => Rule::Skipped,
        };
        let Thresholds {
            lowest_efficiency,
            highest_wasted_bytes,
            highest_user_wasted_percent,
        } = thresholds;
        Verdict {
            efficiency: rule(lowest_efficiency.map(|lowest| lowest > self.score)),
            wasted_bytes: rule(highest_wasted_bytes.map(|highest| self.wasted_bytes > highest)),
            user_wasted_percent: rule(
                highest_user_wasted_percent.map(|highest| self.wasted_user_percent > highest),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(score: f64, wasted_bytes: u64, user_size: u64, percent: f64) -> Figures {
        Figures {
            score,
            wasted_bytes,
            user_size,
            wasted_user_percent: percent,
            size: 0,
            inefficient: Vec::new(),
        }
    }

    #[test]
    fn only_what_is_worse_than_a_threshold_fails() {
        let all = Thresholds {
            highest_wasted_bytes: Some(10),
            ..Thresholds::default()
        };
        let at_all = figures(0.9, 10, 100, 0.1).verdict(&all);
        assert!(at_all.passes());
        assert_eq!(at_all.wasted_bytes, Rule::Passed);
        let behind_all = figures(0.9_f64.next_down(), 11, 100, 0.1_f64.next_up()).verdict(&all);
        assert_eq!(
            behind_all,
            Verdict {
                efficiency: Rule::Failed,
                wasted_bytes: Rule::Failed,
                user_wasted_percent: Rule::Failed,
            }
        );
        assert!(!behind_all.passes());
    }

    #[test]
    fn what_is_not_a_number_passes_and_what_is_infinite_fails() {
        let thresholds = Thresholds::default();
        let of_one_layer = figures(1.0, 0, 0, f64::NAN).verdict(&thresholds);
        assert_eq!(of_one_layer.user_wasted_percent, Rule::Passed);
        assert_eq!(of_one_layer.wasted_bytes, Rule::Skipped);
        assert!(of_one_layer.passes());
        let of_whiteouts = figures(1.0, 1, 0, f64::INFINITY).verdict(&thresholds);
        assert_eq!(of_whiteouts.user_wasted_percent, Rule::Failed);
        assert!(!of_whiteouts.passes());
    }
}
