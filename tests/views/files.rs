//! The files of an image as a person meets them: the state, with the files of two layers behind it, and what is drawn.

use std::rc::Rc;

use waybill::inspection::files::message::{ContentTold, Effect, Key, LayerTold, Msg, Scroll};
use waybill::inspection::files::state::State;
use waybill::inspection::files::{Read, Subject, SubjectLayer, view};
use waybill::route::{InspectSource, View};
use waybill_blobs::extract::Extracted;
use waybill_blobs::files::{Files, Filter, Look};
use waybill_blobs::finding::Told;
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::Entry;
use waybill_blobs::toc::Stated;
use waybill_core::digest::{Algorithm, Digest, Hasher};
use waybill_testkit::project;
use yew::Callback;

use super::golden::{UPDATE, difference, keep};
use super::page::{drawn, one_tag_a_line};
use super::print::print;
use super::tables;

pub(crate) const PASSWD: &str = "root:x:0:0::/root:/bin/sh\n";

fn entry(kind: u8, name: &str, mode: i64, size: usize) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        kind,
        mode,
        size: i64::try_from(size).expect("a size"),
        user_name: b"root".to_vec(),
        ..Entry::default()
    }
}

fn listing(entries: &[Entry]) -> Rc<[u8]> {
    let mut listing = Listing::new();
    for entry in entries {
        listing.push(entry);
        let mut hasher = Hasher::new(Algorithm::Sha256);
        hasher.update(&entry.name);
        let digest = hasher.finish_sha256().expect("of that algorithm");
        if entry.kind == b'0' {
            listing.hash_content(digest);
        }
    }
    Rc::from(listing.to_bytes())
}

/// The state with what stands behind it in the browser: two layers, and the worker that holds the files.
pub(crate) struct Held {
    state: State,
    pub(crate) files: Option<Files>,
    /// What the worker lists a layer as that has no other listing.
    pub(crate) by_table: Option<Rc<[u8]>>,
    /// What it finds where it compares a layer with its table.
    pub(crate) compared: Option<Vec<Told>>,
    /// The listings that the browser holds, by the layers.
    listings: Vec<(Digest, Rc<[u8]>)>,
    /// What was asked of the browser beside.
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn digest(layer: usize) -> Digest {
    Digest::sha256(&[u8::try_from(layer).expect("a layer")])
}

/// What is known of a layer that was read.
pub(crate) fn read(layer: usize) -> Read {
    Read {
        digest: digest(layer),
        is_listed: true,
        has_contents: true,
        unpacked: 200_000,
        faults: Vec::new(),
    }
}

impl Held {
    fn new() -> Self {
        Self::knowing(&[None, None])
    }

    /// With what is known of each layer.
    fn knowing(known: &[Option<Read>; 2]) -> Self {
        Self::with(known, &[None, None])
    }

    /// With what the layers state of their tables of contents too.
    pub(crate) fn with(known: &[Option<Read>; 2], tables: &[Option<Stated>; 2]) -> Self {
        let layer = |number: usize, step: &str| SubjectLayer {
            table: tables[number].clone(),
            digest: Some(digest(number)),
            size: Some(1_200_000 * (number as u64 + 1)),
            step: Some(step.to_owned()),
            left: None,
            read: known[number].clone(),
        };
        let subject = Subject {
            key: "image".into(),
            source: InspectSource::Reference("harbour/files:1".into()),
            at: View::default(),
            reference: Some("harbour/files:1".parse().expect("a reference")),
            layers: vec![
                layer(0, "ADD rootfs.tar.xz /"),
                layer(1, "RUN rm -r /var/cache"),
            ],
        };
        let mut held = Self {
            state: State::new(Rc::new(subject)),
            files: None,
            by_table: None,
            compared: None,
            listings: Vec::new(),
            effects: Vec::new(),
        };
        for (place, listing) in Self::listings().into_iter().enumerate() {
            if known[place].is_some() {
                held.listings.push((digest(place), listing));
            }
        }
        held.tell(Msg::Came(None, true));
        held
    }

    pub(crate) fn listings() -> Vec<Rc<[u8]>> {
        vec![
            listing(&[
                entry(b'5', "etc/", 0o755, 0),
                entry(b'0', "etc/passwd", 0o644, 26),
                entry(b'0', "bin/su", 0o4755, 40_000),
                entry(b'0', "var/cache/big", 0o644, 90_000),
                Entry {
                    link: b"bin".to_vec(),
                    ..entry(b'2', "sbin", 0o777, 0)
                },
                entry(b'0', "a\u{202e}\x1b[31m", 0o644, 7),
            ]),
            listing(&[
                entry(b'0', "etc/passwd", 0o600, PASSWD.len()),
                entry(b'0', "var/.wh.cache", 0o644, 0),
                entry(b'0', "opt/tool", 0o755, 1),
                entry(b'0', "opt/.wh.tool", 0o644, 0),
            ]),
        ]
    }

    /// The layer of that place was read.
    pub(crate) fn came(&mut self, place: usize) {
        let listing = Self::listings().remove(place);
        self.listings.push((digest(place), listing));
        self.tell(Msg::Told(place, LayerTold::Done(read(place))));
    }

    /// With the files open, and so much of the rows in view.
    fn open() -> Self {
        let mut held = Self::new();
        held.tell(Msg::Read);
        held.came(0);
        held.came(1);
        held.tell(Msg::Scrolled(Scroll {
            top: 0.0,
            height: 512.0,
            row: 28.0,
        }));
        held
    }

    /// Tells the state something, and does what it asks of the worker.
    pub(crate) fn tell(&mut self, msg: Msg) {
        let mut todo: Vec<_> = self.state.update(msg);
        while !todo.is_empty() {
            for effect in std::mem::take(&mut todo) {
                match effect {
                    Effect::OpenListings(layers, tables) => {
                        for (layer, _) in tables {
                            if let Some(differences) = self.compared.take() {
                                let told = Msg::Compared(layer, differences, 0);
                                todo.extend(self.state.update(told));
                            }
                        }
                        let by_table = || match &self.by_table {
                            Some(bytes) => Listing::from_bytes(bytes).expect("a listing"),
                            None => Listing::new(),
                        };
                        let listing = |digest: Digest| {
                            let known = self.listings.iter().find(|(layer, _)| *layer == digest);
                            let (_, bytes) = known.expect("it is held");
                            Listing::from_bytes(bytes).expect("a listing")
                        };
                        let listings = layers
                            .into_iter()
                            .map(|it| it.map_or_else(by_table, listing));
                        let files = Files::open(listings.collect());
                        let opened = Msg::Opened(files.left_out());
                        self.files = Some(files);
                        todo.extend(self.state.update(opened));
                    }
                    Effect::Ask(number, ask) => {
                        let files = self.files.as_mut().expect("they are open");
                        todo.extend(self.state.update(Msg::Answered(number, files.answer(&ask))));
                    }
                    other => self.effects.push(other),
                }
            }
        }
    }

    /// Has the worker answer what was asked of it.
    fn answer(&mut self, asked: Vec<Effect>) {
        for effect in asked {
            if let Effect::Ask(number, ask) = effect {
                let files = self.files.as_mut().expect("they are open");
                let answer = files.answer(&ask);
                self.tell(Msg::Answered(number, answer));
            }
        }
    }

    pub(crate) fn html(&self) -> String {
        drawn(
            view::tab(&self.state, &Callback::noop())
                .expect("it is shown")
                .into(),
        )
    }

    /// The names of the rows, each behind as many dots as it is deep.
    fn rows(&self) -> Vec<String> {
        let rows = self.state.answered.rows.iter();
        rows.map(|row| format!("{}{}", ".".repeat(row.depth as usize - 1), row.name))
            .collect()
    }

    fn path(&self) -> Option<&str> {
        self.state.place.path.as_deref()
    }

    /// The places that were put into the address since it was asked last, and whether each is a new one.
    fn addresses(&mut self) -> Vec<(String, bool)> {
        let effects = std::mem::take(&mut self.effects).into_iter();
        let address = |effect| match effect {
            Effect::Address(place, is_new) => Some((place.written(), is_new)),
            _ => None,
        };
        effects.filter_map(address).collect()
    }
}

/// The states that have a golden file in `tests/golden/files/`.
fn states() -> Vec<(&'static str, Held)> {
    let held = |does: &dyn Fn(&mut Held)| {
        let mut held = Held::open();
        does(&mut held);
        held
    };
    vec![
        ("offer", Held::new()),
        ("by-table", tables::proven()),
        ("table-differs", tables::differing()),
        ("tree", held(&|held| held.tell(Msg::Go("/bin/su".into())))),
        (
            "found",
            held(&|held| held.tell(Msg::Filter(Filter::Hidden))),
        ),
        (
            "changes",
            held(&|held| held.tell(Msg::GoIn(Look::Changes(1), "/etc/passwd".into()))),
        ),
        (
            "engines-differ",
            held(&|held| held.tell(Msg::GoIn(Look::Image, "/opt/tool".into()))),
        ),
        (
            "content",
            held(&|held| {
                held.tell(Msg::Go("/etc/passwd".into()));
                held.tell(Msg::Open);
                let digest = Digest::sha256(PASSWD.as_bytes());
                let found = Extracted {
                    digest,
                    size: 26,
                    is_whole: true,
                };
                let bytes = Rc::from(PASSWD.as_bytes());
                held.tell(Msg::Content(ContentTold::Done(found, Some(bytes))));
            }),
        ),
    ]
}

/// Every state as it is drawn.
pub(crate) fn html() -> Vec<(&'static str, String)> {
    let drawn = states().into_iter();
    drawn.map(|(name, held)| (name, held.html())).collect()
}

#[test]
fn they_look_as_their_golden_files() {
    let update = std::env::var_os(UPDATE).is_some();
    let mut wrong = Vec::new();
    for (name, html) in html() {
        keep(&format!("files-{name}"), &html);
        let page = print(&one_tag_a_line(&html));
        let file = project().join(format!("tests/golden/files/{name}.html"));
        if update {
            std::fs::write(&file, &page).expect("the file is written");
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        wrong.extend(difference(&golden, &page).map(|it| format!("{name}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_button_says_what_reading_costs_and_nothing_is_read_before() {
    let mut held = Held::new();
    assert!(
        held.html()
            .contains("Read 2 layers, 3.6 MB, and list their files")
    );
    assert_eq!(held.effects, []);
    held.tell(Msg::Read);
    assert!(matches!(held.effects.as_slice(), [Effect::Read(layers)] if layers.len() == 2));
    held.tell(Msg::Told(0, LayerTold::Progress(600_000)));
    assert!(held.html().contains("600.0 kB of 3.6 MB"));
    held.tell(Msg::Told(
        0,
        LayerTold::Failed("the connection broke".into(), true),
    ));
    let html = held.html();
    assert!(
        html.contains("the connection broke") && html.contains("Go on"),
        "{html}"
    );
    held.tell(Msg::GoOn(0));
    assert_eq!(held.effects.last(), Some(&Effect::GoOn(0)));
}

#[test]
fn what_was_read_for_the_check_is_not_read_again() {
    // All of it: the files are there at once.
    let held = Held::knowing(&[Some(read(0)), Some(read(1))]);
    assert!(held.rows().contains(&"etc".to_owned()));
    assert!(!held.effects.iter().any(|it| matches!(it, Effect::Read(_))));
    assert!(!held.html().contains("again"));
    // A part of it: the rest is what it costs.
    let mut held = Held::knowing(&[Some(read(0)), None]);
    let html = held.html();
    assert!(
        html.contains("Read 1 layer, 2.4 MB, and list")
            && html.contains("1 layer was read already"),
        "{html}"
    );
    held.tell(Msg::Read);
    let [Effect::Read(layers)] = held.effects.as_slice() else {
        panic!("{:?}", held.effects);
    };
    assert_eq!(
        (layers.len(), layers[0].0, &layers[0].1.digest),
        (1, 1, &digest(1))
    );
    held.tell(Msg::Told(1, LayerTold::Progress(600_000)));
    assert!(held.html().contains("600.0 kB of 2.4 MB"));
    held.listings.push((digest(1), Held::listings().remove(1)));
    held.tell(Msg::Told(1, LayerTold::Done(read(1))));
    assert!(held.rows().contains(&"opt".to_owned()));
}

#[test]
fn what_was_listed_without_contents_says_so_and_is_read_again_for_them() {
    let without = Read {
        has_contents: false,
        ..read(1)
    };
    let mut held = Held::knowing(&[Some(read(0)), Some(without)]);
    let html = held.html();
    assert!(html.contains("Read 1 layer, 2.4 MB, again"), "{html}");
    held.effects.clear();
    held.tell(Msg::ReadContents);
    assert!(
        matches!(held.effects.as_slice(), [Effect::Read(layers)] if layers[0].1.digest == digest(1)),
        "{:?}",
        held.effects
    );
    held.tell(Msg::Told(1, LayerTold::Done(read(1))));
    assert!(held.rows().contains(&"opt".to_owned()));
    assert!(!held.html().contains("again</button>"));
}

#[test]
fn a_file_that_was_opened_is_kept_and_reading_one_says_what_it_costs() {
    let mut held = Held::open();
    held.tell(Msg::Go("/etc/passwd".into()));
    assert!(
        held.html().contains("about 6.5 kB of 2.4 MB"),
        "{}",
        held.html()
    );
    held.tell(Msg::Open);
    let found = Extracted {
        digest: Digest::sha256(b"etc/passwd"),
        size: 26,
        is_whole: true,
    };
    let bytes = Rc::from(PASSWD.as_bytes());
    held.tell(Msg::Content(ContentTold::Done(found, Some(bytes))));
    held.tell(Msg::Go("/bin/su".into()));
    assert!(held.state.content.is_none());
    held.effects.clear();
    held.tell(Msg::Go("/etc/passwd".into()));
    assert!(!held.html().contains("Reads its layer"));
    held.tell(Msg::Open);
    assert!(held.html().contains("root:x:0:0"));
    assert!(
        !held
            .effects
            .iter()
            .any(|it| matches!(it, Effect::Extract { .. }))
    );
    // What was not saved since nobody chose a place leaves nothing.
    held.tell(Msg::Go("/bin/su".into()));
    held.tell(Msg::Save);
    held.tell(Msg::Content(ContentTold::Left));
    assert!(held.state.content.is_none());
}

#[test]
fn a_large_file_that_is_gathered_is_said_to_be_beforehand() {
    let mut held = Held::knowing(&[Some(read(0)), Some(read(1))]);
    held.tell(Msg::Go("/bin/su".into()));
    assert!(!held.html().contains("may run out of memory"));
    let details = held.state.details.as_mut().expect("it is chosen");
    details.size = 600 << 20;
    assert!(
        held.html()
            .contains("it holds all 629.1 MB first, and may run out of memory")
    );
    held.state.is_streamed = true;
    assert!(!held.html().contains("may run out of memory"));
}

#[test]
fn a_file_is_saved_under_a_name_that_systems_take() {
    let mut held = Held::open();
    for (path, name) in [
        ("/a\u{202e}\x1b[31m", "a__[31m"),
        ("/etc/passwd", "passwd"),
        ("/x/.bashrc", "_bashrc"),
        ("/x/...", "file"),
        ("/x/a:b\\x0a", "a_b_x0a"),
    ] {
        held.tell(Msg::Go("/etc/passwd".into()));
        held.state.details.as_mut().expect("it is chosen").path = path.into();
        held.effects.clear();
        held.tell(Msg::Save);
        let [.., Effect::Extract { save, .. }] = held.effects.as_slice() else {
            panic!("{:?}", held.effects);
        };
        assert_eq!(save.as_deref(), Some(name));
    }
}

#[test]
fn what_came_is_listed_without_the_rest_and_that_is_said() {
    let mut held = Held::new();
    held.tell(Msg::Read);
    let base = Held::listings().remove(0);
    held.listings.push((digest(0), base));
    let fault =
        "it needs a window of 128 MiB: the digest is checked, the list and the diff_id are not";
    let wrong = Read {
        digest: digest(7),
        faults: vec![fault.into()],
        ..read(0)
    };
    held.tell(Msg::Told(0, LayerTold::Done(wrong)));
    held.tell(Msg::Told(1, LayerTold::Failed("not found".into(), false)));
    held.tell(Msg::ListWhatCame);
    let html = held.html();
    assert!(
        html.contains("Layer 1 is not the one that the manifest names"),
        "{html}"
    );
    assert!(html.contains(&format!("Layer 1: {fault}.")), "{html}");
    assert!(
        html.contains("Layer 2 is not shown, since it did not come"),
        "{html}"
    );
    assert!(held.rows().contains(&"etc".to_owned()));
}

#[test]
fn keys_walk_the_tree_and_the_address_follows() {
    let mut held = Held::open();
    assert_eq!(held.rows()[1..], ["bin", "etc", "opt", "sbin", "var"]);
    for _ in 0..3 {
        held.tell(Msg::Key(Key::Down));
    }
    assert_eq!(held.path(), Some("/etc"));
    held.tell(Msg::Key(Key::Right));
    held.tell(Msg::Key(Key::Right));
    assert_eq!(held.path(), Some("/etc/passwd"));
    assert_eq!(
        held.addresses().last(),
        Some(&("image/etc/passwd".into(), false))
    );
    assert!(held.html().contains("replaced by layer 2") || held.html().contains("of layer 1"));
    held.tell(Msg::Key(Key::Left));
    assert_eq!(held.path(), Some("/etc"));
    held.tell(Msg::Key(Key::Left));
    assert_eq!(held.rows().len(), 6);
    held.tell(Msg::Key(Key::End));
    assert_eq!(held.path(), Some("/var"));
    held.tell(Msg::Key(Key::Home));
    held.tell(Msg::Key(Key::Up));
    assert_eq!(held.state.active, Some(0));
    // A press is a place to go back to.
    held.tell(Msg::Pressed(4));
    assert_eq!(held.addresses().last(), Some(&("image/sbin".into(), true)));
}

#[test]
fn enter_on_a_file_that_is_not_known_yet_opens_it_once_it_is() {
    for taken_back in [false, true] {
        let mut held = Held::open();
        held.tell(Msg::Go("/etc".into()));
        held.tell(Msg::Key(Key::Right));
        held.effects.clear();
        // The worker takes its time.
        let asked = held.state.update(Msg::Key(Key::Down));
        assert!(held.state.update(Msg::Key(Key::Enter)).is_empty());
        if taken_back {
            held.tell(Msg::Key(Key::Up));
        }
        held.answer(asked);
        let is_read = |effect: &Effect| matches!(effect, Effect::Extract { .. });
        assert_eq!(held.effects.iter().any(is_read), !taken_back);
        let path = if taken_back { "/etc" } else { "/etc/passwd" };
        assert_eq!(held.path(), Some(path));
    }
}

#[test]
fn keys_wait_for_the_rows_of_a_folder_that_is_opened_or_left() {
    let mut held = Held::open();
    held.tell(Msg::Go("/etc".into()));
    let asked = held.state.update(Msg::Key(Key::Right));
    for key in [Key::Down, Key::Enter] {
        assert!(held.state.update(Msg::Key(key)).is_empty());
    }
    held.answer(asked);
    assert_eq!(held.path(), Some("/etc/passwd"));
    let is_read = |effect: &Effect| matches!(effect, Effect::Extract { .. });
    assert!(held.effects.iter().any(is_read));
    let asked = held.state.update(Msg::Key(Key::Left));
    assert!(held.state.update(Msg::Key(Key::Up)).is_empty());
    held.answer(asked);
    assert_eq!(held.path(), Some("/bin"));
}

#[test]
fn an_address_is_shown_and_one_that_is_not_there_is_said() {
    let mut held = Held::open();
    held.tell(Msg::Came(Some("layer.1/var/cache/big".into()), true));
    assert_eq!(held.state.place.look, Look::Layer(0));
    assert!(
        held.rows().contains(&"..big".to_owned()),
        "{:?}",
        held.rows()
    );
    assert!(
        held.html()
            .contains("No container sees it: removed by layer 2.")
    );
    held.tell(Msg::Came(Some("image/var/cache/big".into()), true));
    held.tell(Msg::PathTyped(" nowhere/".into()));
    held.tell(Msg::PathSubmitted);
    assert_eq!(held.path(), Some("/nowhere"));
    assert!(
        held.html()
            .contains("There is nothing there: the image has no such path.")
    );
    assert!(held.state.details.is_none());
    held.tell(Msg::Filter(Filter::Setuid));
    assert_eq!(held.rows(), ["bin/su"]);
    held.tell(Msg::Filter(Filter::Setuid));
    held.tell(Msg::Typed("*c*".into()));
    assert_eq!(held.rows(), ["etc"]);
}

#[test]
fn a_file_is_shown_by_what_it_holds_and_held_to_what_was_listed() {
    let mut held = Held::open();
    held.tell(Msg::Go("/etc/passwd".into()));
    held.effects.clear();
    held.tell(Msg::Open);
    let [
        ..,
        Effect::Extract {
            layer, save: None, ..
        },
    ] = held.effects.as_slice()
    else {
        panic!("it is read: {:?}", held.effects);
    };
    assert_eq!(layer.digest, digest(1));
    let told = |bytes: &str, digest: Digest| {
        let size = bytes.len() as u64;
        let found = Extracted {
            digest,
            size,
            is_whole: true,
        };
        Msg::Content(ContentTold::Done(found, Some(Rc::from(bytes.as_bytes()))))
    };
    held.tell(told(PASSWD, Digest::sha256(b"etc/passwd")));
    let html = held.html();
    assert!(
        html.contains("UTF-8") && html.contains("The same as when its layer"),
        "{html}"
    );
    held.tell(told("other\n", Digest::sha256(b"other\n")));
    assert!(held.html().contains("Not the bytes that were there"));
    // Who goes on leaves it.
    held.tell(Msg::Key(Key::Home));
    assert!(held.state.content.is_none());
}

#[test]
fn hostile_names_are_only_text() {
    let mut held = Held::open();
    held.tell(Msg::Key(Key::Home));
    let html = held.html();
    assert!(
        !html.contains('\u{202e}') && !html.contains('\u{1b}'),
        "{html}"
    );
    assert!(html.contains("U+202E") && html.contains("U+001B"));
    // What is typed is seen, and finds it.
    let typed = held.state.typed.clone();
    assert_eq!(typed, "/a\\xe2\\x80\\xae\\x1b[31m");
    held.tell(Msg::Key(Key::End));
    held.tell(Msg::PathTyped(typed));
    held.tell(Msg::PathSubmitted);
    assert_eq!(held.state.active, Some(0));
}

#[test]
fn waste_stands_beside_dives_figures() {
    let held = Held::open();
    let html = held.html();
    assert!(html.contains("90.0 kB, 90,026 bytes"), "{html}");
    assert!(html.contains("dive --ci") && html.contains("of layer 1, removed by layer 2"));
}
