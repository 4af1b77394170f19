//! `crane validate` and ours side by side: the cases that the design's table names, with crane's verdict as it is and
//! ours as it has to be.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use waybill_blobs::files::{Answer, Ask, Files};
use waybill_blobs::finding::{Code, Stream, Told, find_in_stream};
use waybill_blobs::layer::{Found as Read, Layer};
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::Event as TarEvent;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey, InspectTarget};
use waybill_core::workflow::layers::{self, Event, Found, Msg, NotUnpacked, Plan, Reading, Total};
use waybill_core::workflow::validate::{Check, ContentFinding, Contents, Outcome, Report, Verdict};

use super::archives::file;
use super::unpacking::{gzip, zstd};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const DOCKER_ZSTD: &str = "application/vnd.docker.image.rootfs.diff.tar.zstd";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An image, or an index of it: the root first, then all that it names.
struct Case {
    blobs: Vec<Vec<u8>>,
    manifest: String,
    index: Option<String>,
}

fn sum(bytes: &[u8]) -> Digest {
    Digest::sha256(bytes)
}

fn described(media_type: &str, bytes: &[u8]) -> String {
    let digest = sum(bytes);
    let size = bytes.len();
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
}

/// An image of these layers: their type, their bytes, and the archive that they unpack to. `more` is put into the
/// config.
fn image(layers: &[(&str, Vec<u8>, &[u8])], more: &str) -> Case {
    let diff_ids: Vec<_> = layers
        .iter()
        .map(|(_, _, archive)| format!("\"{}\"", sum(archive)))
        .collect();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux",{more}"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
        diff_ids.join(",")
    );
    let named: Vec<_> = layers
        .iter()
        .map(|(media_type, bytes, _)| described(media_type, bytes))
        .collect();
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{},"layers":[{}]}}"#,
        described(
            "application/vnd.oci.image.config.v1+json",
            config.as_bytes()
        ),
        named.join(",")
    );
    let mut blobs: Vec<_> = layers.iter().map(|(_, bytes, _)| bytes.clone()).collect();
    blobs.push(config.into_bytes());
    Case {
        blobs,
        manifest,
        index: None,
    }
}

/// The same in an index whose entry states that size and platform.
fn listed(case: Case, more_bytes: usize, architecture: &str) -> Case {
    let digest = sum(case.manifest.as_bytes());
    let size = case.manifest.len() + more_bytes;
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{size},"platform":{{"os":"linux","architecture":"{architecture}"}}}}]}}"#
    );
    Case {
        index: Some(index),
        ..case
    }
}

/// An archive of these entries, with its end.
fn archive(names: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = names
        .iter()
        .flat_map(|name| file(name, name.as_bytes()))
        .collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// What the worker does with a layer.
fn read_layer(bytes: &[u8]) -> (Read, Listing) {
    let mut listing = Listing::new();
    let mut take = |event: TarEvent<'_>| {
        if let TarEvent::Entry(entry) = event {
            listing.push(&entry);
        }
    };
    let mut layer = Layer::new(Algorithm::Sha256);
    layer.push(bytes, &mut take);
    (layer.finish(&mut take), listing)
}

/// What the page makes of it.
fn found(read: &Read) -> Found {
    Found {
        digest: read.digest.clone(),
        size: read.size,
        compression: read.compression,
        diff_id: read
            .diff_id
            .clone()
            .map_err(|error| NotUnpacked::Corrupt(error.to_string())),
        unpacked: read.unpacked_size,
        trailing: read.stream.trailing,
        archive: read
            .archive
            .clone()
            .map(|_| ())
            .map_err(|error| error.to_string()),
    }
}

fn plain(told: Told) -> ContentFinding {
    ContentFinding {
        severity: told.severity(),
        code: told.code,
        path: told.path,
        message: told.message,
    }
}

/// Validates a case as the page does, without its network.
fn validate(case: &Case) -> Report {
    let mut contents: Vec<Vec<u8>> = vec![case.manifest.clone().into_bytes()];
    contents.extend(case.blobs.iter().cloned());
    let root = case
        .index
        .as_ref()
        .unwrap_or(&case.manifest)
        .clone()
        .into_bytes();
    let target = InspectTarget::Bundle {
        name: "case".into(),
        expected: None,
    };
    let (mut inspection, mut effects) = inspect::Model::open(target, Vec::new(), Generation(1));
    while let Some(effect) = effects.pop() {
        let inspect::Effect::Fetch {
            generation, key, ..
        } = effect
        else {
            continue;
        };
        let bytes = match &key {
            ContentKey::Root => Some(&root),
            ContentKey::Child(digest) | ContentKey::Config(digest) => {
                contents.iter().find(|bytes| sum(bytes) == *digest)
            }
        };
        let result = bytes
            .map(|bytes| Received::local(Rc::from(bytes.as_slice())))
            .ok_or(Failure::NotBundled);
        let msg = inspect::Msg::Received {
            generation,
            key,
            result,
        };
        effects.extend(inspect::update(&mut inspection, msg));
    }
    let plan = Plan::of(&inspection);
    let mut known = Contents::default();
    let mut model = layers::Model::new(Generation(1));
    let wanted = Total::of(&plan.images).blobs;
    let mut effects = layers::update(&mut model, Msg::Check(wanted));
    let mut listings = std::collections::BTreeMap::new();
    while let Some(effect) = effects.pop() {
        let layers::Effect::Begin { reading, wanted } = effect else {
            continue;
        };
        let bytes = contents
            .iter()
            .find(|bytes| sum(bytes) == wanted.digest)
            .expect("a layer");
        let (read, listing) = read_layer(bytes);
        let stream = Stream {
            found: Some(&read),
            media_type: None,
        };
        let findings = find_in_stream(stream, false);
        let findings = findings.iter().map(|it| plain(Told::of(it))).collect();
        known.of_layers.insert(wanted.digest.clone(), findings);
        listings.insert(wanted.digest, listing.to_bytes());
        let event = Event::Done(Box::new(found(&read)));
        effects.extend(layers::update(&mut model, Msg::Told { reading, event }));
    }
    for image in &plan.images {
        let of_layer = |layer: &layers::PlannedLayer| match layer.reading {
            Reading::Unpacked => listings[layer.digest.as_ref().expect("a digest")].clone(),
            Reading::Hashed(_) | Reading::Left(_) => Listing::new().to_bytes(),
        };
        let mut by_layer = vec![Vec::new(); image.layers.len()];
        let all: Vec<_> = image.layers.iter().map(of_layer).collect();
        let all = all
            .iter()
            .map(|bytes| Listing::from_bytes(bytes).expect("a listing"));
        let Answer::Findings(found) = Files::open(all.collect()).answer(&Ask::Findings) else {
            panic!("other things are answered");
        };
        for told in found {
            by_layer[told.layer].push(plain(told));
        }
        known
            .of_images
            .insert(image.manifest.clone().expect("a digest"), by_layer);
    }
    Report::of(&inspection, &model, &known, &|_| true)
}

/// A registry that crane serves, which takes everything.
struct Crane {
    program: PathBuf,
    registry: Child,
    host: String,
}

impl Drop for Crane {
    fn drop(&mut self) {
        let _ = self.registry.kill();
        let _ = self.registry.wait();
    }
}

impl Crane {
    /// `None` where it is not on this machine.
    fn start() -> Option<Self> {
        let tools = std::env::var_os("WAYBILL_TOOLS").map(PathBuf::from);
        let tools = tools.unwrap_or_else(|| waybill_testkit::project().join(".tools"));
        let program = tools.join("bin/crane");
        let mut registry = Command::new(&program)
            .args(["registry", "serve", "--address", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut said = BufReader::new(registry.stderr.take()?);
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(
                said.read_line(&mut line).expect("its words") > 0,
                "crane ended"
            );
            if let Some((_, port)) = line.split_once("serving on port ") {
                break port.trim().to_owned();
            }
        };
        // What it logs later is let go of, so that it never waits.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Some(Self {
            program,
            registry,
            host: format!("127.0.0.1:{port}"),
        })
    }

    fn send(&self, head: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(&self.host).expect("the registry");
        let length = body.len();
        let head = format!(
            "{head}\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
            self.host
        );
        stream.write_all(head.as_bytes()).expect("a request");
        stream.write_all(body).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 201"), "{head}{answer}");
    }

    /// What `crane validate` says of a case: nothing where it passes.
    fn says(&self, name: &str, case: &Case) -> Option<String> {
        for blob in &case.blobs {
            let digest = sum(blob);
            self.send(
                &format!("POST /v2/{name}/blobs/uploads/?digest={digest} HTTP/1.1"),
                blob,
            );
        }
        let put = |target: &str, media_type: &str, bytes: &str| {
            let head =
                format!("PUT /v2/{name}/manifests/{target} HTTP/1.1\r\nContent-Type: {media_type}");
            self.send(&head, bytes.as_bytes());
        };
        put(
            sum(case.manifest.as_bytes()).as_str(),
            MANIFEST,
            &case.manifest,
        );
        match &case.index {
            Some(index) => put("1", INDEX, index),
            None => put("1", MANIFEST, &case.manifest),
        }
        let reference = format!("{}/{name}:1", self.host);
        let ran = Command::new(&self.program)
            .args(["validate", "--insecure", "--remote", &reference])
            .output()
            .expect("crane");
        let said = [ran.stdout, ran.stderr].concat();
        (!ran.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
    }
}

/// What ours has to say: the verdict, and each check that did not pass in the order of the report, but for what is
/// only not there to be judged.
type Ours = (Verdict, &'static [(Check, Outcome)]);

/// Each case with what crane says of it, in part; nothing where it passes.
#[allow(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(&'static str, Case, Option<&'static str>, Ours)> {
    const VALID: Ours = (Verdict::Valid, &[]);
    let plain = archive(&["f"]);
    let packed = gzip(&plain);
    let frame = zstd(&plain, &[]).expect("zstd is on this machine");
    let one = |media_type, bytes: &[u8], archive: &[u8]| {
        image(&[(media_type, bytes.to_vec(), archive)], "")
    };
    let of = |archive: &[u8]| one(GZIP, &gzip(archive), archive);
    let history = r#""history":[{"created_by":"a"},{"created_by":"b"},{"created_by":"c"}],"#;
    let half = plain.len() / 2;
    let two_archives = [archive(&["f"]), archive(&["g"])].concat();
    let no_end = file("f", b"f");
    let words = b"these are only words, and no archive of any kind".repeat(40);
    vec![
        ("gzip", of(&plain), None, VALID),
        (
            "zstd",
            one(ZSTD, &frame, &plain),
            Some("gzip: invalid header"),
            VALID,
        ),
        (
            "plain",
            one(TAR, &plain, &plain),
            Some("gzip: invalid header"),
            VALID,
        ),
        (
            "docker-zstd",
            one(DOCKER_ZSTD, &frame, &plain),
            Some(""),
            (Verdict::Valid, &[(Check::Parts, Outcome::Warning)]),
        ),
        (
            "gzip-called-tar",
            one(TAR, &packed, &plain),
            None,
            (Verdict::Valid, &[(Check::LayerType, Outcome::Warning)]),
        ),
        ("child", listed(of(&plain), 0, "amd64"), None, VALID),
        (
            "size-of-a-child",
            listed(of(&plain), 1, "amd64"),
            None,
            (Verdict::Invalid, &[(Check::ManifestSize, Outcome::Failed)]),
        ),
        (
            "platform-of-a-child",
            listed(of(&plain), 0, "arm64"),
            Some("amd64"),
            (Verdict::Invalid, &[(Check::Platform, Outcome::Failed)]),
        ),
        (
            "history",
            image(&[(GZIP, packed.clone(), &plain)], history),
            None,
            (Verdict::Valid, &[(Check::HistoryCount, Outcome::Warning)]),
        ),
        (
            "duplicate",
            of(&archive(&["f", "./f"])),
            None,
            (Verdict::Invalid, &[(Check::Duplicates, Outcome::Failed)]),
        ),
        (
            "the-same-name",
            of(&archive(&["f", "f"])),
            Some("f"),
            (Verdict::Invalid, &[(Check::Duplicates, Outcome::Failed)]),
        ),
        (
            "outside",
            of(&archive(&["../x"])),
            None,
            (Verdict::Invalid, &[(Check::Names, Outcome::Failed)]),
        ),
        (
            "behind-the-end",
            of(&two_archives),
            None,
            (Verdict::Valid, &[(Check::ArchiveEnd, Outcome::Note)]),
        ),
        (
            "no-end",
            of(&no_end),
            None,
            (Verdict::Valid, &[(Check::ArchiveEnd, Outcome::Note)]),
        ),
        (
            "zeros-behind",
            one(GZIP, &[&packed[..], &[0; 8]].concat(), &plain),
            Some(""),
            (Verdict::Valid, &[(Check::ArchiveEnd, Outcome::Warning)]),
        ),
        (
            "two-members",
            one(
                GZIP,
                &[gzip(&plain[..half]), gzip(&plain[half..])].concat(),
                &plain,
            ),
            None,
            VALID,
        ),
        (
            "twice",
            image(
                &[
                    (GZIP, packed.clone(), &plain),
                    (GZIP, packed.clone(), &plain),
                ],
                "",
            ),
            None,
            (Verdict::Valid, &[(Check::Parts, Outcome::Note)]),
        ),
        (
            "empty",
            of(b""),
            None,
            (Verdict::Valid, &[(Check::ArchiveEnd, Outcome::Note)]),
        ),
        (
            "words",
            of(&words),
            Some(""),
            (
                Verdict::Invalid,
                &[
                    (Check::Archive, Outcome::Failed),
                    (Check::Names, Outcome::NotChecked),
                    (Check::Duplicates, Outcome::NotChecked),
                    (Check::Whiteouts, Outcome::NotChecked),
                    (Check::Links, Outcome::NotChecked),
                    (Check::Headers, Outcome::NotChecked),
                ],
            ),
        ),
        (
            "two-faults",
            image(
                &[(GZIP, packed.clone(), &words), (GZIP, gzip(&words), &plain)],
                "",
            ),
            Some("invalid tar header"),
            (
                Verdict::Invalid,
                &[
                    (Check::DiffId, Outcome::Failed),
                    (Check::DiffId, Outcome::Failed),
                    (Check::Archive, Outcome::Failed),
                    (Check::Names, Outcome::NotChecked),
                    (Check::Duplicates, Outcome::NotChecked),
                    (Check::Whiteouts, Outcome::NotChecked),
                    (Check::Links, Outcome::NotChecked),
                    (Check::Headers, Outcome::NotChecked),
                ],
            ),
        ),
    ]
}

/// What did not pass; that nobody named the root's digest and that there is no history is so in all.
fn against(report: &Report) -> Vec<(Check, Outcome)> {
    let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
    rows.map(|row| (row.check, row.outcome))
        .filter(|row| row.1 != Outcome::Passed)
        .filter(|row| *row != (Check::ManifestDigest, Outcome::Note))
        .filter(|row| *row != (Check::HistoryCount, Outcome::Note))
        .collect()
}

#[test]
fn ours_is_the_right_answer() {
    for (name, case, _, (verdict, expected)) in cases() {
        let report = validate(&case);
        let (found, text) = (against(&report), report.to_text());
        assert_eq!(
            (report.verdict(), found.as_slice()),
            (verdict, expected),
            "{name}: {text}"
        );
    }
}

#[test]
fn crane_says_what_the_table_records() {
    let Some(crane) = Crane::start() else {
        let _ = std::io::stderr()
            .write_all(b"\n*** CRANE IS NOT HERE: NOT COMPARED WITH `crane validate`.\n\n");
        return;
    };
    for (name, case, expected, _) in cases() {
        let said = crane.says(name, &case);
        match (&said, expected) {
            (None, None) => {}
            (Some(said), Some(expected)) => {
                assert!(said.to_lowercase().contains(expected), "{name}: {said}");
            }
            _ => panic!("{name}: crane says {said:?}"),
        }
    }
}

#[test]
fn every_code_of_layers_has_its_check() {
    for code in Code::ALL {
        let name = code.rule().name;
        assert!(Check::of_content(name).is_some(), "{name}");
    }
}
