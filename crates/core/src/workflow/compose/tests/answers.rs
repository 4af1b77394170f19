//! Answers of registries: late, many, or without an effect on the list.

use super::*;

#[test]
fn old_answers_are_dropped_and_cancelling_leaves_the_rest() {
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    let mut model = Model::new(Generation(7));
    let effects = update(&mut model, add(&["a"]));
    assert_eq!(model.pending(), 1);
    assert_eq!(update(&mut model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(model.pending(), 0);
    registry.serve(&mut model, effects);
    assert_eq!(
        model.state(&model.composition().rows[0]),
        RowState::Failed(&Failure::Cancelled)
    );
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/amd64"]);
    assert_eq!(model.generation(), Generation(8));
}

#[test]
fn many_entries_are_verified_only_when_asked_for() {
    let mut registry = Registry::default();
    let digest = registry.image("a", AMD64);
    let other = |n: usize| registry.entry(&digest, &format!(r#","annotations":{{"n":"{n}"}}"#));
    let entries: Vec<String> = (0..100).map(other).collect();
    let mut list = index(&entries, "");
    // A hundred different digests.
    for n in 0..100 {
        list = list.replacen(digest.encoded(), &format!("{n:064x}"), 1);
    }
    registry.put("many", &list);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["many"]));
    assert_eq!(model.written().list.entries.len(), 100);
    assert_eq!(registry.asked.len(), 1 + crate::limits::CHILDREN_FETCHED);
    registry.send(&mut model, Msg::FetchAll);
    assert_eq!(registry.asked.len(), 101);
}

#[test]
fn each_answer_is_told_and_only_one_that_changes_the_list_writes_it() {
    let mut registry = Registry::default();
    let digests =
        ["a", "b", "c"].map(|name| registry.image(name, &format!("{AMD64},\"author\":\"{name}\"")));
    let entries = digests
        .each_ref()
        .map(|digest| registry.entry(digest, r#","artifactType":"a/b""#));
    registry.put("list", &index(&entries, ""));
    let mut model = Model::new(Generation(1));
    let effects = update(&mut model, Msg::Open(reference("list")));
    let answer = |model: &mut Model, effect: &Effect, bytes: Option<&[u8]>| {
        let Effect::Fetch {
            generation,
            reference,
            what,
            ..
        } = effect.clone()
        else {
            panic!("{effect:?}")
        };
        let result = bytes
            .map(|bytes| Received::local(bytes.into()))
            .ok_or(Failure::NotBundled);
        update(
            model,
            Msg::Received {
                generation,
                reference,
                what,
                result,
            },
        )
    };
    let bytes = |name: &str| {
        registry
            .contents
            .iter()
            .find(|(known, ..)| known == name)
            .map(|(_, bytes, _)| &**bytes)
    };
    let unverified = |model: &Model| -> Vec<String> {
        let found = model
            .findings()
            .iter()
            .filter(|finding| finding.code == Code::SourceUnverified);
        found
            .map(|finding| format!("{}: {}", finding.pointer, finding.message))
            .collect()
    };
    let effects = answer(&mut model, &effects[0], bytes("list"));
    assert_eq!(effects.len(), 3);
    assert_eq!(
        unverified(&model),
        ["/manifests: 3 entries not fetched yet"]
    );
    let written = Rc::clone(model.written());
    answer(&mut model, &effects[0], bytes(digests[0].as_str()));
    assert_eq!(
        unverified(&model),
        ["/manifests: 2 entries not fetched yet"]
    );
    answer(&mut model, &effects[1], None);
    assert_eq!(
        unverified(&model),
        [
            "/manifests/1: it is not here",
            "/manifests: 1 entry not fetched yet"
        ]
    );
    assert!(Rc::ptr_eq(&written, model.written()));
    // What is not what the list says is left out.
    answer(&mut model, &effects[2], bytes(digests[0].as_str()));
    assert_eq!(unverified(&model), ["/manifests/1: it is not here"]);
    assert_eq!(
        (model.written().list.entries.len(), model.findings()[0].code),
        (2, Code::SourceRefused)
    );
    assert_eq!(model.pending(), 0);
}
