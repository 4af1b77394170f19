//! Lists in lists: what is gone into, once each, and where it ends.

use super::*;
use crate::limits;

fn below(model: &inspect::Model) -> Below<'_> {
    let inspect::Current::List(_, list) = model.current() else {
        panic!("no list");
    };
    Below::of(model, list)
}

fn openings(model: &inspect::Model) -> Vec<(usize, Opening)> {
    let entries = below(model).entries;
    entries
        .iter()
        .map(|it| (it.within.len(), it.opening))
        .collect()
}

#[test]
fn a_list_in_a_list_is_gone_into_and_what_two_lists_share_is_fetched_once() {
    let config = config(&[digest("a")]);
    let image = image(&config, &[descriptor(OCI_LAYER, &digest("x"), 10)]);
    let inner = index(&[&image]);
    let middle = index(&[&inner, &image]);
    let root = index(&[&middle, &inner, &image]);
    let (model, fetched) = inspect_below(&[&root, &middle, &inner, &image, &config]);
    // The root, two lists, one image, one config.
    assert_eq!(fetched, 5);
    assert_eq!(
        openings(&model),
        [
            (0, Opening::Opened),
            (1, Opening::Opened),
            (2, Opening::NoList),
            (1, Opening::NoList),
            (0, Opening::Again),
            (0, Opening::NoList),
        ]
    );
    let plan = Plan::of(&model);
    assert_eq!((plan.images.len(), plan.left_out), (1, 0));
    assert_eq!(Total::of(&plan.images).blobs.len(), 1);
    let deepest = &below(&model).entries[2];
    assert_eq!(
        deepest.title(),
        "no platform in /manifests/0, in it /manifests/0"
    );
    let way: Vec<_> = deepest.way().iter().map(ToString::to_string).collect();
    assert_eq!(way, ["/manifests/0", "/manifests/0", "/manifests/0"]);
}

#[test]
fn lists_that_lie_too_deep_are_not_gone_into() {
    let mut lists = vec![index(&[])];
    for _ in 0..limits::LISTS_DEEP {
        let inner = lists.last().expect("a list");
        lists.push(index(&[inner]));
    }
    lists.reverse();
    let contents: Vec<_> = lists.iter().map(String::as_str).collect();
    let (model, _) = inspect_below(&contents);
    let openings = openings(&model);
    assert_eq!(openings.len(), limits::LISTS_DEEP);
    let (last, others) = openings.split_last().expect("entries");
    assert_eq!(last.1, Opening::TooDeep);
    assert!(others.iter().all(|(_, it)| *it == Opening::Opened));
    assert_eq!(Plan::of(&model).left_out, 1);
}

#[test]
fn more_entries_than_the_limit_are_not_fetched() {
    let named: Vec<_> = (0..=limits::ENTRIES_BELOW)
        .map(|number| format!("manifest {number}"))
        .collect();
    let named: Vec<_> = named.iter().map(String::as_str).collect();
    let long = index(&named);
    let short = index(&named[..3]);
    let root = index(&[&long, &short]);
    let (model, fetched) = inspect_below(&[&root, &long, &short]);
    assert_eq!(fetched, 3 + 3);
    let openings: Vec<_> = openings(&model).into_iter().map(|(_, it)| it).collect();
    assert_eq!(openings[..2], [Opening::TooMany, Opening::Opened]);
}

#[test]
fn what_is_not_the_list_that_is_named_is_not_gone_into() {
    let image = image(&config(&[]), &[]);
    let inner = index(&[&image]);
    let root = index(&[&inner]);
    let (mut model, _) = inspect_below(&[&root]);
    inspect::update(&mut model, inspect::Msg::Retry);
    let other = inner.replace("\"schemaVersion\":2", "\"schemaVersion\": 2");
    let msg = inspect::Msg::Received {
        generation: Generation(1),
        key: ContentKey::Child(Digest::sha256(inner.as_bytes())),
        result: Ok(Received::local(Rc::from(other.as_bytes()))),
    };
    inspect::update(&mut model, msg);
    assert_eq!(openings(&model), [(0, Opening::Another)]);
}
