//! What is related to a manifest: which questions are asked, and what each kind of registry's answers come to.
//!
//! The registry is a table of addresses: what is not in it is answered 404, as CNCF distribution does.

use std::cell::{Cell, RefCell};

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::referrers::NoApi;
use waybill_core::registry::settings::{Access, RegistrySettings};
use waybill_core::registry::transport::{Request, Response, Transport, TransportError};
use waybill_core::workflow::fetch::{Failure, Fetch, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey, InspectTarget};
use waybill_core::workflow::related::{
    Ask, Effect, Finding, LongDocument, Model, Msg, NotKnown, Related, Role, Row, Task, Told, Way,
    run,
};
use waybill_testkit::transport::{Script, answer, with};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// A registry that answers by path and query, and notes what it was asked.
#[derive(Default)]
struct Table {
    answers: RefCell<Vec<(String, Result<Response, TransportError>)>>,
    asked: RefCell<Vec<String>>,
    /// Whether it keeps referrers, so that it answers with an empty list where it has none.
    has_api: Cell<bool>,
}

impl Transport for Table {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let path = request
            .url
            .trim_start_matches("https://r.example/v2/a/")
            .to_owned();
        self.asked.borrow_mut().push(path.clone());
        let answers = self.answers.borrow();
        let found = answers.iter().rev().find(|(known, _)| *known == path);
        let is_list = path.starts_with("referrers/") && self.has_api.get();
        found.map_or_else(
            || {
                if is_list {
                    Ok(typed(INDEX, &index(&[])))
                } else {
                    Ok(answer(404, "404 page not found\n"))
                }
            },
            |(_, answer)| answer.clone(),
        )
    }
}

/// A registry under test, with the manifest that is looked at.
struct Place {
    client: Client<Table>,
    model: inspect::Model,
    digest: Digest,
}

impl Place {
    /// A registry with a manifest, which is looked at by its digest or by a path below it.
    fn new(reference: &str, manifests: &[&str], path: &[Digest]) -> Self {
        let client = Client::new(Table::default());
        let settings = RegistrySettings {
            access: Access::Proxy,
            ..RegistrySettings::default()
        };
        let reference: Reference = reference.parse().expect("a reference");
        client.configure(reference.host(), settings);
        let target = InspectTarget::Registry(reference);
        let (mut model, effects) = inspect::Model::open(target, path.to_vec(), Generation(1));
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            let inspect::Effect::Fetch {
                generation, key, ..
            } = effect
            else {
                continue;
            };
            let bytes = match &key {
                ContentKey::Root => Some(manifests[0]),
                ContentKey::Child(digest) | ContentKey::Config(digest) => manifests
                    .iter()
                    .copied()
                    .find(|it| Digest::sha256(it.as_bytes()) == *digest),
            };
            let bytes = bytes.unwrap_or("{}").as_bytes();
            let result = Ok(Received::local(bytes.into()));
            let msg = inspect::Msg::Received {
                generation,
                key,
                result,
            };
            waiting.extend(inspect::update(&mut model, msg));
        }
        let task = Task::of(&model).expect("something to look around");
        Self {
            client,
            model,
            digest: task.subjects[0].digest.clone(),
        }
    }

    fn image() -> Self {
        Self::new("r.example/a:1", &[&image()], &[])
    }

    fn answers(self, path: impl Into<String>, response: Response) -> Self {
        let entry = (path.into(), Ok(response));
        self.client.transport().answers.borrow_mut().push(entry);
        self
    }

    fn fails(self, path: impl Into<String>, error: TransportError) -> Self {
        let entry = (path.into(), Err(error));
        self.client.transport().answers.borrow_mut().push(entry);
        self
    }

    /// Holds a manifest under its digest.
    fn holds(self, manifest: &str) -> Self {
        let path = ["manifests/", Digest::sha256(manifest.as_bytes()).as_str()].concat();
        self.answers(path, typed(IMAGE, manifest))
    }

    fn api(self, listed: &[&str]) -> Self {
        let path = ["referrers/", self.digest.as_str()].concat();
        self.client.transport().has_api.set(true);
        self.answers(path, typed(INDEX, &index(listed)))
    }

    fn tag(self, ending: &str, response: Response) -> Self {
        let tag = self.digest.as_str().replace(':', "-");
        self.answers(["manifests/", &tag, ending].concat(), response)
    }

    /// Looks until nothing is under way; gives what was asked too.
    fn related(&self) -> (Model, Vec<String>) {
        let task = Task::of(&self.model).expect("something to look around");
        let (model, effects) = Model::open(task, Generation(2));
        let model = self.go_on(model, effects);
        (model, self.client.transport().asked.take())
    }

    fn go_on(&self, mut model: Model, effects: Vec<Effect>) -> Model {
        let mut waiting = std::collections::VecDeque::from(effects);
        let mut most = 0;
        while let Some(effect) = waiting.pop_front() {
            most = most.max(waiting.len() + 1);
            let (generation, ask) = match effect {
                Effect::Ask { generation, ask } => (generation, ask),
                // As a page does that has no worker.
                Effect::Read {
                    generation,
                    document,
                } => (generation, Ask::LongDocument(document)),
                Effect::Abort => continue,
            };
            let asked = run(&self.client, model.place(), &ask);
            let result = Script::new().run(asked);
            waiting.extend(model.update(Msg::Answered {
                generation,
                ask,
                result,
            }));
        }
        assert!(most <= 8, "{most} requests at once");
        assert_eq!(model.pending(), 0);
        model
    }
}

fn typed(kind: &str, body: &str) -> Response {
    with(answer(200, body), "content-type", kind)
}

fn image() -> String {
    let digest = Digest::sha256(b"{}");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":2}},"layers":[]}}"#
    )
}

fn descriptor(digest: &Digest, size: usize, more: &str) -> String {
    format!(r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{size}{more}}}"#)
}

/// An entry for a manifest, with its true type.
fn entry(manifest: &str, artifact: &str) -> String {
    let digest = Digest::sha256(manifest.as_bytes());
    descriptor(
        &digest,
        manifest.len(),
        &format!(r#","artifactType":"{artifact}""#),
    )
}

fn index(entries: &[&str]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{entries}]}}"#)
}

/// An artifact with a subject, or with none.
fn artifact(kind: &str, subject: Option<(&Digest, usize)>, name: &str) -> String {
    let subject =
        subject.map(|(digest, size)| format!(r#","subject":{}"#, descriptor(digest, size, "")));
    let (empty, layer) = (Digest::sha256(b"{}"), Digest::sha256(name.as_bytes()));
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","artifactType":"{kind}","config":{{"mediaType":"{EMPTY}","digest":"{empty}","size":2}},"layers":[{{"mediaType":"{kind}","digest":"{layer}","size":{}}}],"annotations":{{"org.opencontainers.image.created":"2026-01-02T03:04:05Z"}}{}}}"#,
        name.len(),
        subject.unwrap_or_default()
    )
}

/// One that refers to the image of the tests.
fn refers(name: &str) -> String {
    let image = image();
    artifact(
        BUNDLE,
        Some((&Digest::sha256(image.as_bytes()), image.len())),
        name,
    )
}

fn of<'a>(model: &'a Model, manifest: &str) -> &'a Related {
    model
        .node(&Digest::sha256(manifest.as_bytes()))
        .expect("a node")
}

/// The findings of a manifest where it was found first.
fn findings(model: &Model, manifest: &str) -> Vec<Finding> {
    let node = of(model, manifest);
    let edge = &node.under[0];
    node.findings(edge, &model.nodes()[edge.parent])
}

fn depths(rows: &[Row]) -> Vec<usize> {
    rows.iter().map(|row| row.depth).collect()
}

#[test]
fn nothing_is_none_only_after_every_way_was_asked() {
    let place = Place::image();
    let tag = place.digest.as_str().replace(':', "-");
    let (model, asked) = place.related();
    let wanted = [
        ["referrers/", place.digest.as_str(), ""].concat(),
        ["manifests/", &tag, ""].concat(),
        ["manifests/", &tag, ".sig"].concat(),
        ["manifests/", &tag, ".att"].concat(),
        ["manifests/", &tag, ".sbom"].concat(),
    ];
    assert_eq!(asked, wanted);
    let asked = model.nodes()[0].asked.as_ref().expect("asked");
    assert_eq!(asked.api, Told::NoApi(NoApi::Status(404)));
    assert_eq!(asked.fallback, Told::Found(0));
    assert!(asked.is_complete());
    assert_eq!(model.referrers(), 0);
}

/// Case 1: 303 from ghcr, 404 as text, 400, 405, 406, 501, and 200 with HTML.
#[test]
fn whatever_is_no_list_leads_to_the_fallback_tag() {
    let bundle = refers("bundle");
    let elsewhere = TransportError::ProxyRefused {
        code: "REDIRECT_REFUSED".into(),
        message: "ghcr.io redirects to github.com".into(),
    };
    let statuses = [400, 404, 405, 406, 501];
    let answers = statuses.map(|status| Ok(answer(status, "no")));
    let html = Ok(typed(
        "text/html; charset=utf-8",
        "<!doctype html><p>Sign in",
    ));
    for given in answers.into_iter().chain([html, Err(elsewhere)]) {
        let place = Place::image();
        let path = ["referrers/", place.digest.as_str()].concat();
        let place = match given.clone() {
            Ok(response) => place.answers(path, response),
            Err(error) => place.fails(path, error),
        };
        let listed = typed(INDEX, &index(&[&entry(&bundle, BUNDLE)]));
        let (model, _) = place.tag("", listed).holds(&bundle).related();
        let asked = model.nodes()[0].asked.as_ref().expect("asked");
        assert!(matches!(asked.api, Told::NoApi(_)), "{given:?}: {asked:?}");
        assert_eq!(of(&model, &bundle).under[0].ways.len(), 1, "{given:?}");
        assert!(asked.is_complete());
    }
}

#[test]
fn who_may_not_ask_and_who_gets_no_answer_does_not_know() {
    for (status, why) in [
        (401, NotKnown::NotAllowed),
        (403, NotKnown::NotAllowed),
        (429, NotKnown::NoAnswer),
        (500, NotKnown::NoAnswer),
        (503, NotKnown::NoAnswer),
    ] {
        let place = Place::image();
        let path = ["referrers/", place.digest.as_str()].concat();
        let (model, _) = place.answers(path, answer(status, "")).related();
        let asked = model.nodes()[0].asked.as_ref().expect("asked");
        assert!(!asked.is_complete(), "{status}");
        let known: Vec<_> = asked.failures().map(NotKnown::of).collect();
        assert_eq!(known, [why], "{status}");
    }
    // Who was refused once does not ask about each image of an index.
    let image = image();
    let list = index(&[&descriptor(
        &Digest::sha256(image.as_bytes()),
        image.len(),
        "",
    )]);
    let place = Place::new("r.example/a:1", &[&list], &[]);
    let path = ["referrers/", place.digest.as_str()].concat();
    let place = place.answers(path.clone(), answer(429, ""));
    let (mut model, asked) = place.related();
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(model.failures().count(), 2);
    let place = place.answers(path, typed(INDEX, &index(&[])));
    place.client.transport().has_api.set(true);
    let effects = model.update(Msg::Retry);
    assert!(place.go_on(model, effects).is_complete());
    // The same of a tag.
    let place = Place::image().tag(".sig", answer(403, ""));
    let (model, _) = place.related();
    assert!(
        !model.nodes()[0]
            .asked
            .as_ref()
            .expect("asked")
            .is_complete()
    );
}

/// Case 2: what ggcr wrote under the tag.
#[test]
fn the_type_is_read_from_the_manifest_itself() {
    let bundle = refers("bundle");
    let listed = typed(INDEX, &index(&[&entry(&bundle, EMPTY)]));
    let (model, _) = Place::image().tag("", listed).holds(&bundle).related();
    let node = of(&model, &bundle);
    assert_eq!(node.artifact_type().map(MediaType::as_str), Some(BUNDLE));
    assert_eq!(node.created(), Some("2026-01-02T03:04:05Z"));
    let found = findings(&model, &bundle);
    assert!(
        matches!(&found[..], [Finding::Type { listed, .. }] if listed == EMPTY),
        "{found:?}"
    );
    assert!(!found[0].is_bad());
}

/// Case 3.
#[test]
fn the_api_and_the_fallback_tag_are_one_list() {
    let [one, both, other] = ["one", "both", "other"].map(refers);
    let place = Place::image().api(&[&entry(&one, BUNDLE), &entry(&both, BUNDLE)]);
    let listed = index(&[&entry(&both, BUNDLE), &entry(&other, BUNDLE)]);
    let place = place.tag("", typed(INDEX, &listed));
    let (model, asked) = place.holds(&one).holds(&both).holds(&other).related();
    let fallback = Way::Tag(waybill_core::workflow::related::TagKind::Fallback);
    let ways = |manifest: &str| of(&model, manifest).under[0].ways.clone();
    assert_eq!(ways(&one), [Way::Api]);
    assert_eq!(ways(&both), [Way::Api, fallback]);
    assert_eq!(ways(&other), [fallback]);
    // At most two requests a node: each manifest once, and what refers to it.
    for manifest in [&one, &both, &other] {
        let digest = Digest::sha256(manifest.as_bytes());
        let of_it: Vec<_> = asked
            .iter()
            .filter(|it| it.contains(digest.encoded()))
            .collect();
        assert_eq!(of_it.len(), 2, "{of_it:?}");
    }
}

/// Case 4: Harbor.
#[test]
fn a_cosign_tag_that_the_api_lists_stands_under_its_image_and_says_so() {
    let signature = artifact(SIMPLE, None, "payload");
    let place = Place::image().api(&[&entry(&signature, SIMPLE)]);
    let (model, _) = place
        .tag(".sig", typed(IMAGE, &signature))
        .holds(&signature)
        .related();
    let node = of(&model, &signature);
    assert_eq!(node.under[0].ways.len(), 2);
    assert_eq!(
        findings(&model, &signature),
        [Finding::NoSubject { by_tag: true }]
    );
    // Without the tag only the list says so, which is no proof of anything.
    let place = Place::image()
        .api(&[&entry(&signature, SIMPLE)])
        .holds(&signature);
    let (model, asked) = place.related();
    let found = findings(&model, &signature);
    assert_eq!(found, [Finding::NoSubject { by_tag: false }]);
    assert!(found[0].is_bad());
    let of_it = ["referrers/", Digest::sha256(signature.as_bytes()).as_str()].concat();
    assert!(
        !asked.contains(&of_it),
        "what belongs nowhere is not asked about"
    );
}

/// Case 5.
#[test]
fn another_subject_itself_and_circles_are_findings_and_end() {
    let elsewhere = Digest::sha256(b"another image");
    let stray = artifact(BUNDLE, Some((&elsewhere, 1)), "stray");
    let itself = image();
    let good = refers("good");
    let place = Place::image()
        .api(&[
            &entry(&stray, BUNDLE),
            &entry(&itself, BUNDLE),
            &entry(&good, BUNDLE),
        ])
        .holds(&stray)
        .holds(&good);
    // The registry says that the image refers to what refers to it.
    let circle = ["referrers/", Digest::sha256(good.as_bytes()).as_str()].concat();
    let back = index(&[&entry(&image(), BUNDLE), &entry(&good, BUNDLE)]);
    let (model, _) = place.answers(circle, typed(INDEX, &back)).related();
    let found = findings(&model, &stray);
    assert_eq!(
        found,
        [Finding::OtherSubject {
            named: elsewhere.to_string()
        }]
    );
    assert!(found[0].is_bad());
    assert_eq!(findings(&model, &itself), [Finding::Loop]);
    let rows = model.rows(0);
    assert_eq!(rows.iter().filter(|row| row.is_loop).count(), 3, "{rows:?}");
    assert_eq!(depths(&rows), [1, 1, 1, 2, 2]);
}

/// Case 6.
#[test]
fn the_tag_of_a_sha512_digest_is_cut_and_cosign_has_none() {
    let image = image();
    let digest = Digest::compute(Algorithm::Sha512, image.as_bytes());
    let place = Place::new(&format!("r.example/a@{digest}"), &[&image], &[]);
    assert_eq!(place.digest, digest);
    let (model, asked) = place.related();
    let (cut, _) = digest.encoded().split_at(64);
    assert_eq!(
        asked,
        [
            format!("referrers/{digest}"),
            format!("manifests/sha512-{cut}")
        ]
    );
    assert!(
        model.nodes()[0]
            .asked
            .as_ref()
            .expect("asked")
            .is_complete()
    );
}

/// Case 7.
#[test]
fn all_pages_are_read_and_a_link_to_another_host_is_refused() {
    let [one, two, three] = ["1", "2", "3"].map(refers);
    let page = |manifest: &str, link: &str| {
        with(
            typed(INDEX, &index(&[&entry(manifest, BUNDLE)])),
            "link",
            link,
        )
    };
    let digest = Digest::sha256(image().as_bytes());
    let path = format!("referrers/{digest}");
    let place = Place::image()
        .answers(
            &path,
            page(&one, &format!("</v2/a/{path}?n=1&last=1>; rel=\"next\"")),
        )
        .answers(
            format!("{path}?n=1&last=1"),
            page(&two, &format!("</v2/a/{path}?n=1&last=2>; rel=next")),
        )
        .answers(format!("{path}?n=1&last=2"), page(&three, ""))
        .holds(&one)
        .holds(&two)
        .holds(&three);
    let (model, _) = place.related();
    let asked = model.nodes()[0].asked.as_ref().expect("asked");
    assert_eq!((&asked.api, asked.pages), (&Told::Found(3), 3));
    assert!(asked.is_complete());

    let stranger = page(
        &one,
        "<https://evil.example/v2/a/referrers/x>; rel=\"next\"",
    );
    let warned = with(stranger, "warning", r#"299 - "this registry is full""#);
    let (model, _) = Place::image().answers(&path, warned).holds(&one).related();
    let asked = model.nodes()[0].asked.as_ref().expect("asked");
    let link = asked.link.as_ref().expect("refused").to_string();
    assert!(link.contains("https://evil.example"), "{link}");
    assert_eq!(asked.warnings, ["this registry is full"]);
    assert!(!asked.is_complete());
}

#[test]
fn no_api_is_remembered_for_the_repository_and_only_after_a_404() {
    let bundle = refers("bundle");
    let listed = typed(INDEX, &index(&[&entry(&bundle, BUNDLE)]));
    let digest = Digest::sha256(bundle.as_bytes());
    let place = Place::image().tag("", listed.clone()).holds(&bundle);
    let (_, asked) = place.related();
    let api = |asked: &[String]| {
        asked
            .iter()
            .filter(|it| it.starts_with("referrers/"))
            .count()
    };
    assert_eq!(api(&asked), 1, "{asked:?}");
    assert!(asked.contains(&["manifests/", &digest.as_str().replace(':', "-")].concat()));
    let (_, again) = place.related();
    assert_eq!(api(&again), 0);
    // Quay's 400 is of one manifest alone.
    let place = Place::image().tag("", listed).holds(&bundle);
    let path = ["referrers/", place.digest.as_str()].concat();
    let (_, asked) = place.answers(path, answer(400, "")).related();
    assert_eq!(api(&asked), 2);
}

/// Case 19: `BuildKit` lists its attestation in the index, and since 0.32 it refers to its image.
#[test]
fn an_attestation_is_one_node_under_its_image_however_it_is_found() {
    let image = image();
    let of_image = Digest::sha256(image.as_bytes());
    let kind = "application/vnd.docker.attestation.manifest.v1+json";
    let attestation = artifact(kind, Some((&of_image, image.len())), "statement");
    let wrong = artifact(kind, Some((&Digest::sha256(b"x"), 1)), "wrong");
    let attests = |manifest: &str, kind: &str| {
        let more = format!(
            r#","platform":{{"os":"unknown","architecture":"unknown"}},"annotations":{{"vnd.docker.reference.type":"{kind}","vnd.docker.reference.digest":"{of_image}"}}"#
        );
        descriptor(&Digest::sha256(manifest.as_bytes()), manifest.len(), &more)
    };
    let platform = r#","platform":{"os":"linux","architecture":"amd64"}"#;
    let list = index(&[
        &descriptor(&of_image, image.len(), platform),
        &attests(&attestation, "attestation-manifest"),
        &attests(&wrong, "attestation-manifest"),
        &attests(&refers("not one"), "something-else"),
    ]);
    let place = Place::new("r.example/a:1", &[&list], &[]);
    place.client.transport().has_api.set(true);
    let api = typed(INDEX, &index(&[&entry(&attestation, kind)]));
    let place = place
        .answers(format!("referrers/{of_image}"), api)
        .holds(&attestation)
        .holds(&wrong);
    let (model, _) = place.related();
    let roots: Vec<_> = model
        .nodes()
        .iter()
        .filter_map(|node| node.role.clone())
        .collect();
    let linux = Role::Entry {
        number: 1,
        title: "linux/amd64".into(),
    };
    // An entry with another type attests nothing: it is one more thing in the index.
    assert_eq!(roots.len(), 3, "{roots:?}");
    assert_eq!(roots[..2], [Role::Looked, linux]);
    assert_eq!(of(&model, &attestation).under.len(), 1);
    assert_eq!(
        of(&model, &attestation).under[0].ways,
        [Way::Entry, Way::Api]
    );
    assert_eq!(findings(&model, &attestation), []);
    assert!(findings(&model, &wrong).iter().any(Finding::is_bad));
    assert_eq!(depths(&model.rows(1)), [1, 1]);

    // Case 18: who looks at the image sees the index above it, and what refers to that.
    let place = Place::new(
        "r.example/a:1",
        &[&list, &image],
        std::slice::from_ref(&of_image),
    );
    let signature = artifact(SIMPLE, None, "payload");
    let tag = Digest::sha256(list.as_bytes()).as_str().replace(':', "-");
    let place = place
        .answers(format!("manifests/{tag}.sig"), typed(IMAGE, &signature))
        .holds(&attestation)
        .holds(&wrong);
    let (model, _) = place.related();
    assert_eq!(model.nodes()[1].role, Some(Role::Above { number: 1 }));
    assert_eq!(of(&model, &signature).under[0].parent, 1);
    assert_eq!(of(&model, &attestation).under[0].parent, 0);
}

#[test]
fn what_signs_an_attestation_stands_under_it_and_nothing_deeper_than_four() {
    let mut chain = vec![image()];
    for name in ["1", "2", "3", "4", "5", "6"] {
        let below = chain.last().expect("one").clone();
        let digest = Digest::sha256(below.as_bytes());
        chain.push(artifact(BUNDLE, Some((&digest, below.len())), name));
    }
    let mut place = Place::image();
    for pair in chain.windows(2) {
        let digest = Digest::sha256(pair[0].as_bytes());
        let listed = typed(INDEX, &index(&[&entry(&pair[1], BUNDLE)]));
        place = place
            .answers(format!("referrers/{digest}"), listed)
            .holds(&pair[1]);
    }
    let (model, _) = place.related();
    assert_eq!(depths(&model.rows(0)), [1, 2, 3, 4]);
    assert!(model.nodes().last().expect("a node").asked.is_none());
}

#[test]
fn thousands_are_counted_and_not_fetched() {
    let many: Vec<String> = (0..500).map(|number| refers(&number.to_string())).collect();
    let entries: Vec<String> = many.iter().map(|it| entry(it, BUNDLE)).collect();
    let listed: Vec<&str> = entries.iter().map(String::as_str).collect();
    let mut place = Place::image().api(&listed);
    for manifest in &many[..64] {
        place = place.holds(manifest);
    }
    let (model, asked) = place.related();
    let root = model.nodes()[0].asked.as_ref().expect("asked");
    assert_eq!((model.referrers(), root.more), (64, 436));
    assert!(asked.len() <= 5 + 2 * 64 + 64, "{}", asked.len());
    // One of them twice in a list.
    let place = Place::image().api(&[listed[0], listed[0]]).holds(&many[0]);
    let (model, _) = place.related();
    assert_eq!(findings(&model, &many[0]), [Finding::Twice { times: 2 }]);
    assert_eq!(model.rows(0).len(), 1);
}

#[test]
fn other_bytes_other_sizes_and_the_subject_itself_are_told() {
    let bundle = refers("bundle");
    let digest = Digest::sha256(bundle.as_bytes());
    let short = descriptor(&digest, 7, &format!(r#","artifactType":"{BUNDLE}""#));
    let (model, _) = Place::image().api(&[&short]).holds(&bundle).related();
    let wrong = Finding::Size {
        listed: 7,
        found: bundle.len() as u64,
    };
    assert_eq!(findings(&model, &bundle), [wrong]);
    let place = Place::image().api(&[&entry(&bundle, BUNDLE)]);
    let path = format!("manifests/{digest}");
    let place = place.answers(
        path,
        typed(
            IMAGE,
            &bundle.replace("\"schemaVersion\":2", "\"schemaVersion\":3"),
        ),
    );
    let (model, _) = place.related();
    assert!(matches!(
        findings(&model, &bundle)[0],
        Finding::OtherBytes { .. }
    ));
    // GitLab answers the referrers tag with the manifest itself.
    let (model, _) = Place::image().tag("", typed(IMAGE, &image())).related();
    assert_eq!(
        model.nodes()[0].asked.as_ref().expect("asked").fallback,
        Told::Itself
    );
}

#[test]
fn cancel_says_what_is_not_known_and_retry_asks_for_that_alone() {
    let place = Place::image();
    let task = Task::of(&place.model).expect("something");
    let (mut model, _) = Model::open(task, Generation(2));
    assert_eq!(model.update(Msg::Cancel), [Effect::Abort]);
    assert_eq!(model.pending(), 0);
    let asked = model.nodes()[0].asked.as_ref().expect("asked");
    assert!(
        asked
            .failures()
            .all(|it| NotKnown::of(it) == NotKnown::Cancelled)
    );
    assert!(!asked.is_complete());
    let effects = model.update(Msg::Retry);
    let model = place.go_on(model, effects);
    assert!(
        model.nodes()[0]
            .asked
            .as_ref()
            .expect("asked")
            .is_complete()
    );
}

#[test]
fn documents_come_when_a_manifest_is_opened_and_each_once() {
    let name = r#"{"hello":"world"}"#;
    let bundle = refers(name);
    let blob = Digest::sha256(name.as_bytes());
    let place = Place::image()
        .api(&[&entry(&bundle, BUNDLE)])
        .holds(&bundle)
        .answers(format!("blobs/{blob}"), answer(200, name));
    let (mut model, asked) = place.related();
    assert!(!asked.iter().any(|it| it.starts_with("blobs/")));
    let digest = Digest::sha256(bundle.as_bytes());
    let effects = model.update(Msg::Open(digest.clone()));
    assert_eq!(effects.len(), 1);
    let mut model = place.go_on(model, effects);
    let listed = of(&model, &bundle).documents()[0].descriptor.clone();
    let content = model
        .content(&listed)
        .and_then(|it| it.done())
        .expect("a document");
    assert_eq!(
        (content.document.title.as_str(), content.is_another),
        ("JSON", false)
    );
    assert_eq!(model.update(Msg::Open(digest)), []);
}

#[test]
fn the_documents_of_what_was_opened_before_it_came_are_read_when_it_comes() {
    let name = r#"{"hello":"world"}"#;
    let bundle = refers(name);
    let digest = Digest::sha256(bundle.as_bytes());
    let blob = Digest::sha256(name.as_bytes());
    let place = Place::image()
        .api(&[&entry(&bundle, BUNDLE)])
        .answers(format!("blobs/{blob}"), answer(200, name));
    // It is listed, but did not come: opened all the same, and asked for again.
    let (mut model, _) = place.related();
    assert!(of(&model, &bundle).node().is_none());
    assert_eq!(model.update(Msg::Open(digest.clone())), []);
    let place = place.holds(&bundle);
    let effects = model.update(Msg::Retry);
    let mut model = place.go_on(model, effects);
    let listed = of(&model, &bundle).documents()[0].descriptor.clone();
    assert!(model.content(&listed).and_then(|it| it.done()).is_some());
    assert_eq!(model.update(Msg::Open(digest)), []);
}

#[test]
fn a_long_document_is_read_away_from_the_page_and_one_that_is_too_long_is_not() {
    let long = format!(
        r#"{{"spdxVersion":"SPDX-2.3","name":"{}"}}"#,
        "x".repeat(600_000)
    );
    let digest = Digest::sha256(long.as_bytes());
    let size = format!(r#"{digest}","size":{}"#, long.len());
    let bundle =
        |said: &str| refers(&long).replace(&size, &size.replace(&long.len().to_string(), said));
    let too_long = (41 << 20).to_string();
    let true_size = long.len().to_string();
    for (said, is_long, is_read) in [
        (&*true_size, true, true),
        ("7", false, true),
        (&*too_long, false, false),
    ] {
        let bundle = bundle(said);
        let place = Place::image()
            .api(&[&entry(&bundle, BUNDLE)])
            .holds(&bundle)
            .answers(format!("blobs/{digest}"), answer(200, &*long));
        let (mut model, _) = place.related();
        let manifest = Digest::sha256(bundle.as_bytes());
        let effects = model.update(Msg::Read {
            manifest,
            document: 0,
        });
        let expected = Effect::Read {
            generation: Generation(2),
            document: LongDocument {
                digest: digest.clone(),
                size: said.parse().ok(),
                media_type: BUNDLE.into(),
            },
        };
        assert_eq!(effects == [expected], is_long, "{said}: {effects:?}");
        assert_eq!(effects.is_empty(), !is_read, "{said}: {effects:?}");
        let model = place.go_on(model, effects);
        let listed = of(&model, &bundle).documents()[0].descriptor.clone();
        let content = model.content(&listed).expect("it was wanted");
        let Some(content) = content.done() else {
            let size = 41 << 20;
            assert_eq!(*content, Fetch::Failed(Failure::TooLarge { size }));
            assert!(!is_read);
            continue;
        };
        assert_eq!(content.document.title, "SPDX 2.3");
        assert!(!content.is_another && content.is_whole() && !content.has_payload);
        assert!(!model.is_looking() && model.pending() == 0);
    }
}
