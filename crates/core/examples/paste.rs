//! For tests/compose/paste: commands that hold texts made to harm. A JSON array of texts on standard input; for each
//! an object on standard output, with what is copied for each tool or why there is nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;

use serde_json::{Value, json};
use waybill_core::command_line::Line;
use waybill_core::compose::commands::commands;
use waybill_core::compose::{Draft, Entry, EntryOrigin, ListKind};
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;

fn main() -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = serde_json::from_reader(io::stdin())?;
    let target = "localhost:5000/o/app:1".parse()?;
    let copied = texts.iter().map(|text| {
        let draft = draft(text)?;
        let tools = commands(&draft, &target, &[])
            .into_iter()
            .map(|tool| (tool.tool, tool.together()));
        let copied = tools.chain([("the words that an image runs", runs(text).finish())]);
        Ok(copied
            .map(|(tool, line)| match line {
                Ok(line) => (tool, json!({ "copied": line })),
                Err(why) => (tool, json!({ "refused": why.to_string() })),
            })
            .collect())
    });
    let copied: Vec<BTreeMap<_, Value>> = copied.collect::<Result<_, Box<dyn Error>>>()?;
    println!("{}", serde_json::to_string(&copied)?);
    Ok(())
}

/// A list that says the text wherever a list may say any text.
fn draft(text: &str) -> Result<Draft, Box<dyn Error>> {
    let mut entry = Entry {
        reference: Some("localhost:5000/o/other:1".parse()?),
        ..Entry::default()
    };
    // Another platform than the config's, so that tools have to be told.
    entry.origin = Some(EntryOrigin {
        platform: Some("linux/amd64".parse()?),
        ..EntryOrigin::default()
    });
    entry.descriptor.digest = Some(Digest::sha256(b"a manifest"));
    entry.descriptor.annotations = vec![("org.example.entry".to_owned(), text.to_owned())].into();
    let mut platform: waybill_core::platform::Platform = "linux/arm64".parse()?;
    (platform.variant, platform.os_version) = (Some(text.to_owned()), Some(text.to_owned()));
    platform.os_features = vec![text.to_owned()];
    entry.descriptor.platform = Some(platform);
    let mut draft = Draft::new(ListKind::OciIndex);
    draft.entries.push(entry);
    draft.annotations = vec![
        ("org.example.value".to_owned(), text.to_owned()),
        (text.to_owned(), "name".to_owned()),
    ]
    .into();
    draft.artifact_type = Some(MediaType::new(text));
    draft.unknown = vec![(text.to_owned(), "1".to_owned())];
    Ok(draft)
}

/// The line that Inspect shows of an image's entrypoint and command.
fn runs(text: &str) -> Line {
    let mut line = Line::new("docker");
    for word in [text, "-c", text] {
        line.word(word);
    }
    line
}
