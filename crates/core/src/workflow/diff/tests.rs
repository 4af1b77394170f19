use super::*;
use crate::workflow::fetch::Received;

/// What stands in a registry: manifests by tag or digest, and configs.
#[derive(Default)]
pub(super) struct Registry {
    contents: Vec<(String, String)>,
}

impl Registry {
    /// What is kept under that name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.contents.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Keeps a content under a tag too, and answers with its descriptor's text.
    pub(super) fn put(&mut self, tag: &str, media_type: &str, text: &str) -> String {
        let digest = Digest::sha256(text.as_bytes()).to_string();
        for name in [tag, digest.as_str()] {
            self.contents.push((name.to_owned(), text.to_owned()));
        }
        let size = text.len();
        format!(r#""mediaType":"{media_type}","digest":"{digest}","size":{size}"#)
    }

    /// An image under a tag, with a config that says this platform and user.
    pub(super) fn put_image(&mut self, tag: &str, architecture: &str, user: &str) -> String {
        let config = format!(
            r#"{{"os":"linux","architecture":"{architecture}","config":{{"User":"{user}"}},"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
        );
        let config = self.put("-", "application/vnd.oci.image.config.v1+json", &config);
        let image = "application/vnd.oci.image.manifest.v1+json";
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{image}","config":{{{config}}},"layers":[]}}"#
        );
        let descriptor = self.put(tag, image, &manifest);
        format!(r#"{{{descriptor},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#)
    }

    pub(super) fn put_list(&mut self, tag: &str, entries: &[String]) {
        let index = "application/vnd.oci.image.index.v1+json";
        let entries = entries.join(",");
        let text =
            format!(r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{entries}]}}"#);
        self.put(tag, index, &text);
    }

    /// Answers everything that is asked for, and counts it.
    fn answer(&self, model: &mut Model, effects: Vec<Effect>) -> usize {
        let mut asked = 0;
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            let Effect::Fetch {
                generation,
                position,
                key,
                ..
            } = effect
            else {
                continue;
            };
            asked += 1;
            let name = match &key {
                ContentKey::Root => match &model.side(position).target {
                    InspectTarget::Registry(reference) => reference.target().to_string(),
                    InspectTarget::Bundle { name, .. } => name.clone(),
                },
                ContentKey::Child(digest) | ContentKey::Config(digest) => digest.to_string(),
            };
            let found = self.contents.iter().find(|(known, _)| *known == name);
            let result = found
                .map(|(_, text)| Received::local(text.as_bytes().into()))
                .ok_or(Failure::NotBundled);
            waiting.extend(update(
                model,
                Msg::Received {
                    generation,
                    position,
                    key,
                    result,
                },
            ));
        }
        asked
    }

    /// Compares two references to the end; with how many requests.
    pub(super) fn compare(
        &self,
        left: &str,
        right: &str,
        platform: Option<&str>,
    ) -> (Model, usize) {
        let target = |text: &str| {
            let reference = format!("registry.example/app{text}");
            InspectTarget::Registry(reference.parse().expect("a reference"))
        };
        let platform = platform.map(|text| text.parse().expect("a platform"));
        let targets = [target(left), target(right)];
        let (mut model, effects) = Model::open(targets, platform, Generation(1));
        let asked = self.answer(&mut model, effects);
        (model, asked)
    }
}

fn sentence(model: &Model) -> String {
    match model.found() {
        Found::Waiting => "waiting".to_owned(),
        Found::Stopped(position, trouble) => format!("{}: {trouble:?}", position.name()),
        Found::Equal(_) => "equal".to_owned(),
        Found::Lists(found) => found.sentence(),
        Found::Images(found) => found.sentence(),
    }
}

#[test]
fn two_images_cost_a_manifest_and_a_config_each() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    registry.put_image("2", "amd64", "me");
    let (model, asked) = registry.compare(":1", ":2", None);
    assert_eq!(asked, 4);
    assert_eq!(
        sentence(&model),
        "1 member of the manifest and 1 setting differ"
    );
    assert!(model.side(Position::Left).is_as_named());
}

#[test]
fn a_config_that_both_name_comes_once() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    let manifest = registry.contents.iter().find(|(name, _)| name == "1");
    let annotated = manifest
        .expect("it was put")
        .1
        .replace(r#""layers":[]"#, r#""layers":[],"annotations":{"a":"b"}"#);
    registry.put(
        "2",
        "application/vnd.oci.image.manifest.v1+json",
        &annotated,
    );
    for (left, right) in [(":1", ":2"), (":2", ":1")] {
        let (model, asked) = registry.compare(left, right, None);
        assert_eq!(asked, 3);
        let Found::Images(found) = model.found() else {
            panic!("two images")
        };
        assert!(found.configs_compared);
        assert_eq!(found.sentence(), "1 annotation differs");
    }
}

#[test]
fn equal_digests_say_so_and_fetch_nothing_more() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    let same = registry.contents.iter().find(|(name, _)| name == "1");
    let same = same.expect("it was put").1.clone();
    registry.contents.push(("2".to_owned(), same.clone()));
    let (model, asked) = registry.compare(":1", ":2", None);
    assert_eq!((sentence(&model).as_str(), asked), ("equal", 2));
    // Both named by that digest: nothing at all.
    let by_digest = format!("@{}", Digest::sha256(same.as_bytes()));
    let (model, asked) = registry.compare(&by_digest, &format!(":2{by_digest}"), None);
    assert_eq!((sentence(&model).as_str(), asked), ("equal", 0));
}

#[test]
fn two_lists_cost_two_requests_and_their_images_come_when_a_platform_is_chosen() {
    let mut registry = Registry::default();
    let amd64 = registry.put_image("-", "amd64", "root");
    let arm64 = registry.put_image("-", "arm64", "root");
    let changed = registry.put_image("-", "arm64", "me");
    registry.put_list("1", &[amd64.clone(), arm64]);
    registry.put_list("2", &[changed, amd64]);
    let (mut model, asked) = registry.compare(":1", ":2", None);
    assert_eq!(asked, 2);
    assert_eq!(
        sentence(&model),
        "1 of 2 entries is the same; linux/arm64 differs"
    );
    assert!(model.are_lists());
    let effects = update(&mut model, Msg::Choose("linux/arm64".parse().ok()));
    assert_eq!(registry.answer(&mut model, effects), 4);
    assert_eq!(
        sentence(&model),
        "1 member of the manifest and 1 setting differ"
    );
    // Of one that both name by the same digest nothing comes.
    let effects = update(&mut model, Msg::Choose("linux/amd64".parse().ok()));
    assert_eq!(registry.answer(&mut model, effects), 0);
    assert_eq!(sentence(&model), "equal");
    let effects = update(&mut model, Msg::Choose("linux/s390x".parse().ok()));
    assert_eq!(registry.answer(&mut model, effects), 0);
    assert!(
        sentence(&model).starts_with("left: NoEntry"),
        "{}",
        sentence(&model)
    );
    let effects = update(&mut model, Msg::Choose(None));
    assert_eq!(registry.answer(&mut model, effects), 0);
    assert_eq!(
        sentence(&model),
        "1 of 2 entries is the same; linux/arm64 differs"
    );
}

#[test]
fn a_list_beside_an_image_gives_its_entry_for_that_platform() {
    let mut registry = Registry::default();
    let amd64 = registry.put_image("-", "amd64", "root");
    let arm64 = registry.put_image("3", "arm64", "root");
    registry.put_list("1", &[amd64.clone(), arm64]);
    registry.put_list("4", &[amd64]);
    registry.put_image("2", "aarch64", "me");
    for (left, right) in [(":1", ":2"), (":2", ":1")] {
        let (model, asked) = registry.compare(left, right, None);
        assert_eq!(asked, 5);
        assert_eq!(
            sentence(&model),
            "1 member of the manifest and 2 settings differ"
        );
    }
    // The image is the one that the list names.
    let (model, asked) = registry.compare(":1", ":3", None);
    assert_eq!((sentence(&model).as_str(), asked), ("equal", 3));
    let (model, _) = registry.compare(":2", ":4", None);
    assert!(
        sentence(&model).starts_with("right: NoEntry"),
        "{}",
        sentence(&model)
    );
}

#[test]
fn what_does_not_come_stops_its_side_and_can_be_tried_again() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    let (mut model, _) = registry.compare(":1", ":2", None);
    assert_eq!(sentence(&model), "right: Failed(NotBundled)");
    registry.put_image("2", "amd64", "me");
    let effects = update(&mut model, Msg::Retry);
    assert_eq!(registry.answer(&mut model, effects), 3);
    assert_eq!(
        sentence(&model),
        "1 member of the manifest and 1 setting differ"
    );
}

#[test]
fn a_config_that_is_another_is_not_compared() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    registry.put_image("2", "amd64", "me");
    for (_, text) in &mut registry.contents {
        if text.contains(r#""User":"me""#) {
            *text = text.replace("\"me\"", "\"you\"");
        }
    }
    let (model, _) = registry.compare(":1", ":2", None);
    let Found::Images(found) = model.found() else {
        panic!("two images")
    };
    assert!(!found.configs_compared);
    assert!(!model.side(Position::Right).is_as_named());
}

#[test]
fn an_answer_to_another_comparison_counts_for_nothing() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    let target = || InspectTarget::Registry("registry.example/app:1".parse().expect("one"));
    let (mut model, effects) = Model::open([target(), target()], None, Generation(1));
    let stopped = update(&mut model, Msg::Cancel);
    assert_eq!(stopped, [Effect::Abort]);
    registry.answer(&mut model, effects);
    assert_eq!(sentence(&model), "left: Failed(Cancelled)");
}

#[test]
fn what_is_no_manifest_is_told_of_its_side() {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    registry.put("2", "text/html", "<html>");
    let (model, asked) = registry.compare(":1", ":2", None);
    assert_eq!(sentence(&model), "right: NoManifest");
    assert!(asked <= 3);
}
