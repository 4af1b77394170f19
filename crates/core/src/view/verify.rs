//! The verdict on contents that a person gave.

use crate::humanize::{count, sentence};
use crate::verify::{Expected, Remedy, Unchecked, Verdict};
use crate::workflow::verify::Report;

use super::status::{Stamp, Status, Summary};

impl Report {
    /// The verdict on the content at `shown` for a person in a hurry; `inspected` is what is known of it otherwise.
    #[must_use]
    pub fn summary(&self, names: &[&str], shown: usize, inspected: Summary) -> Summary {
        let (Some(file), Some(name)) = (self.files.get(shown), names.get(shown)) else {
            return inspected;
        };
        let about = sentence(&inspected.title);
        let asked = match &self.expected {
            None => return inspected,
            Some(Err(error)) => {
                let detail = [
                    "What you expect is no digest: ",
                    &sentence(&error.to_string()),
                ]
                .concat();
                let stamp = Stamp {
                    status: Status::Unchecked,
                    text: "Not checked".into(),
                    small: "no digest to compare with".into(),
                };
                return Summary {
                    title: inspected.title,
                    detail,
                    stamp,
                };
            }
            Some(Ok(asked)) => asked,
        };
        match (&file.verdict, self.cause()) {
            (Verdict::Verified, _) => Summary {
                title: [name, " has the digest you expected"].concat(),
                detail: about,
                stamp: inspected.stamp,
            },
            (Verdict::NotChecked(why), None) => {
                let title = [name, " could not be compared"].concat();
                let mut detail = sentence(why.reason());
                detail.push(' ');
                detail.push_str(&about);
                Summary {
                    title,
                    detail,
                    stamp: Stamp {
                        status: Status::Unchecked,
                        text: "Not checked".into(),
                        small: why_in_short(*why, asked),
                    },
                }
            }
            (_, Some(cause)) => {
                let title = [name, " is not what you expected: ", &cause.sentence].concat();
                let small = match &cause.right {
                    Remedy::Bytes(right) => off_by(file.size, right.len()),
                    Remedy::Digest(_) => "another digest is right".into(),
                    Remedy::Unknown => "see why".into(),
                };
                Summary {
                    title,
                    detail: about,
                    stamp: mismatch(small),
                }
            }
            (_, None) => {
                let (title, stamp) = match self.matching() {
                    Some(other) => {
                        let title = [
                            name,
                            " has not the digest you expected, ",
                            names[other],
                            " has",
                        ]
                        .concat();
                        (title, mismatch("another file is it".into()))
                    }
                    None => (
                        [name, " has not the digest you expected"].concat(),
                        mismatch("no usual cause".into()),
                    ),
                };
                Summary {
                    title,
                    detail: about,
                    stamp,
                }
            }
        }
    }
}

fn mismatch(small: String) -> Stamp {
    Stamp {
        status: Status::Failed,
        text: "Mismatch".into(),
        small,
    }
}

fn off_by(found: usize, right: usize) -> String {
    match found.cmp(&right) {
        std::cmp::Ordering::Greater => count(found - right, "byte") + " too many",
        std::cmp::Ordering::Less => count(right - found, "byte") + " too few",
        std::cmp::Ordering::Equal => "as many bytes, and others".into(),
    }
}

fn why_in_short(why: Unchecked, asked: &Expected) -> String {
    match why {
        Unchecked::Unsupported => ["no ", asked.digest.algorithm_name(), " here"].concat(),
        _ => "nothing to compare".into(),
    }
}
