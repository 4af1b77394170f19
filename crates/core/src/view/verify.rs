//! The verdict on contents that a person gave.
//!
//! A match leaves the content's own stamp, since right bytes may still be a manifest with
//! faults. A mismatch has a stamp of its own, whatever the content's would be.
//!
//! | what the comparison found | title | stamp |
//! | --- | --- | --- |
//! | nothing is expected | the content's own | its own |
//! | what is expected is no digest | the content's own | `Not checked` |
//! | the digest fits | `a.json has the digest you expected` | the content's own |
//! | it could not be compared | `a.json could not be compared` | `Not checked` |
//! | a cause was found | `a.json is not what you expected: …` | `Mismatch` |
//! | no cause, another file fits | `a.json has not the digest …, b.json has` | `Mismatch` |
//! | no cause, and no file fits | `a.json has not the digest you expected` | `Mismatch` |
//!
//! The page asks the inspection of the same bytes for `inspected` first, so format and layers
//! are told in the same words here and there.

use crate::humanize::{count, sentence};
use crate::verify::{Expected, Remedy, Unchecked, Verdict};
use crate::workflow::verify::Report;

use super::status::{Stamp, Status, Summary};

impl Report {
    /// The verdict on the content at `shown` for a person in a hurry; `inspected` is what is
    /// known of it otherwise.
    ///
    /// `names` are the contents' names as the page shows them, in the order of the files. Without
    /// an expected digest, or where `shown` names no file, `inspected` is returned as it is. A
    /// cause that was found stands in the title; where there is none and another of the files has
    /// the digest, that one is named.
    ///
    /// `names` has to be as long as the files, or longer: another file that has the digest is
    /// named by it.
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

/// Makes the stamp of content whose digest is another one, with what it comes from below.
fn mismatch(small: String) -> Stamp {
    Stamp {
        status: Status::Failed,
        text: "Mismatch".into(),
        small,
    }
}

/// Tells how many bytes lie between what is here and what was hashed: often one, a newline.
///
/// `found` is the length of what was given and `right` that of the bytes that fit, so `1 byte
/// too many` is what a person has to take away.
fn off_by(found: usize, right: usize) -> String {
    match found.cmp(&right) {
        std::cmp::Ordering::Greater => count(found - right, "byte") + " too many",
        std::cmp::Ordering::Less => count(right - found, "byte") + " too few",
        std::cmp::Ordering::Equal => "as many bytes, and others".into(),
    }
}

/// Tells the reason in a few words, for the stamp; the whole reason stands in the detail.
///
/// An algorithm that is not computed here is named, `no blake3 here`; of all other reasons it
/// says `nothing to compare`.
fn why_in_short(why: Unchecked, asked: &Expected) -> String {
    match why {
        Unchecked::Unsupported => ["no ", asked.digest.algorithm_name(), " here"].concat(),
        _ => "nothing to compare".into(),
    }
}
