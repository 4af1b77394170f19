//! What came of several copies, to be kept: the report of each, and how many there are.

use super::{Image, Pair, Standing, Sums};
use crate::humanize;
use crate::json::Writer;
use crate::json::style::Escapes;

/// Several copies as far as they went.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Each image: what is copied where, how it stands, and its own report, as text or as JSON,
    /// where it has a plan.
    pub images: &'a [(&'a Pair, &'a Image, Option<String>)],
}

impl Report<'_> {
    fn sums(&self) -> Sums {
        Sums::new(self.images.iter().map(|(pair, image, _)| (*pair, *image)))
    }

    /// How it ended, in a word: `copied` where all were copied and read back, else `incomplete`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        let sums = self.sums();
        if sums.copied == sums.images {
            "copied"
        } else {
            "incomplete"
        }
    }

    /// As text: the sum, then a block an image.
    #[must_use]
    pub fn text(&self) -> String {
        let sums = self.sums();
        let number = |value: usize| humanize::number(value as u64);
        let (sent, all) = (humanize::number(sums.sent), humanize::number(sums.bytes));
        let head = [
            ["outcome: ", self.outcome()].concat(),
            [
                "copied: ",
                &number(sums.copied),
                " of ",
                &number(sums.images),
            ]
            .concat(),
            ["bytes sent: ", &sent, " of ", &all].concat(),
            String::new(),
        ];
        let mut text = head.join("\n");
        for (pair, image, whole) in self.images {
            text.push('\n');
            match whole {
                Some(whole) => text.push_str(whole),
                None => text.push_str(&without_plan(pair, image)),
            }
        }
        text
    }

    /// As JSON: one object with the object of each report in `copies`.
    #[must_use]
    pub fn json(&self) -> String {
        let sums = self.sums();
        let mut json = Writer::new(Escapes::Plain);
        json.open('{');
        json.text("outcome", self.outcome());
        json.raw("images", &sums.images.to_string());
        json.raw("copied", &sums.copied.to_string());
        json.raw("bytesSent", &sums.sent.to_string());
        json.raw("bytes", &sums.bytes.to_string());
        json.name("copies");
        json.open('[');
        for (pair, image, whole) in self.images {
            json.next();
            if let Some(whole) = whole {
                json.value(whole);
                continue;
            }
            json.open('{');
            json.text("outcome", outcome(image));
            json.text("from", &pair.source.to_string());
            json.text("to", &pair.target.to_string());
            json.texts("failures", image.why.as_slice());
            json.close('}');
        }
        json.close(']');
        json.close('}');
        json.into_text()
    }
}

/// What a report says of an image that has no plan.
fn without_plan(pair: &Pair, image: &Image) -> String {
    let mut lines = vec![
        ["outcome: ", outcome(image)].concat(),
        ["from: ", &pair.source.to_string()].concat(),
        ["to: ", &pair.target.to_string()].concat(),
    ];
    lines.extend(image.why.as_ref().map(|why| ["failed: ", why].concat()));
    lines.push(String::new());
    lines.join("\n")
}

fn outcome(image: &Image) -> &'static str {
    match image.standing {
        Standing::Waiting | Standing::Planning => "not planned yet",
        Standing::Unplanned => "no plan",
        Standing::Planned => "planned",
        Standing::Running | Standing::Stopped => "stopped",
        Standing::Copied => "copied",
        Standing::Differs => "differs",
    }
}
