//! What is related to a manifest, as a person meets it: the state, with a registry in memory behind it, and what is
//! drawn.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use waybill::lazy::LoadError;
use waybill::related::{Effect, Msg, Shown, State, view};
use waybill::route::{InspectSource, View};
use waybill::shell::Request;
use waybill::signatures::Kept;
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::link::LinkError;
use waybill_core::registry::referrers::{NoApi, Referrers, ReferrersPage};
use waybill_core::registry::transport::Via;
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey, InspectTarget};
use waybill_core::workflow::related::{
    self as workflow, Answer, Ask, Content, LongDocument, TagKind, Task,
};
use waybill_testkit::project;
use yew::Callback;

use super::golden::{UPDATE, difference, keep};
use super::harness::{arrival, refusal};
use super::page::{drawn, one_tag_a_line};
use super::print::print;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const IN_TOTO: &str = "application/vnd.in-toto+json";
const ATTESTATION: &str = "application/vnd.docker.attestation.manifest.v1+json";

fn sha(text: &str) -> Digest {
    Digest::sha256(text.as_bytes())
}

fn image() -> String {
    let config = sha("{}");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[]}}"#
    )
}

fn descriptor(manifest: &str, more: &str) -> String {
    let (digest, size) = (sha(manifest), manifest.len());
    format!(r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{size}{more}}}"#)
}

fn index(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{entries}]}}"#)
}

/// An artifact: its type, what it refers to, its documents with their types and annotations.
fn artifact(kind: &str, subject: Option<&str>, documents: &[(&str, &str, &str)]) -> String {
    let layer = |(kind, text, annotations): &(&str, &str, &str)| {
        let (digest, size) = (sha(text), text.len());
        format!(
            r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size},"annotations":{{{annotations}}}}}"#
        )
    };
    let layers: Vec<_> = documents.iter().map(layer).collect();
    let subject = subject.map(|it| format!(r#","subject":{}"#, descriptor(it, "")));
    let (empty, layers) = (sha("{}"), layers.join(","));
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","artifactType":"{kind}","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{empty}","size":2}},"layers":[{layers}],"annotations":{{"org.opencontainers.image.created":"2026-01-02T03:04:05Z"}}{}}}"#,
        subject.unwrap_or_default()
    )
}

fn statement(of: &str, kind: &str, predicate: &str) -> String {
    let hex = sha(of).encoded().to_owned();
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"app","digest":{{"sha256":"{hex}"}}}}],"predicateType":"{kind}","predicate":{predicate}}}"#
    )
}

fn provenance(of: &str) -> String {
    let predicate = r#"{"buildDefinition":{"buildType":"https://builder.example/v1","externalParameters":{"configSource":{"uri":"https://example.com/app.git","path":"Dockerfile"},"request":{"args":{"build-arg:VERSION":"1.2"}}},
        "resolvedDependencies":[{"uri":"pkg:docker/alpine@3.20","digest":{"sha256":"00"}}]},
        "runDetails":{"builder":{"id":"https://builder.example"},"metadata":{"startedOn":"2026-01-02T03:04:05Z","buildkit_metadata":{"vcs":{"revision":"c0ffee"},"source":{"infos":[{"filename":"Dockerfile","data":"RlJPTSBzY3JhdGNoCg=="}]}}}}}"#;
    statement(of, "https://slsa.dev/provenance/v1", predicate)
}

fn packages() -> String {
    let package = |number: usize| {
        let licence = ["MIT", "Zlib", "NOASSERTION"][number % 3];
        format!(
            r#"{{"name":"package-{number}","versionInfo":"1.{number}","licenseConcluded":"{licence}"}}"#
        )
    };
    let all: Vec<_> = (0..60).map(package).collect();
    format!(
        r#"{{"spdxVersion":"SPDX-2.3","name":"app","packages":[{}]}}"#,
        all.join(",")
    )
}

/// A registry in memory, and what was asked of it.
#[derive(Default)]
struct Registry {
    /// Manifests and documents.
    contents: Vec<String>,
    /// What refers to each; without an API where it is `None`.
    referrers: Option<Vec<(Digest, Vec<String>)>>,
    /// What stands under tags of a digest.
    tags: Vec<(Digest, TagKind, String)>,
    /// How every question for referrers is answered instead.
    instead: Option<Result<Referrers, Failure>>,
}

impl Registry {
    fn answer(&self, ask: &Ask) -> Result<Answer, Failure> {
        let missing = || {
            let error = RegistryError::NotFound(refusal(404, &[], ""));
            Failure::from(error)
        };
        let came = |text: &str, kind: &str| Answer::Came(arrival(text.as_bytes(), kind, None));
        match ask {
            Ask::Referrers { .. } if self.instead.is_some() => {
                self.instead.clone().expect("an answer").map(Answer::Listed)
            }
            Ask::Referrers { subject, .. } => {
                let Some(all) = &self.referrers else {
                    return Ok(Answer::Listed(Referrers::NoApi(NoApi::Status(404))));
                };
                let listed = all.iter().find(|(digest, _)| digest == subject);
                let entries = listed
                    .map(|(_, entries)| entries.clone())
                    .unwrap_or_default();
                Ok(Answer::Listed(page(&entries, Ok(None))))
            }
            Ask::Tag { subject, kind, .. } => {
                let found = self
                    .tags
                    .iter()
                    .find(|(of, it, _)| of == subject && it == kind);
                let kind = if *kind == TagKind::Fallback {
                    INDEX
                } else {
                    IMAGE
                };
                found
                    .map(|(_, _, text)| came(text, kind))
                    .ok_or_else(missing)
            }
            Ask::LongDocument(document) => Ok(self.read(document)),
            Ask::Manifest { digest, .. } | Ask::Document { digest } => {
                let found = self.contents.iter().find(|text| sha(text) == *digest);
                found.map(|text| came(text, IMAGE)).ok_or_else(missing)
            }
        }
    }
}

impl Registry {
    /// Reads a document as workers do: of its bytes the page gets the first.
    fn read(&self, document: &LongDocument) -> Answer {
        let mut found = self.contents.iter();
        let found = found.find(|text| sha(text) == document.digest);
        let bytes = found.expect("it is there").as_bytes();
        let read = Content::read(bytes.into(), &document.digest, &document.media_type);
        let content = Content {
            bytes: bytes[..1_000].into(),
            ..read
        };
        Answer::Read(Box::new(content))
    }
}

fn page(entries: &[String], next: Result<Option<String>, LinkError>) -> Referrers {
    Referrers::Page(ReferrersPage {
        bytes: index(entries).into_bytes(),
        via: Via::Proxy,
        next,
        warnings: Vec::new(),
    })
}

/// The tab, with a registry behind it.
struct Held {
    state: State,
    registry: Registry,
    asked: usize,
    done: Vec<Effect>,
}

impl Held {
    /// Looks around a manifest, or at what the path leads to in it.
    fn new(root: &str, path: &[&str], registry: Registry) -> Self {
        let reference: Reference = "r.example/app:1".parse().expect("a reference");
        let path: Vec<Digest> = path.iter().map(|manifest| sha(manifest)).collect();
        let target = InspectTarget::Registry(reference);
        let (mut model, effects) = inspect::Model::open(target, path.clone(), Generation(1));
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            let inspect::Effect::Fetch {
                generation, key, ..
            } = effect
            else {
                continue;
            };
            let bytes = match &key {
                ContentKey::Root => Some(root),
                ContentKey::Child(digest) | ContentKey::Config(digest) => {
                    let mut contents = registry.contents.iter();
                    contents
                        .find(|text| sha(text) == *digest)
                        .map(String::as_str)
                }
            };
            let result = Ok(Received::local(bytes.unwrap_or("{}").as_bytes().into()));
            let msg = inspect::Msg::Received {
                generation,
                key,
                result,
            };
            waiting.extend(inspect::update(&mut model, msg));
        }
        let task = Task::of(&model).expect("something to look around");
        let source = InspectSource::Reference("r.example/app:1".into());
        let at = View {
            at: path,
            ..View::default()
        };
        Self {
            state: State::new(task, source, at, Kept::default()),
            registry,
            asked: 0,
            done: Vec::new(),
        }
    }

    /// Sends a message, and has everything be answered that is asked because of it.
    fn tell(&mut self, msg: Msg) {
        let mut waiting = std::collections::VecDeque::from(self.state.update(msg));
        while let Some(effect) = waiting.pop_front() {
            let (generation, ask, result) = match effect {
                Effect::Workflow(workflow::Effect::Ask { generation, ask }) => {
                    let result = self.registry.answer(&ask);
                    (generation, ask, result)
                }
                Effect::Workflow(workflow::Effect::Read {
                    generation,
                    document,
                }) => {
                    let result = Ok(self.registry.read(&document));
                    (generation, Ask::LongDocument(document), result)
                }
                effect => {
                    self.done.push(effect);
                    continue;
                }
            };
            self.asked += 1;
            let msg = workflow::Msg::Answered {
                generation,
                ask,
                result,
            };
            waiting.extend(self.state.update(Msg::Workflow(msg)));
        }
    }

    fn shown(mut self) -> Self {
        self.tell(Msg::Shown(true));
        self
    }

    fn opened(mut self, manifest: &str) -> Self {
        self.tell(Msg::Toggle(sha(manifest)));
        self
    }

    fn html(&self) -> String {
        drawn(
            view::tab(&self.state, &Callback::noop())
                .expect("it is shown")
                .into(),
        )
    }
}

/// An image with a bundle by the API, a signature under cosign's tag, and a stray that is of another image.
fn signed() -> (Registry, String, String) {
    let image = image();
    let payload = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"r.example/app"}},"image":{{"docker-manifest-digest":"{}"}},"type":"cosign container image signature"}},"optional":null}}"#,
        sha(&image)
    );
    let layers = [(
        "application/vnd.dev.cosign.simplesigning.v1+json",
        payload.as_str(),
        r#""dev.cosignproject.cosign/signature":"MEUCIQ==""#,
    )];
    let signature = artifact(
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        None,
        &layers,
    );
    let test = statement(
        &image,
        "https://in-toto.io/attestation/test-result/v0.1",
        r#"{"result":"FAILED"}"#,
    );
    let envelope = |text: &str| {
        let payload = STANDARD.encode(text);
        format!(
            r#"{{"mediaType":"{BUNDLE}","verificationMaterial":{{"certificate":{{"rawBytes":"AA=="}},"tlogEntries":[]}},"dsseEnvelope":{{"payloadType":"{IN_TOTO}","payload":"{payload}","signatures":[{{"sig":"AA=="}}]}}}}"#
        )
    };
    let report = envelope(&test);
    let bundle = artifact(BUNDLE, Some(&image), &[(BUNDLE, &report, "")]);
    let stray = artifact(BUNDLE, Some("another image"), &[(BUNDLE, "{}", "")]);
    let entry = |it: &String| descriptor(it, &format!(r#","artifactType":"{BUNDLE}""#));
    let registry = Registry {
        contents: vec![
            bundle.clone(),
            stray.clone(),
            payload.clone(),
            report,
            signature.clone(),
        ],
        referrers: Some(vec![(sha(&image), vec![entry(&bundle), entry(&stray)])]),
        tags: vec![(sha(&image), TagKind::Signature, signature.clone())],
        instead: None,
    };
    (registry, signature, bundle)
}

/// An index with an image that `BuildKit` attested, with provenance and SBOM, and an image without.
fn attested() -> (Registry, String, String, String) {
    let image = image();
    let other = image.replace(
        "schemaVersion\":2",
        "schemaVersion\":2,\"annotations\":{\"a\":\"b\"}",
    );
    let (built, sbom) = (
        provenance(&image),
        statement(&image, "https://spdx.dev/Document", &packages()),
    );
    let attestation = artifact(
        ATTESTATION,
        Some(&image),
        &[
            (
                IN_TOTO,
                &built,
                r#""in-toto.io/predicate-type":"https://slsa.dev/provenance/v1""#,
            ),
            (
                IN_TOTO,
                &sbom,
                r#""in-toto.io/predicate-type":"https://spdx.dev/Document""#,
            ),
        ],
    );
    let platform = |name: &str| format!(r#","platform":{{"os":"linux","architecture":"{name}"}}"#);
    let attests = format!(
        r#","platform":{{"os":"unknown","architecture":"unknown"}},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{}"}}"#,
        sha(&image)
    );
    let list = index(&[
        descriptor(&image, &platform("amd64")),
        descriptor(&other, &platform("arm64")),
        descriptor(&attestation, &attests),
    ]);
    let registry = Registry {
        contents: vec![image.clone(), other, attestation.clone(), built, sbom],
        referrers: Some(vec![(
            sha(&image),
            vec![descriptor(
                &attestation,
                &format!(r#","artifactType":"{ATTESTATION}""#),
            )],
        )]),
        ..Registry::default()
    };
    (registry, list, image, attestation)
}

/// An image with a chart, an SBOM by itself and something hostile.
fn hostile() -> (Registry, String) {
    let image = image();
    let evil = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"<img src=x onerror=alert(1)>","digest":{{"sha256":"{}"}}}}],"predicateType":"javascript:alert(1)","predicate":{{"\u202egnp.exe":"<script>alert(1)</script>","long":"{}"}}}}"#,
        sha(&image).encoded(),
        "x".repeat(5_000)
    );
    let annotation = r#""<u>":"\u202e<script>""#;
    let manifest = artifact(
        "text/html;<script>",
        Some(&image),
        &[(IN_TOTO, &evil, annotation)],
    );
    let registry = Registry {
        contents: vec![manifest.clone(), evil],
        referrers: Some(vec![(sha(&image), vec![descriptor(&manifest, "")])]),
        ..Registry::default()
    };
    (registry, manifest)
}

fn instead(answer: Result<Referrers, Failure>) -> Registry {
    Registry {
        instead: Some(answer),
        ..Registry::default()
    }
}

/// The states that have a golden file in `tests/golden/related/`.
fn states() -> Vec<(&'static str, Held)> {
    let (with_signatures, signature, bundle) = signed();
    let (with_attestation, list, image_of_list, attestation) = attested();
    let (with_evil, evil) = hostile();
    let at_index = || attested().0;
    let refused = LinkError::OtherOrigin {
        found: "https://evil.example".into(),
    };
    let forbidden = Failure::from(RegistryError::Forbidden(refusal(403, &[], "")));
    let later = Failure::from(RegistryError::TooManyRequests(refusal(429, &[], "")));
    let none = Registry {
        referrers: Some(Vec::new()),
        ..Registry::default()
    };
    let plain = |registry| Held::new(&image(), &[], registry).shown();
    let waiting = {
        let mut held = Held::new(&image(), &[], Registry::default());
        held.state.update(Msg::Shown(true));
        held
    };
    let elsewhere = NoApi::Redirected("ghcr.io redirects to github.com".into());
    vec![
        ("waiting", waiting),
        ("none", plain(none)),
        ("none-by-tags", plain(Registry::default())),
        (
            "redirected",
            plain(instead(Ok(Referrers::NoApi(elsewhere)))),
        ),
        ("not-allowed", plain(instead(Err(forbidden)))),
        ("not-known", plain(instead(Err(later)))),
        (
            "link-to-a-stranger",
            plain(instead(Ok(page(&[], Err(refused))))),
        ),
        ("signed", plain(with_signatures)),
        (
            "signature-opened",
            plain(signed().0).opened(&signature).opened(&bundle),
        ),
        ("index", Held::new(&list, &[], with_attestation).shown()),
        (
            "attestation-opened",
            Held::new(&list, &[], at_index())
                .shown()
                .opened(&attestation),
        ),
        (
            "image-of-an-index",
            Held::new(&list, &[&image_of_list], at_index()).shown(),
        ),
        (
            "attestation-itself",
            Held::new(&list, &[&attestation], at_index()).shown(),
        ),
        ("hostile", plain(with_evil).opened(&evil)),
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
        keep(&format!("related-{name}"), &html);
        let page = print(&one_tag_a_line(&html));
        let file = project().join(format!("tests/golden/related/{name}.html"));
        if update {
            std::fs::write(&file, &page).expect("the file is written");
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        wrong.extend(difference(&golden, &page).map(|it| format!("{name}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_asked_before_the_tab_is_shown_and_once_after() {
    let mut held = Held::new(&image(), &[], signed().0);
    held.tell(Msg::Shown(false));
    assert!(held.asked == 0 && view::tab(&held.state, &Callback::noop()).is_none());
    held.tell(Msg::Shown(true));
    let asked = held.asked;
    // Five ways to ask, three manifests, and what refers to two of them: the stray belongs nowhere.
    assert_eq!(asked, 5 + 2 + 2);
    held.tell(Msg::Shown(false));
    held.tell(Msg::Shown(true));
    assert_eq!(held.asked, asked);
}

#[test]
fn a_failed_test_is_never_a_signed_image() {
    let (registry, _, bundle) = signed();
    let html = Held::new(&image(), &[], registry)
        .shown()
        .opened(&bundle)
        .html();
    assert!(html.contains("test result FAILED"));
    assert!(html.contains("https://in-toto.io/attestation/test-result/v0.1"));
    assert!(html.contains("Nothing of this is proven before it is checked"));
    for word in ["trusted", "signed image", "verified"] {
        assert!(!html.to_lowercase().contains(word), "{word}");
    }
}

#[test]
fn packages_are_searched_and_counted_by_licence() {
    let (registry, list, _, attestation) = attested();
    let mut held = Held::new(&list, &[], registry).shown().opened(&attestation);
    let html = held.html();
    assert!(
        html.contains("60 packages") && html.contains("package-0") && !html.contains("package-55")
    );
    let part = (sha(&attestation), 1);
    held.tell(Msg::Draw(
        part.clone(),
        Shown::Filter(0, "package-55".into()),
    ));
    let html = held.html();
    assert!(
        html.contains("1 of 60 packages")
            && html.contains("package-55")
            && !html.contains("package-0<")
    );
    held.tell(Msg::Draw(part.clone(), Shown::Filter(0, String::new())));
    held.tell(Msg::Draw(part.clone(), Shown::Row(0, 50)));
    assert!(held.html().contains("package-55"));
    held.tell(Msg::Save(part, false));
    let saved = held.done.iter().find_map(|effect| match effect {
        Effect::Request(Request::Save(name, bytes)) => Some((name.clone(), bytes.len())),
        _ => None,
    });
    let sbom = statement(&image(), "https://spdx.dev/Document", &packages());
    assert_eq!(
        saved,
        Some((format!("{}.json", sha(&sbom).short()), sbom.len()))
    );
}

#[test]
fn a_long_document_is_searched_in_turns_and_its_bytes_are_brought_when_they_are_needed() {
    let packages: Vec<_> = (0..12_000)
        .map(|number| format!(r#"{{"name":"package-{number}","versionInfo":"1"}}"#))
        .collect();
    let packages = packages.join(",");
    let sbom = format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}"#);
    let payload = STANDARD.encode(statement(&image(), "https://spdx.dev/Document", &sbom));
    let envelope = format!(
        r#"{{"payloadType":"{IN_TOTO}","payload":"{payload}","signatures":[{{"sig":"AA=="}}]}}"#
    );
    let kind = "application/vnd.dsse.envelope.v1+json";
    let manifest = artifact(kind, Some(&image()), &[(kind, &envelope, "")]);
    let registry = Registry {
        contents: vec![manifest.clone(), envelope.clone()],
        referrers: Some(vec![(sha(&image()), vec![descriptor(&manifest, "")])]),
        ..Registry::default()
    };
    let mut page = Held::new(&image(), &[], registry).shown().opened(&manifest);
    assert!(page.html().contains("12,000 packages"));
    let part = (sha(&manifest), 0);
    let words = Shown::Filter(0, "PACKAGE-11999".into());
    page.tell(Msg::Draw(part.clone(), words));
    assert!(page.html().contains("0 of 12,000 packages, so far"));
    while let Some(place) = page
        .done
        .iter()
        .position(|it| matches!(it, Effect::GoOn(_)))
    {
        let Effect::GoOn(search) = page.done.remove(place) else {
            unreachable!("it is one");
        };
        page.tell(Msg::Search(search));
    }
    let html = page.html();
    assert!(html.contains("1 of 12,000 packages") && !html.contains("so far"));
    // An older search that comes late changes nothing.
    let draw = |words: &str| Msg::Draw(part.clone(), Shown::Filter(0, words.into()));
    page.tell(draw("package"));
    let Some(Effect::GoOn(late)) = page.done.pop() else {
        panic!("it goes on");
    };
    page.tell(draw(""));
    page.tell(Msg::Search(late));
    assert!(!page.html().contains("so far"));
    // The page has the first bytes alone.
    page.tell(Msg::Draw(part.clone(), Shown::Bytes(true)));
    assert!(page.html().contains("the download has all of it"));
    for (is_payload, name) in [
        (false, [sha(&envelope).short(), ".json"].concat()),
        (true, ["payload-", sha(&envelope).short(), ".json"].concat()),
    ] {
        page.tell(Msg::Save(part.clone(), is_payload));
        let saved = Effect::SaveLong(sha(&envelope), is_payload, name);
        assert_eq!(page.done.pop(), Some(saved));
    }
    page.tell(Msg::Check(sha(&manifest), 0));
    let bring = Effect::Bring(sha(&manifest), 0, vec![sha(&envelope)]);
    assert!(page.state.checking.is_none() && page.done.contains(&bring));
    let brought = vec![(sha(&envelope), envelope.clone().into_bytes())];
    page.tell(Msg::Brought(sha(&manifest), 0, brought));
    let checking = page.state.checking.as_ref().expect("it is checked");
    assert_eq!(checking.asked.signed[0].bytes, envelope.as_bytes());
}

#[test]
fn what_is_hostile_is_only_text() {
    let (registry, evil) = hostile();
    let html = Held::new(&image(), &[], registry)
        .shown()
        .opened(&evil)
        .html();
    for tag in ["<script", "<img", "<u>", "href=\"javascript"] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert!(!html.contains('\u{202e}') && html.contains("U+202E"));
    assert!(html.len() < 200_000, "{}", html.len());
}

#[test]
fn signatures_of_one_manifest_are_checked_at_a_time_with_all_that_is_known_of_them() {
    let (registry, signature, bundle) = signed();
    let image = image();
    let place = |page: &Held| {
        let checking = page.state.checking.as_ref().expect("it is checked");
        (checking.manifest.clone(), checking.asked.clone())
    };
    let mut page = Held::new(&image, &[], registry).shown();
    page.tell(Msg::Toggle(sha(&signature)));
    assert!(
        page.html().contains("Check the signature"),
        "{}",
        page.html()
    );
    page.tell(Msg::Check(sha(&signature), 0));
    assert!(page.done.contains(&Effect::LoadPanel));
    let (manifest, asked) = place(&page);
    assert_eq!((manifest, asked.signed.len()), (sha(&signature), 1));
    assert_eq!(asked.subject.digest, sha(&image));
    assert_eq!(asked.subject.bytes, image.as_bytes());
    assert_eq!(asked.reference.as_deref(), Some("r.example/app:1"));
    let names: Vec<_> = asked.signed[0].annotations.iter().map(|it| &it.0).collect();
    assert_eq!(names[0], "dev.cosignproject.cosign/signature");
    // What checks did not come: it is said, and tried again.
    page.tell(Msg::PanelCame(Err(LoadError::Offline)));
    assert!(
        page.html()
            .contains("What checks signatures could not be loaded")
    );
    // Another one takes its place.
    page.tell(Msg::Toggle(sha(&bundle)));
    page.tell(Msg::Check(sha(&bundle), 0));
    assert_eq!(place(&page).0, sha(&bundle));
    page.tell(Msg::StopChecking);
    assert!(page.state.checking.is_none());
    // What was signed for names no scheme.
    page.state.source = InspectSource::Reference("http://r.example/app:1".into());
    page.tell(Msg::Check(sha(&signature), 0));
    let asked = place(&page).1;
    assert_eq!(asked.reference.as_deref(), Some("r.example/app:1"));
}

#[test]
fn what_somebody_gave_is_kept_for_the_next_image() {
    let (registry, ..) = signed();
    let mut page = Held::new(&image(), &[], registry).shown();
    let kept = Kept {
        signer: "someone@example.com".into(),
        ..Kept::default()
    };
    page.tell(Msg::Keep(kept.clone()));
    assert_eq!(page.state.kept, kept);
    assert!(page.done.contains(&Effect::Keep(kept)));
}
