//! What `dive --ci` says of the figures.

use std::fmt;

use super::Figures;

/// How bad the figures may be; `None` is dive's `disabled`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// dive's `lowestEfficiency`, from 0 to 1.
    pub lowest_efficiency: Option<f64>,
    /// dive's `highestUserWastedPercent`, from 0 to 1, in spite of its name.
    pub highest_user_wasted_percent: Option<f64>,
    /// dive's `highestWastedBytes`.
    pub highest_wasted_bytes: Option<u64>,
}

impl Default for Thresholds {
    /// Those of dive.
    fn default() -> Self {
        Self {
            lowest_efficiency: Some(0.9),
            highest_user_wasted_percent: Some(0.1),
            highest_wasted_bytes: None,
        }
    }
}

/// What came of each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The score is not below the threshold.
    pub lowest_efficiency: Status,
    /// The wasted part of the user's bytes is not above the threshold.
    pub highest_user_wasted_percent: Status,
    /// The wasted bytes are not above the threshold.
    pub highest_wasted_bytes: Status,
}

/// What came of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It holds, or there is nothing to compare: a figure that is NaN passes.
    Passed,
    /// It does not hold.
    Failed,
    /// Nobody asked for it.
    Disabled,
}

/// A threshold is not from 0 to 1, and dive fails before it looks at any rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdError;

impl fmt::Display for ThresholdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a threshold is not between 0 and 1")
    }
}

impl std::error::Error for ThresholdError {}

impl Verdict {
    /// Whether `dive --ci` ends well.
    #[must_use]
    pub fn passes(&self) -> bool {
        ![
            self.lowest_efficiency,
            self.highest_user_wasted_percent,
            self.highest_wasted_bytes,
        ]
        .contains(&Status::Failed)
    }
}

impl Figures {
    /// Compares with thresholds: a figure that is equal to its threshold passes.
    pub fn verdict(&self, thresholds: &Thresholds) -> Result<Verdict, ThresholdError> {
        let parts = [
            thresholds.lowest_efficiency,
            thresholds.highest_user_wasted_percent,
        ];
        if parts
            .iter()
            .flatten()
            .any(|part| *part < 0.0 || *part > 1.0)
        {
            return Err(ThresholdError);
        }
        Ok(Verdict {
            lowest_efficiency: status(thresholds.lowest_efficiency, |lowest| lowest > self.score),
            highest_user_wasted_percent: status(
                thresholds.highest_user_wasted_percent,
                |highest| highest < self.wasted_user_percent,
            ),
            highest_wasted_bytes: status(thresholds.highest_wasted_bytes, |highest| {
                highest < self.wasted_bytes
            }),
        })
    }
}

fn status<T>(threshold: Option<T>, fails: impl Fn(T) -> bool) -> Status {
    match threshold.map(fails) {
        None => Status::Disabled,
        Some(true) => Status::Failed,
        Some(false) => Status::Passed,
    }
}
