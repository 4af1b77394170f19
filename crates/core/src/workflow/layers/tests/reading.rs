//! What is read when: at most four at once, pause, go on, cancel, failures.

use super::*;

fn begun(names: &[&str]) -> (Model, Vec<ReadingId>) {
    let mut model = Model::new(Generation(7));
    let wanted = names.iter().map(|name| wanted(name)).collect();
    let effects = update(&mut model, Msg::Check(wanted));
    let readings = effects.iter().map(|effect| match effect {
        Effect::Begin { reading, .. } => *reading,
        other => panic!("{other:?}"),
    });
    let readings = readings.collect();
    (model, readings)
}

fn states(model: &Model) -> Vec<&'static str> {
    let words = |blob: &Blob| match blob.state {
        State::Waiting => "waiting",
        State::Running => "running",
        State::Paused => "paused",
        State::Asking(_) => "asking",
        State::Failed(_) => "failed",
        State::Done(_) => "done",
    };
    model.blobs().iter().map(words).collect()
}

fn one(name: &str) -> Which {
    Which::One(digest(name))
}

fn tell(model: &mut Model, reading: ReadingId, event: Event) -> Vec<Effect> {
    update(model, Msg::Told { reading, event })
}

fn failed(kept: bool) -> Event {
    Event::Failed {
        failure: Box::new(Failure::Broken),
        kept,
    }
}

#[test]
fn four_are_read_at_once_and_the_next_begins_when_one_is_done() {
    let (mut model, readings) = begun(&["a", "b", "c", "d", "e", "f"]);
    assert_eq!(readings.len(), 4);
    assert_eq!(states(&model)[4..], ["waiting", "waiting"]);
    let effects = tell(&mut model, readings[1], Event::Done(Box::new(found("b"))));
    assert!(matches!(&effects[..], [Effect::Begin { wanted, .. }] if wanted.digest == digest("e")));
    assert_eq!(
        states(&model),
        [
            "running", "done", "running", "running", "running", "waiting"
        ]
    );
    // What fails lets the next one begin too.
    let effects = tell(&mut model, readings[0], failed(true));
    assert!(matches!(&effects[..], [Effect::Begin { wanted, .. }] if wanted.digest == digest("f")));
}

#[test]
fn what_was_read_is_not_read_again() {
    let (mut model, readings) = begun(&["a"]);
    assert_eq!(update(&mut model, Msg::Check(vec![wanted("a")])), []);
    tell(&mut model, readings[0], Event::Done(Box::new(found("a"))));
    let effects = update(&mut model, Msg::Check(vec![wanted("a"), wanted("b")]));
    assert!(matches!(&effects[..], [Effect::Begin { wanted, .. }] if wanted.digest == digest("b")));
}

#[test]
fn what_was_only_hashed_is_read_once_more_to_be_unpacked() {
    let mut model = Model::new(Generation(7));
    let hashed = Wanted {
        unpack: false,
        ..wanted("a")
    };
    let effects = update(&mut model, Msg::Check(vec![hashed]));
    let [Effect::Begin { reading, .. }] = effects[..] else {
        panic!("it begins");
    };
    tell(&mut model, reading, Event::Done(Box::new(found("a"))));
    let effects = update(&mut model, Msg::Check(vec![wanted("a")]));
    assert!(matches!(&effects[..], [Effect::Begin { wanted, .. }] if wanted.unpack));
}

#[test]
fn pausing_keeps_what_was_read_and_lets_others_go_on() {
    let (mut model, readings) = begun(&["a", "b", "c", "d", "e"]);
    let effects = update(&mut model, Msg::Pause(one("a")));
    assert_eq!(effects[0], Effect::Pause(readings[0]));
    assert!(matches!(&effects[1], Effect::Begin { wanted, .. } if wanted.digest == digest("e")));
    // Four others are read by now, so it waits for its turn.
    assert_eq!(update(&mut model, Msg::GoOn(one("a"))), []);
    assert_eq!(states(&model)[0], "waiting");
    let effects = tell(&mut model, readings[1], Event::Done(Box::new(found("b"))));
    assert_eq!(effects, [Effect::GoOn(readings[0])]);
}

#[test]
fn all_are_paused_and_go_on_in_their_order() {
    let (mut model, readings) = begun(&["a", "b", "c", "d", "e"]);
    let effects = update(&mut model, Msg::Pause(Which::All));
    assert_eq!(
        effects,
        readings
            .iter()
            .map(|it| Effect::Pause(*it))
            .collect::<Vec<_>>()
    );
    assert_eq!(states(&model), ["paused"; 5]);
    assert!(!model.is_running());
    let effects = update(&mut model, Msg::GoOn(Which::All));
    assert_eq!(
        effects,
        readings
            .iter()
            .map(|it| Effect::GoOn(*it))
            .collect::<Vec<_>>()
    );
    assert_eq!(states(&model)[4], "waiting");
}

#[test]
fn a_broken_connection_goes_on_behind_what_came() {
    let (mut model, readings) = begun(&["a", "b"]);
    let bytes = Bytes {
        received: 400,
        unpacked: 900,
    };
    update(
        &mut model,
        Msg::Progress {
            now: 0,
            all: vec![(readings[0], bytes)],
        },
    );
    tell(&mut model, readings[0], failed(true));
    let blob = model.blob(&digest("a")).expect("it is there");
    assert_eq!((blob.permille(), blob.is_kept()), (400, true));
    assert_eq!(states(&model), ["failed", "running"]);
    let effects = update(&mut model, Msg::GoOn(Which::All));
    assert_eq!(effects, [Effect::GoOn(readings[0])]);
    assert_eq!(model.blob(&digest("a")).map(Blob::permille), Some(400));
    // Where nothing was kept it begins anew, under another name.
    tell(&mut model, readings[0], failed(false));
    let effects = update(&mut model, Msg::GoOn(one("a")));
    let [Effect::Begin { reading, .. }] = effects[..] else {
        panic!("it begins");
    };
    assert_ne!(reading, readings[0]);
    assert_eq!(model.blob(&digest("a")).map(Blob::permille), Some(0));
}

#[test]
fn cancelling_lets_go_and_what_is_told_later_is_dropped() {
    let (mut model, readings) = begun(&["a", "b", "c", "d", "e"]);
    let effects = update(&mut model, Msg::Cancel(Which::All));
    assert_eq!(
        effects,
        readings
            .iter()
            .map(|it| Effect::Cancel(*it))
            .collect::<Vec<_>>()
    );
    assert_eq!(states(&model), ["failed"; 5]);
    tell(&mut model, readings[0], Event::Done(Box::new(found("a"))));
    assert_eq!(states(&model)[0], "failed");
    let old = ReadingId {
        generation: Generation(6),
        ..readings[1]
    };
    update(&mut model, Msg::GoOn(one("b")));
    tell(&mut model, old, Event::Done(Box::new(found("b"))));
    assert_eq!(states(&model)[1], "running");
}

#[test]
fn cancelling_one_that_is_done_changes_nothing() {
    let (mut model, readings) = begun(&["a"]);
    tell(&mut model, readings[0], Event::Done(Box::new(found("a"))));
    assert_eq!(update(&mut model, Msg::Cancel(one("a"))), []);
    assert_eq!(update(&mut model, Msg::Pause(one("a"))), []);
    assert_eq!(states(&model), ["done"]);
    // All that go on leave it too; asked for by itself, it is read once more.
    assert_eq!(update(&mut model, Msg::GoOn(Which::All)), []);
    let effects = update(&mut model, Msg::GoOn(one("a")));
    assert!(matches!(&effects[..], [Effect::Begin { .. }]));
}

#[test]
fn a_bomb_asks_and_the_others_go_on() {
    let (mut model, readings) = begun(&["a", "b", "c", "d", "e"]);
    let effects = tell(&mut model, readings[0], Event::Asks(Limit::Ratio));
    assert!(matches!(&effects[..], [Effect::Begin { wanted, .. }] if wanted.digest == digest("e")));
    assert_eq!(states(&model)[0], "asking");
    // Going on with all is no answer.
    assert_eq!(update(&mut model, Msg::GoOn(Which::All)), []);
    let answer = Msg::Answer {
        digest: digest("a"),
        go_on: false,
    };
    let effects = update(&mut model, answer.clone());
    let reading = readings[0];
    assert_eq!(
        effects,
        [Effect::Answer {
            reading,
            go_on: false
        }]
    );
    assert_eq!(states(&model)[0], "running");
    assert_eq!(update(&mut model, answer), []);
}

#[test]
fn progress_of_what_stands_still_is_not_taken() {
    let (mut model, readings) = begun(&["a"]);
    update(&mut model, Msg::Pause(one("a")));
    let bytes = Bytes {
        received: 900,
        unpacked: 0,
    };
    update(
        &mut model,
        Msg::Progress {
            now: 9,
            all: vec![(readings[0], bytes)],
        },
    );
    assert_eq!(model.blobs()[0].permille(), 0);
}
