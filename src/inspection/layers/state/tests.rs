use std::collections::VecDeque;

use waybill_core::workflow::fetch::Received;
use waybill_core::workflow::inspect::{ContentKey, Effect as Fetches, Msg as Told};

use super::*;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn described(media_type: &str, text: &str) -> String {
    let digest = Digest::sha256(text.as_bytes());
    format!(
        r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#,
        text.len()
    )
}

fn index(entries: &[String]) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
        entries.join(",")
    )
}

/// How often all is looked at while so many images of a list in a list come one by one, and of how many the plan is
/// then.
fn looks(images: usize) -> (usize, usize) {
    let config =
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let image = |number| {
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{},"layers":[],"annotations":{{"number":"{number}"}}}}"#,
            described("application/vnd.oci.image.config.v1+json", config)
        )
    };
    let images: Vec<_> = (0..images).map(image).collect();
    let entries: Vec<_> = images.iter().map(|it| described(MANIFEST, it)).collect();
    let inner = index(&entries);
    let outer = index(&[described(INDEX, &inner)]);
    let contents: std::collections::BTreeMap<_, _> = images
        .into_iter()
        .chain([inner, config.to_owned()])
        .map(|text| (Digest::sha256(text.as_bytes()), text))
        .collect();
    let target = InspectTarget::Bundle {
        name: "test".into(),
        expected: None,
    };
    let (mut model, effects) = Model::open(target, Vec::new(), Generation(1));
    let mut waiting = VecDeque::from(effects);
    let mut state = State::new(Generation(1), ReadLayers::default());
    let (mut looks, mut plan) = (0, Rc::clone(&state.plan));
    while let Some(effect) = waiting.pop_front() {
        let Fetches::Fetch {
            generation, key, ..
        } = effect
        else {
            continue;
        };
        let text = match &key {
            ContentKey::Root => &outer,
            ContentKey::Child(digest) | ContentKey::Config(digest) => &contents[digest],
        };
        let result = Ok(Received::local(Rc::from(text.as_bytes())));
        let msg = Told::Received {
            generation,
            key,
            result,
        };
        waiting.extend(inspect::update(&mut model, msg));
        waiting.extend(state.look(&mut model).wanted);
        looks += usize::from(!Rc::ptr_eq(&plan, &state.plan));
        plan = Rc::clone(&state.plan);
    }
    (looks, plan.images.len())
}

/// Each look takes as long as there are images: a look for each of them took minutes for two thousand.
#[test]
fn a_long_list_is_not_looked_at_anew_for_each_image() {
    let (few, of_few) = looks(250);
    let (many, of_many) = looks(1_000);
    assert_eq!((of_few, of_many), (250, 1_000));
    assert!(many < 2 * few && many < 300, "{few} and {many} looks");
}
