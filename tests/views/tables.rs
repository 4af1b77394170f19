//! The tables of contents of an image's layers, as a person meets them: what listing by them costs, whose seal it is, and
//! what is said where a layer says otherwise.

use std::rc::Rc;

use waybill::inspection::files::message::{ContentTold, Effect, Msg, TableTold};
use waybill_blobs::extract::Extracted;
use waybill_blobs::files::{Answer, Look, Which};
use waybill_blobs::finding::Told;
use waybill_blobs::toc::{Format, Proof, Seal, Stated};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;

use super::files::{Held, PASSWD, digest, read};

/// What a layer states that has a table of eStargz.
pub(crate) fn stated(size: u64) -> Stated {
    let mut layer = Descriptor {
        size: Some(size),
        ..Descriptor::default()
    };
    let name = "containerd.io/snapshot/stargz/toc.digest";
    layer.annotations.set(name, digest(9).to_string());
    Stated::of(&layer).expect("a table")
}

fn seal(problems: Vec<Told>) -> TableTold {
    TableTold::Sealed(Box::new(Seal {
        format: Format::Estargz,
        digest: digest(9),
        is_packed: false,
        entries: 6,
        requests: 1,
        bytes: 65_536,
        problems,
        left_out: 0,
    }))
}

fn differs(path: &str, message: &str) -> Told {
    Told {
        code: "toc-differs".into(),
        severity: "error".into(),
        layer: 0,
        path: path.into(),
        message: message.into(),
    }
}

/// The first layer has a table, the second has none.
fn announced() -> Held {
    Held::with(&[None, None], &[Some(stated(1_200_000)), None])
}

/// With the first layer listed from its table: the worker has its list.
pub(crate) fn listed() -> Held {
    let mut held = announced();
    held.tell(Msg::List);
    held.by_table = Some(Held::listings().remove(0));
    held.tell(Msg::Table(0, seal(Vec::new())));
    held.came(1);
    held
}

/// The same, with a file that came by its chunks.
pub(crate) fn proven() -> Held {
    let mut held = listed();
    held.tell(Msg::Go("/bin/su".into()));
    held.tell(Msg::Open);
    let found = Extracted {
        digest: Digest::sha256(PASSWD.as_bytes()),
        size: 26,
        is_whole: true,
    };
    let bytes = Rc::from(PASSWD.as_bytes());
    let told = ContentTold::Proven(found, Some(bytes), Proof::File);
    held.tell(Msg::Content(told));
    held
}

/// All layers read and compared.
pub(crate) fn compared(differences: Vec<Told>) -> Held {
    let mut held = listed();
    held.tell(Msg::Read);
    held.compared = Some(differences);
    held.came(0);
    held.came(1);
    held
}

pub(crate) fn differing() -> Held {
    compared(vec![
        differs(
            "bin/su",
            "its mode is 0755 in the table, 4755 in the archive",
        ),
        differs("only/here", "the table has it, the archive has not"),
    ])
}

#[test]
fn the_button_says_what_the_tables_cost_and_the_other_what_the_layers_do() {
    let mut held = announced();
    let html = held.html();
    let words = "Read 1 table of contents and 1 layer, about 2.5 MB, and list the files";
    assert!(html.contains(words), "{html}");
    assert!(
        html.contains("Read 2 layers, 3.6 MB, and list their files"),
        "{html}"
    );
    held.tell(Msg::List);
    let [Effect::Read(layers), Effect::ReadTables(tables)] = held.effects.as_slice() else {
        panic!("{:?}", held.effects);
    };
    assert_eq!(
        layers.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(tables.as_slice(), [(0, digest(0), stated(1_200_000))]);
    // A layer so small that its end is all of it: the cost is exact, and nothing else is read.
    let mut held = Held::with(&[None, None], &[Some(stated(900)), Some(stated(900))]);
    let html = held.html();
    assert!(
        html.contains("Read 2 tables of contents, 1.8 kB, and list the files"),
        "{html}"
    );
    held.tell(Msg::List);
    assert!(matches!(held.effects.as_slice(), [Effect::ReadTables(tables)] if tables.len() == 2));
    assert!(held.html().contains("Reading tables of contents"));
}

#[test]
fn a_table_that_cannot_be_used_has_its_layer_read_whole() {
    let mut held = announced();
    held.tell(Msg::List);
    held.effects.clear();
    let why = "the table has the digest A, the manifest names B";
    held.tell(Msg::Table(0, TableTold::Failed(why.into())));
    let [Effect::Read(layers)] = held.effects.as_slice() else {
        panic!("{:?}", held.effects);
    };
    assert_eq!(
        layers.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [0]
    );
    held.came(0);
    held.came(1);
    let html = held.html();
    assert!(
        html.contains(why) && html.contains("The layer was read whole instead."),
        "{html}"
    );
    assert!(!html.contains("was not read"), "{html}");
}

#[test]
fn a_seal_of_a_table_is_never_one_of_the_layer() {
    let mut held = listed();
    let html = held.html();
    assert!(
        html.contains("Listed from the layer's table of contents, whose digest"),
        "{html}"
    );
    assert!(
        html.contains("was checked here; the layer itself was not read."),
        "{html}"
    );
    assert!(
        html.contains("eStargz: 6 entries by 1 request of 65.5 kB"),
        "{html}"
    );
    held.tell(Msg::Go("/bin/su".into()));
    assert!(held.html().contains("by the table of contents"));
    held.effects.clear();
    held.tell(Msg::Open);
    assert!(matches!(
        held.effects.as_slice(),
        [
            Effect::StopExtracting,
            Effect::ExtractChunks {
                table: 0,
                save: None,
                ..
            }
        ]
    ));
    // A file of the other layer comes as ever.
    held.tell(Msg::Go("/etc/passwd".into()));
    assert!(!held.html().contains("by the table of contents"));
    held.tell(Msg::Open);
    assert!(matches!(held.effects.last(), Some(Effect::Extract { .. })));
}

#[test]
fn layers_that_are_read_are_compared_and_what_differs_is_listed() {
    let held = compared(Vec::new());
    let html = held.html();
    assert!(
        html.contains("The layer says the same as its table of contents"),
        "{html}"
    );
    assert!(!html.contains("and compare"), "{html}");
    let html = differing().html();
    assert!(
        html.contains("The layer and its table of contents differ"),
        "{html}"
    );
    assert!(
        html.contains("Its mode is 0755 in the table, 4755 in the archive."),
        "{html}"
    );
    // What is only noted makes no difference.
    let mut note = differs(
        "",
        "the contents of 3 files were not compared in full, chunk by chunk",
    );
    note.severity = "note".into();
    let html = compared(vec![note]).html();
    assert!(
        html.contains("The layer says the same as its table of contents"),
        "{html}"
    );
    assert!(
        html.contains("not compared in full, chunk by chunk"),
        "{html}"
    );
}

#[test]
fn layers_that_were_read_before_are_compared_for_the_bytes_of_the_tables() {
    let table = Some(stated(1_200_000));
    let mut held = Held::with(&[Some(read(0)), Some(read(1))], &[table, None]);
    let html = held.html();
    assert!(
        html.contains("Read the tables of contents, about 65.5 kB, and compare"),
        "{html}"
    );
    held.effects.clear();
    held.tell(Msg::Read);
    assert!(matches!(held.effects.as_slice(), [Effect::ReadTables(tables)] if tables.len() == 1));
    held.compared = Some(Vec::new());
    held.tell(Msg::Table(0, seal(Vec::new())));
    let html = held.html();
    assert!(html.contains("The layer says the same"), "{html}");
    assert!(!html.contains("and compare"), "{html}");
}

#[test]
fn a_layer_is_not_open_before_its_table_came_that_it_is_compared_with() {
    let mut held = announced();
    held.tell(Msg::Read);
    held.came(0);
    held.came(1);
    assert!(held.files.is_none());
    held.compared = Some(Vec::new());
    held.tell(Msg::Table(0, seal(Vec::new())));
    let files = held.files.as_mut().expect("they are open");
    let ask = waybill_blobs::files::Ask::Entry(Look::Image, Which::Path("/bin/su".into()));
    assert!(matches!(files.answer(&ask), Answer::Entry(Some(_))));
    assert!(held.html().contains("The layer says the same"));
}
