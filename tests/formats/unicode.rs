//! The characters that do not show, and their neighbours: core has a table of them, made here of Unicode's data.

use std::fmt::Write as _;

use icu_properties::props::{
    BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, ExtendedPictographic,
    GeneralCategory, Ideographic, JoiningType, PrependedConcatenationMark, Script,
};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData};
use waybill_testkit::hold_file;

/// The classes of core, `lenient/hidden.rs`, in their order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Hidden = 1,
    Virama,
    Joining,
    Mark,
    Emoji,
    Ideograph,
}

/// Every character of a plane that Unicode has assigned anything in, but for private use.
fn characters() -> impl Iterator<Item = char> {
    ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{effff}')
}

/// The scripts whose letters join.
fn joining_scripts() -> Vec<Script> {
    let (types, scripts) = (
        CodePointMapData::<JoiningType>::new(),
        CodePointMapData::<Script>::new(),
    );
    let mut found = Vec::new();
    for character in characters() {
        let script = scripts.get(character);
        if joins(types.get(character)) && script != Script::Common && !found.contains(&script) {
            found.push(script);
        }
    }
    found
}

fn joins(kind: JoiningType) -> bool {
    [
        JoiningType::DualJoining,
        JoiningType::LeftJoining,
        JoiningType::RightJoining,
        JoiningType::JoinCausing,
    ]
    .contains(&kind)
}

/// The class of a character by Unicode's data; of several the first.
fn class_of(character: char, joining_scripts: &[Script]) -> Option<Class> {
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let script = CodePointMapData::<Script>::new().get(character);
    let is_control = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    // Of the format characters some are drawn, as the signs of Arabic that enclose a number.
    let is_format = category == GeneralCategory::Format
        && script == Script::Common
        && !CodePointSetData::new::<PrependedConcatenationMark>().contains(character);
    let is_hidden = is_control
        || is_format
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || CodePointSetData::new::<BidiControl>().contains(character);
    let combining = CodePointMapData::<CanonicalCombiningClass>::new().get(character);
    let joining = CodePointMapData::<JoiningType>::new().get(character);
    let is_mark = || {
        let extensions = ScriptWithExtensions::new();
        joining == JoiningType::Transparent
            && joining_scripts
                .iter()
                .any(|script| extensions.has_script(character, *script))
    };
    if is_hidden {
        Some(Class::Hidden)
    } else if combining == CanonicalCombiningClass::Virama {
        Some(Class::Virama)
    } else if joins(joining) {
        Some(Class::Joining)
    } else if is_mark() {
        Some(Class::Mark)
    } else if CodePointSetData::new::<Emoji>().contains(character)
        || CodePointSetData::new::<ExtendedPictographic>().contains(character)
    {
        Some(Class::Emoji)
    } else if CodePointSetData::new::<Ideographic>().contains(character) {
        Some(Class::Ideograph)
    } else {
        None
    }
}

#[test]
fn the_table_is_unicodes() {
    let scripts = joining_scripts();
    let mut ranges: Vec<(u32, Class, u32)> = Vec::new();
    for character in characters() {
        let Some(class) = class_of(character, &scripts) else {
            continue;
        };
        let at = character as u32;
        match ranges.last_mut() {
            Some((first, other, length))
                if *other == class && *first + *length == at && *length < 0xffff =>
            {
                *length += 1;
            }
            _ => ranges.push((at, class, 1)),
        }
    }
    let mut text = "//! Unicode's properties as ranges: the first character, its class in the lowest three bits, and \
        how\n//! many there are. Made by `tests/formats/unicode.rs` with `UPDATE_GOLDEN=1`; nothing here is \
        written\n//! by hand.\n\n#[rustfmt::skip]\npub(super) const RANGES: &[(u32, u16)] = &["
        .to_owned();
    for (index, (first, class, length)) in ranges.iter().enumerate() {
        text.push_str(if index % 5 == 0 { "\n    " } else { " " });
        write!(text, "({:#x}, {length}),", first << 3 | *class as u32).expect("to a text");
    }
    text.push_str("\n];\n");
    hold_file("crates/core/src/lenient/hidden/table.rs", &text);
}
