use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::workflow::compose::{
    AnnotationOwner, Effect as Want, Msg as Change, RowId, RowState,
};
use waybill_core::workflow::fetch::{Failure, Received};

use super::command::Command;
use super::message::{Effect, Field, Key, Msg};
use super::state::State;
use crate::local_content::{Import, LocalContent};
use crate::shell::Request;

const IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;

/// The page, and what it had to do in the browser and at registries, until that is looked at.
struct Page {
    state: State,
    effects: Vec<Effect>,
}

impl Page {
    fn new(kept: Option<&str>) -> Self {
        Self {
            state: State::new(kept),
            effects: Vec::new(),
        }
    }

    /// Sends a message, and returns what the shell is asked for.
    fn tell(&mut self, msg: Msg) -> Vec<Request> {
        let mut requests = Vec::new();
        for effect in self.state.update(msg) {
            match effect {
                Effect::Request(request) => requests.push(request),
                effect => self.effects.push(effect),
            }
        }
        requests
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

impl std::ops::Deref for Page {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

fn type_in(compose: &mut Page, field: Field, text: &str) -> Vec<Request> {
    compose.tell(Msg::Typed(field, text.to_owned()))
}

/// Adds these sources, and answers each with an image of its own.
fn with_images(sources: &str) -> Page {
    let mut compose = Page::new(None);
    compose.tell(Msg::Command(Command::Show));
    type_in(&mut compose, Field::Sources, sources);
    compose.tell(Msg::AddSources);
    answer(&mut compose, |reference| {
        Ok(Received::local(image(&reference.to_string())))
    });
    compose
}

/// An image that differs from others by an annotation.
fn image(note: &str) -> Rc<[u8]> {
    IMAGE
        .replace(
            "\"layers\"",
            &format!("\"annotations\":{{\"note\":\"{note}\"}},\"layers\""),
        )
        .into_bytes()
        .into()
}

fn answer(compose: &mut Page, answer: impl Fn(&Reference) -> Result<Received, Failure>) {
    for doing in compose.take_effects() {
        let Effect::Workflow(Want::Fetch {
            generation,
            reference,
            what,
            ..
        }) = doing
        else {
            continue;
        };
        let result = answer(&reference);
        compose.tell(Msg::Change(Change::Received {
            generation,
            reference,
            what,
            result,
        }));
    }
}

fn order(compose: &Page) -> Vec<u64> {
    compose
        .model()
        .composition()
        .rows
        .iter()
        .map(|row| row.id.0)
        .collect()
}

fn focused(compose: &mut Page) -> Vec<String> {
    let focus = |doing| {
        if let Effect::Focus(id) = doing {
            Some(id)
        } else {
            None
        }
    };
    compose
        .take_effects()
        .into_iter()
        .filter_map(focus)
        .collect()
}

#[test]
fn what_is_wrong_stays_in_the_box_and_the_rest_is_fetched() {
    let mut compose = Page::new(None);
    type_in(
        &mut compose,
        Field::Sources,
        "http://r.example:5000/a:1\na//b\nr.example/a:2",
    );
    let effects = compose.tell(Msg::AddSources);
    let host = "r.example:5000".parse().expect("a host");
    assert_eq!(effects, [Request::SetPlainHttp(host)]);
    assert_eq!(compose.typed(&Field::Sources), Some("a//b"));
    assert!(compose.submitted);
    assert_eq!(order(&compose), [1, 2]);
    let doing = compose.take_effects();
    let fetches = doing
        .iter()
        .filter(|doing| matches!(doing, Effect::Workflow(Want::Fetch { .. })));
    assert_eq!(fetches.count(), 2);
    assert!(doing.contains(&Effect::Focus("sources".into())) && doing.contains(&Effect::KeepSoon));
}

#[test]
fn a_row_moves_within_the_list_and_keeps_the_focus() {
    let mut compose = with_images("r.example/a:1\nr.example/a:2\nr.example/a:3");
    compose.take_effects();
    compose.tell(Msg::Move(RowId(3), true));
    assert_eq!(order(&compose), [1, 3, 2]);
    assert_eq!(compose.said, "no platform is 2 of 3");
    assert_eq!(focused(&mut compose), ["up-3"]);
    compose.tell(Msg::Key(Key::Move {
        row: RowId(3),
        up: true,
        focus: "edit-3".into(),
    }));
    compose.tell(Msg::Key(Key::Move {
        row: RowId(3),
        up: true,
        focus: "edit-3".into(),
    }));
    assert_eq!(order(&compose), [3, 1, 2]);
    assert_eq!(compose.said, "no platform is the first already");
    assert_eq!(focused(&mut compose), ["edit-3", "edit-3"]);
    compose.tell(Msg::Move(RowId(2), false));
    assert_eq!(compose.said, "no platform is the last already");
    compose.tell(Msg::Change(Change::Undo));
    assert_eq!(order(&compose), [1, 3, 2]);
    compose.tell(Msg::Remove(RowId(2)));
    assert_eq!(focused(&mut compose), ["down-2", "remove-3"]);
    compose.tell(Msg::Remove(RowId(1)));
    compose.tell(Msg::Remove(RowId(3)));
    assert_eq!(focused(&mut compose), ["remove-3", "sources"]);
}

#[test]
fn a_platform_is_written_when_it_is_whole_and_undone_as_one() {
    let mut compose = with_images("r.example/a:1");
    let platform = |compose: &Page| {
        let entry = &compose.model().written().list.entries[0];
        entry.platform.as_ref().map(ToString::to_string)
    };
    type_in(&mut compose, Field::Platform(RowId(1), 0), "linux");
    assert_eq!(
        (platform(&compose), compose.platform(RowId(1))),
        (None, Err("architecture is missing"))
    );
    for typed in ["a", "arm64"] {
        type_in(&mut compose, Field::Platform(RowId(1), 1), typed);
    }
    type_in(&mut compose, Field::Platform(RowId(1), 4), "a b");
    assert_eq!(platform(&compose).as_deref(), Some("linux(+a+b)/arm64"));
    type_in(&mut compose, Field::Platform(RowId(1), 0), " ");
    assert_eq!(compose.platform(RowId(1)), Err("os is missing"));
    assert_eq!(
        platform(&compose).as_deref(),
        Some("linux(+a+b)/arm64"),
        "what is not whole changes nothing"
    );
    compose.tell(Msg::Change(Change::Undo));
    assert_eq!(platform(&compose), None);
    assert_eq!(
        compose.part(RowId(1), 1),
        "",
        "the boxes say what the list says again"
    );
    compose.tell(Msg::Change(Change::Redo));
    assert_eq!(compose.part(RowId(1), 1), "arm64");
}

#[test]
fn a_target_has_no_digest_and_what_is_none_is_no_target() {
    let mut compose = with_images("r.example/a:1");
    type_in(
        &mut compose,
        Field::Target,
        &format!("http://r.example:5000/b:1@{}", Digest::sha256(b"")),
    );
    let target = |compose: &Page| {
        compose
            .model()
            .composition()
            .target
            .as_ref()
            .map(Reference::familiar)
    };
    assert_eq!(target(&compose).as_deref(), Some("r.example:5000/b:1"));
    assert!(compose.target_is_plain_http());
    // The push goes the way that was asked for.
    let host = "r.example:5000".parse().expect("a host");
    assert_eq!(compose.tell(Msg::PlanPush), [Request::SetPlainHttp(host)]);
    type_in(&mut compose, Field::Target, "r.example//b");
    assert_eq!(target(&compose), None);
    let saved = compose.tell(Msg::Save);
    let bytes = Rc::clone(&compose.model().written().bytes);
    assert_eq!(saved, [Request::Save("list.oci-index.json".into(), bytes)]);
}

#[test]
fn a_box_for_one_source_keeps_what_is_none() {
    let mut compose = with_images("r.example/a:1\nr.example/a:2");
    for (field, own) in [
        (Field::Subject, Msg::SetSubject),
        (Field::Replacement(RowId(2)), Msg::Replace(RowId(2))),
    ] {
        type_in(&mut compose, field.clone(), "a//b");
        assert_eq!(compose.tell(own.clone()), []);
        assert_eq!(compose.typed(&field), Some("a//b"));
        type_in(&mut compose, field.clone(), "r.example/a:3");
        compose.tell(own);
        assert_eq!(compose.typed(&field), None);
    }
    let composition = compose.model().composition();
    assert_eq!(
        composition
            .subject
            .as_ref()
            .map(|row| row.source.name())
            .as_deref(),
        Some("r.example/a:3")
    );
    assert_eq!(composition.rows[1].source.name(), "r.example/a:3");
}

#[test]
fn an_annotation_needs_a_name() {
    let mut compose = with_images("r.example/a:1");
    type_in(&mut compose, Field::Value(AnnotationOwner::List), "b");
    compose.tell(Msg::Annotate(AnnotationOwner::List));
    assert_eq!(
        compose.typed(&Field::Value(AnnotationOwner::List)),
        Some("b")
    );
    type_in(&mut compose, Field::Name(AnnotationOwner::List), "a");
    compose.tell(Msg::Annotate(AnnotationOwner::List));
    type_in(
        &mut compose,
        Field::Annotation(AnnotationOwner::List, "a".into()),
        "bc",
    );
    assert_eq!(
        *compose.model().composition().annotations,
        [("a".to_owned(), "bc".to_owned())]
    );
    assert_eq!(
        focused(&mut compose).last().map(String::as_str),
        Some("annotation-name")
    );
}

#[test]
fn the_work_is_kept_as_text_until_it_is_too_long_and_read_again() {
    let mut compose = with_images("r.example/a:1");
    compose.take_effects();
    compose.tell(Msg::Keep);
    let doing = compose.take_effects();
    let [Effect::Keep(Some(text))] = &doing[..] else {
        panic!("{doing:?}")
    };
    let mut again = Page::new(Some(text));
    // Whatever comes first lets it begin.
    again.tell(Msg::Command(Command::Show));
    assert_eq!(
        again.model().composition().rows[0].source.name(),
        "r.example/a:1"
    );
    assert!(
        matches!(
            &again.take_effects()[..],
            [Effect::Workflow(Want::Fetch { .. })]
        ),
        "nothing kept counts as hashed"
    );
    assert_eq!(
        again.model().state(&again.model().composition().rows[0]),
        RowState::Unverified(None)
    );
    // What a tab has no room for is not kept, and told.
    let large = IMAGE.replace(
        "\"layers\"",
        &format!(
            "\"annotations\":{{\"a\":\"{}\"}},\"layers\"",
            "x".repeat(4_000_000)
        ),
    );
    let opened = Import {
        files: vec![LocalContent::new("large.json", large.into_bytes(), true)],
        ..Import::default()
    };
    compose.tell(Msg::Command(Command::Import(opened)));
    compose.take_effects();
    compose.tell(Msg::Keep);
    assert_eq!(compose.take_effects(), [Effect::Keep(None)]);
    assert!(!compose.kept);
    compose.tell(Msg::Change(Change::Clear));
    compose.take_effects();
    compose.tell(Msg::Keep);
    assert_eq!(compose.take_effects(), [Effect::Keep(None)]);
    assert!(compose.kept, "there is nothing to keep");
}

#[test]
fn the_commands_of_a_tool_are_copied_as_one_or_refused_with_the_reason() {
    let mut compose = with_images("r.example/a:1");
    type_in(&mut compose, Field::Target, "r.example/a:list");
    let copied = |compose: &mut Page, tool| {
        compose.tell(Msg::CopyCommands {
            tool,
            plain_http: Vec::new(),
        })
    };
    let annotate = |compose: &mut Page, value: &str| {
        let (name, value) = ("org.example.note".to_owned(), Some(value.to_owned()));
        compose.tell(Msg::Change(Change::Annotate {
            on: AnnotationOwner::List,
            name,
            value,
        }));
    };
    annotate(&mut compose, "a\u{3}\ntouch X\n");
    let effects = copied(&mut compose, "docker manifest");
    let [Request::Copy(text)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let (last, others) = text
        .split('\n')
        .collect::<Vec<_>>()
        .split_last()
        .map(|(l, o)| (*l, o.to_vec()))
        .expect("lines");
    assert!(
        others[0].starts_with(": 'leaves out ") && others.iter().all(|line| line.ends_with(" &&")),
        "{text}"
    );
    assert_eq!(last, "docker manifest push r.example/a:list");

    annotate(&mut compose, "a\0");
    assert_eq!(copied(&mut compose, "regctl"), []);
    let (tool, why) = compose.unsayable.clone().expect("a reason");
    assert!(
        tool == "regctl" && why.contains("--annotation has a NUL character"),
        "{why}"
    );
    assert!(matches!(
        copied(&mut compose, "crane").as_slice(),
        [Request::Copy(_)]
    ));
    annotate(&mut compose, "a");
    assert!(
        matches!(
            copied(&mut compose, "regctl").as_slice(),
            [Request::Copy(_)]
        ) && compose.unsayable.is_none()
    );
}

#[test]
fn keys_are_for_the_page_that_is_shown() {
    let mut compose = with_images("r.example/a:1");
    compose.tell(Msg::Command(Command::Hide));
    compose.take_effects();
    assert_eq!(compose.tell(Msg::Key(Key::Undo)), []);
    assert_eq!((order(&compose), compose.take_effects()), (vec![1], vec![]));
    compose.tell(Msg::Command(Command::Show));
    compose.tell(Msg::Key(Key::Undo));
    assert!(order(&compose).is_empty());
    compose.tell(Msg::Key(Key::Redo));
    assert_eq!(order(&compose), [1]);
}
