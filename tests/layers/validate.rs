//! `crane validate` and ours side by side: the cases that the design's table names, with crane's verdict as it is and
//! ours as it has to be. A row of the table, or an edge case by its number, and the case or test that has it; the tests
//! of core are those of `workflow::validate`:
//!
//! - zstd, plain, Docker's zstd type; gzip under `.tar` (18): `zstd`, `plain`, `docker-zstd`, `gzip-called-tar`,
//!   `gzip-called-zstd`
//! - size of an index child (22), also in a list in it: `size-of-a-child`, `size-in-list-in-list`
//! - children recursively, media type, platform: `list-in-list`, `type-of-a-child`, `platform-of-a-child`; core's
//!   `each_child_of_a_list_in_a_list_is_judged_with_its_place`
//! - history, `diff_ids`, empty layers (21): `history`, `too-few-diff-ids`, `too-many-diff-ids`; core's
//!   `history_and_empty_layers_are_counted_by_what_made_a_layer`
//! - config: digest, size, `rootfs.type`: `config-too-small`, `config-too-large`, `rootfs-type`; core's
//!   `a_config_of_other_bytes_says_nothing_of_the_image`
//! - `f` and `./f` (7); the same name: `duplicate`, `the-same-name`
//! - `../x`, `/x` (8): `outside`, `absolute`
//! - a second tar, no end blocks, 8 zero bytes (15), garbage, cut: `behind-the-end`, `no-end`, `zeros-behind`,
//!   `garbage-behind`, `cut-by-4-bytes`
//! - two members, the same layer twice (24), empty gzip: `two-members`, `twice`, `empty`, `one-empty-file`,
//!   `layer-of-no-bytes`
//! - not a tar inside: `words`
//! - whiteouts (1 to 6): `whiteout-and-file`, `opaque-root`, `whiteout-of-no-name`; each by its number in `edges.rs`
//! - links (9 to 12): `through-a-link`, `link-to-a-lower-layer`, `link-without-target`
//! - eStargz (13), two frames and skippable frames (14): `zstd-of-two-frames`; core's
//!   `data_behind_the_end_of_an_estargz_layer_are_no_finding`
//! - a window that is too large (14): core's `a_stream_cut_short_fails_at_the_diff_id`
//! - headers (16, 17): `unknown-type`, `global-header`
//! - unpacked on the way (19): core's `a_layer_that_was_unpacked_on_the_way_is_not_tampered_with`
//! - foreign, encrypted, empty (25), attestations, artifacts: `attestation`; core's
//!   `foreign_encrypted_and_empty_layers_are_named`, `a_child_that_is_an_artifact_is_judged_as_one`
//! - sha512: core's `digests_in_sha512_are_checked`
//! - `data`: `data`; core's `embedded_data_passes_where_it_is_the_content_and_fails_where_it_is_not`
//! - `subject`: `subject`, `size-of-the-subject`, `no-subject`; core's `subjects`
//! - tables of contents: `tables_of_contents_are_judged_and_each_difference_is_at_its_path`; `two-tables`; core's
//!   `tables_of_contents_of_two_kinds_and_of_no_digest_are_told`
//! - chain IDs: core's `chain_ids_are_those_of_the_specification`
//! - schema 1, unsigned and signed: `schema-1`; core's
//!   `signed_schema_1_waits_for_its_signatures_and_then_says_what_came_of_them`
//! - all faults, and not only the first: `two-faults`; core's `a_list_tells_every_fault_of_every_entry`

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use waybill_blobs::files::{Answer, Ask, Files};
use waybill_blobs::finding::{Code, Stream, Told, find_in_stream};
use waybill_blobs::job::Job;
use waybill_blobs::layer::Found as Read;
use waybill_blobs::listing::Listing;
use waybill_blobs::message::{Limits, Start, Wanted};
use waybill_blobs::toc::{Stated, TableCommand, TableEvent, Tables};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey, Current, InspectTarget};
use waybill_core::workflow::layers::{
    self, Below, Event, Found, ImagePlan, Msg, NotUnpacked, Plan, Reading, Total,
};
use waybill_core::workflow::validate::{
    Check, ContentFinding, Contents, Outcome, Place, Report, TableFound, Verdict,
};

use super::archives::{Header, file, pax};
use super::toc::{Sample, make, peer, unpacked};
use super::toc_differs::{edited, named};
use super::unpacking::{gzip, zstd};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const DOCKER_ZSTD: &str = "application/vnd.docker.image.rootfs.diff.tar.zstd";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";

/// An image, or an index of it, with what it names.
#[derive(Clone)]
struct Case {
    blobs: Vec<Vec<u8>>,
    manifest: String,
    media_type: &'static str,
    /// Other manifests, with their types, that are there before the index.
    others: Vec<(&'static str, String)>,
    index: Option<String>,
}

impl Case {
    /// The same with another text in its manifest, once.
    fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.manifest.contains(old), "{old} stands nowhere");
        self.manifest = self.manifest.replacen(old, new, 1);
        self
    }

    /// The same with another text in its config, once; the manifest names the new one.
    fn with_config(mut self, old: &str, new: &str) -> Self {
        let config = self.blobs.pop().expect("a config");
        let text = String::from_utf8(config.clone()).expect("text");
        assert!(text.contains(old), "{old} stands nowhere");
        let changed = text.replacen(old, new, 1).into_bytes();
        let (before, after) = (described(CONFIG, &config), described(CONFIG, &changed));
        self.manifest = self.manifest.replace(&before, &after);
        self.blobs.push(changed);
        self
    }

    /// The same in an index whose entries are these.
    fn in_index(self, entries: &[String]) -> Self {
        let index = index_of(entries);
        Self {
            index: Some(index),
            ..self
        }
    }
}

fn index_of(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{entries}]}}"#)
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
        described(CONFIG, config.as_bytes()),
        named.join(",")
    );
    let mut blobs: Vec<_> = layers.iter().map(|(_, bytes, _)| bytes.clone()).collect();
    blobs.push(config.into_bytes());
    Case {
        blobs,
        manifest,
        media_type: MANIFEST,
        others: Vec::new(),
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

/// What the worker does with a layer: its bytes, and whether the content of each file is hashed.
fn read_layer(bytes: &[u8], contents: bool) -> (Read, Vec<u8>) {
    let mut job = Job::new(&Start {
        algorithm: Algorithm::Sha256,
        size: None,
        wanted: Wanted {
            listing: true,
            contents,
            file: None,
            ..Wanted::default()
        },
        limits: Limits::of_layer(None),
    });
    assert_eq!(job.push(bytes), None);
    let (found, listing) = job.finish();
    (found, listing.expect("it is wanted"))
}

/// The tables of contents of an image's layers, by their places, and what came of each.
fn tables(
    inspection: &inspect::Model,
    image: &ImagePlan,
    contents: &[Vec<u8>],
) -> (Tables, Vec<Option<TableFound>>) {
    let (mut tables, mut found) = (Tables::new(), vec![None; image.layers.len()]);
    let by_digest = Descriptor {
        digest: image.manifest.clone(),
        ..Descriptor::default()
    };
    let layers = match inspection.current() {
        Current::Image(_, image) => Some(image),
        _ => inspection
            .child(&by_digest)
            .and_then(|child| child.done()?.image()),
    };
    let layers = layers.map(|image| &image.layers[..]).unwrap_or_default();
    for (place, layer) in (0_u32..).zip(layers) {
        let Some(stated) = Stated::of(layer).filter(|_| image.layers[place as usize].has_table)
        else {
            continue;
        };
        let is_it = |bytes: &&Vec<u8>| Some(sum(bytes)) == layer.digest;
        let blob = contents.iter().find(is_it).expect("a layer");
        let mut todo = vec![(TableCommand::Begin(place, stated), Vec::new())];
        while let Some((command, beside)) = todo.pop() {
            tables.hear(command, &beside, &mut |event, _| match event {
                TableEvent::Need(table, range) => {
                    let at = |at: u64| usize::try_from(at).expect("a place");
                    let bytes = blob[at(range.start)..at(range.end)].to_vec();
                    todo.push((TableCommand::Bytes(table, range.start), bytes));
                }
                TableEvent::Sealed(_, seal) => {
                    found[place as usize] = Some(TableFound::Compared {
                        digest: seal.digest,
                        entries: seal.entries,
                    });
                }
                TableEvent::Failed { why, is_wrong, .. } => {
                    found[place as usize] = Some(if is_wrong {
                        TableFound::Wrong(why)
                    } else {
                        TableFound::NotHere(why)
                    });
                }
                other => panic!("{other:?}"),
            });
        }
    }
    (tables, found)
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
    let others = case
        .others
        .iter()
        .map(|(_, text)| text.clone().into_bytes());
    contents.extend(others);
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
    loop {
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
        let Current::List(_, list) = inspection.current() else {
            break;
        };
        let Some(more) = Below::of(&inspection, list).missing(&inspection, true) else {
            break;
        };
        effects = inspect::update(&mut inspection, more);
    }
    let plan = Plan::of(&inspection);
    let mut known = Contents::default();
    for subject in Report::subjects_wanted(&inspection, &known) {
        let digest = subject.digest.expect("a digest");
        if let Some(bytes) = contents.iter().find(|bytes| sum(bytes) == digest) {
            known.subject_came(digest, Ok(Received::local(Rc::from(bytes.as_slice()))));
        }
    }
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
        let (read, listing) = read_layer(bytes, wanted.contents);
        let stream = Stream {
            found: Some(&read),
            media_type: None,
        };
        let findings = find_in_stream(stream, false);
        let findings = findings.iter().map(|it| plain(Told::of(it))).collect();
        known.of_layers.insert(wanted.digest.clone(), findings);
        listings.insert(wanted.digest, listing);
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
            .map(|bytes| Some(Listing::from_bytes(bytes).expect("a listing")));
        let (tables, came) = tables(&inspection, image, &contents);
        let sealed = (0_u32..).zip(&came);
        let is_sealed =
            |table: &Option<TableFound>| matches!(table, Some(TableFound::Compared { .. }));
        let sealed = sealed.filter(|(_, table)| is_sealed(table));
        let sealed: Vec<_> = sealed.map(|(place, _)| (place, place)).collect();
        let (all, of_tables) = tables.open(all.collect(), &sealed, &mut |_, _| {});
        let answer = Files::open_with(all, of_tables).answer(&Ask::Findings);
        let Answer::Findings(found) = answer else {
            panic!("other things are answered");
        };
        for told in found {
            by_layer[told.layer].push(plain(told));
        }
        let manifest = image.manifest.clone().expect("a digest");
        known.of_images.insert(manifest.clone(), by_layer);
        known.of_tables.insert(manifest, came);
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
            case.media_type,
            &case.manifest,
        );
        for (media_type, text) in &case.others {
            put(sum(text.as_bytes()).as_str(), media_type, text);
        }
        match &case.index {
            Some(index) => put("1", INDEX, index),
            None => put("1", case.media_type, &case.manifest),
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

/// A name, the case, what crane says of it in part, or nothing where it passes, and what ours has to say.
type Row = (&'static str, Case, Option<&'static str>, Ours);

/// Each case with what crane says of it, in part; nothing where it passes.
#[allow(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Row> {
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

/// An archive of these entries, with its end.
fn ended(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A link of that type.
fn link(name: &str, kind: u8, to: &str) -> Vec<u8> {
    Header::new(name, kind).set(157, to.as_bytes()).with(b"")
}

/// What `crane validate` never looks at, and images that it refuses for another reason than ours.
#[allow(clippy::too_many_lines, reason = "a table")]
fn more_cases() -> Vec<Row> {
    const VALID: Ours = (Verdict::Valid, &[]);
    let plain = archive(&["f"]);
    let packed = gzip(&plain);
    let one = |media_type, bytes: &[u8], archive: &[u8]| {
        image(&[(media_type, bytes.to_vec(), archive)], "")
    };
    let of = |archive: &[u8]| one(GZIP, &gzip(archive), archive);
    let good = || of(&plain);
    // Of a platform, as lists have it.
    let entry = |case: &Case| {
        let entry = described(MANIFEST, case.manifest.as_bytes());
        let platform = r#","platform":{"os":"linux","architecture":"amd64"}}"#;
        [entry.strip_suffix('}').expect("an object"), platform].concat()
    };
    let inner = index_of(&[entry(&good())]);
    let nested = |inner: String| {
        let outer = [described(INDEX, inner.as_bytes()), entry(&good())];
        Case {
            others: vec![(INDEX, inner)],
            ..good()
        }
        .in_index(&outer)
    };
    let size = format!("\"size\":{}", good().manifest.len());
    let two_layers = |lower: &[u8], upper: &[u8]| {
        image(
            &[(GZIP, gzip(lower), lower), (GZIP, gzip(upper), upper)],
            "",
        )
    };
    let statement = br#"{"_type":"https://in-toto.io/Statement/v0.1"}"#;
    let attestation = image(
        &[(
            "application/vnd.in-toto+json",
            statement.to_vec(),
            statement,
        )],
        "",
    )
    .with_config("\"linux\"", "\"unknown\"")
    .with_config("\"amd64\"", "\"unknown\"");
    let of_attestation = described(MANIFEST, attestation.manifest.as_bytes()).replace(
        '}',
        &format!(
            r#","platform":{{"os":"unknown","architecture":"unknown"}},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{}"}}}}"#,
            sum(good().manifest.as_bytes())
        ),
    );
    let built = Case {
        others: vec![(MANIFEST, attestation.manifest.clone())],
        blobs: [good().blobs, attestation.blobs].concat(),
        ..good()
    };
    let subject = described(MANIFEST, good().manifest.as_bytes());
    let refers =
        |subject: &str| good().with(r#""layers""#, &format!(r#""subject":{subject},"layers""#));
    let toc = sum(b"toc");
    let annotated = |annotations: &str| {
        let layer = described(GZIP, &packed);
        let with = layer.replace('}', &format!(r#","annotations":{{{annotations}}}}}"#));
        good().with(&layer, &with)
    };
    let both = format!(
        r#""containerd.io/snapshot/stargz/toc.digest":"{toc}","io.github.containers.zstd-chunked.manifest-checksum":"{toc}""#
    );
    let config_of = |case: &Case| described(CONFIG, case.blobs.last().expect("a config"));
    let config = config_of(&good());
    let size_of_config = good().blobs[1].len();
    let wrong_size =
        |size: usize| config.replace(&format!(":{size_of_config}}}"), &format!(":{size}}}"));
    let frames = [
        zstd(&plain[..512], &[]).expect("zstd is on this machine"),
        [&b"\x50\x2a\x4d\x18\x04\0\0\0"[..], b"skip"].concat(),
        zstd(&plain[512..], &[]).expect("zstd is on this machine"),
    ]
    .concat();
    let schema1 = format!(
        r#"{{"schemaVersion":1,"name":"schema-1","tag":"1","architecture":"amd64","fsLayers":[{{"blobSum":"{}"}}],"history":[{{"v1Compatibility":"{{\"id\":\"{}\"}}"}}]}}"#,
        sum(&packed),
        "a".repeat(64)
    );
    let symbolic = ended(&[link("lib", b'2', "usr/lib"), file("lib/b", b"b")]);
    let lower_file = archive(&["f"]);
    let hard = ended(&[link("g", b'1', "f")]);
    let unknown = ended(&[Header::new("s", b'7').with(b"")]);
    let global = ended(&[pax(b'g', &[("comment", "x")]), file("f", b"f")]);
    let cut = &packed[..packed.len() - 4];
    let garbage = [&packed[..], b"garbage"].concat();
    vec![
        (
            "list-in-list",
            nested(inner.clone()),
            None,
            (Verdict::Valid, &[(Check::Entries, Outcome::Note)]),
        ),
        (
            "size-in-list-in-list",
            nested(inner.replace(&size, "\"size\":7")),
            None,
            (
                Verdict::Invalid,
                &[
                    (Check::Entries, Outcome::Note),
                    (Check::ManifestSize, Outcome::Failed),
                ],
            ),
        ),
        (
            "attestation",
            built.in_index(&[entry(&good()), of_attestation]),
            Some("mismatched number of diffids"),
            (
                Verdict::Valid,
                &[
                    (Check::Platform, Outcome::Note),
                    (Check::DiffId, Outcome::Note),
                ],
            ),
        ),
        (
            "type-of-a-child",
            good().in_index(&[entry(&good()).replace(
                MANIFEST,
                "application/vnd.docker.distribution.manifest.v2+json",
            )]),
            None,
            (
                Verdict::Invalid,
                &[
                    (Check::Entries, Outcome::Note),
                    (Check::MediaType, Outcome::Failed),
                ],
            ),
        ),
        (
            "subject",
            Case {
                others: vec![(MANIFEST, good().manifest)],
                ..refers(&subject)
            },
            None,
            VALID,
        ),
        (
            "size-of-the-subject",
            Case {
                others: vec![(MANIFEST, good().manifest)],
                ..refers(&subject.replace(&size, "\"size\":7"))
            },
            None,
            (Verdict::Invalid, &[(Check::Subject, Outcome::Failed)]),
        ),
        (
            "no-subject",
            refers(&subject.replace(&sum(good().manifest.as_bytes()).to_string(), toc.as_str())),
            None,
            (Verdict::Valid, &[(Check::Subject, Outcome::Note)]),
        ),
        (
            "data",
            good().with(&config, &config.replace('}', r#","data":"e30="}"#)),
            Some("error verifying digest"),
            (Verdict::Invalid, &[(Check::Data, Outcome::Failed)]),
        ),
        (
            "two-tables",
            annotated(&both),
            None,
            // Announced twice, and it is not there.
            (Verdict::Invalid, &[(Check::Table, Outcome::Failed); 2]),
        ),
        (
            "schema-1",
            Case {
                manifest: schema1,
                media_type: SCHEMA1,
                ..good()
            },
            Some(""),
            (
                Verdict::Valid,
                &[
                    (Check::Format, Outcome::Note),
                    (Check::ChainIds, Outcome::Note),
                    (Check::LayerSize, Outcome::Note),
                    (Check::DiffId, Outcome::Note),
                    (Check::LayerType, Outcome::Note),
                ],
            ),
        ),
        (
            "too-few-diff-ids",
            good().with_config(&format!("\"{}\"", sum(&plain)), ""),
            Some(""),
            (
                Verdict::Invalid,
                &[
                    (Check::LayerCount, Outcome::Failed),
                    (Check::DiffId, Outcome::NotChecked),
                    (Check::ChainIds, Outcome::Note),
                ],
            ),
        ),
        (
            "too-many-diff-ids",
            good().with_config(
                "\"diff_ids\":[",
                &format!("\"diff_ids\":[\"{}\",", sum(&plain)),
            ),
            Some(""),
            (Verdict::Invalid, &[(Check::LayerCount, Outcome::Failed)]),
        ),
        (
            "rootfs-type",
            good().with_config("\"layers\"", "\"Layers\""),
            Some(""),
            (Verdict::Invalid, &[(Check::RootfsType, Outcome::Failed)]),
        ),
        (
            "config-too-small",
            good().with(&config, &wrong_size(1)),
            Some(""),
            (Verdict::Invalid, &[(Check::ConfigSize, Outcome::Failed)]),
        ),
        (
            "config-too-large",
            good().with(&config, &wrong_size(size_of_config + 1)),
            Some(""),
            (Verdict::Invalid, &[(Check::ConfigSize, Outcome::Failed)]),
        ),
        (
            "layer-too-large",
            good().with(
                &described(GZIP, &packed),
                &described(GZIP, &packed).replace(&format!(":{}}}", packed.len()), ":99999}"),
            ),
            Some(""),
            (Verdict::Invalid, &[(Check::LayerSize, Outcome::Failed)]),
        ),
        (
            "no-layers",
            image(&[], ""),
            None,
            (
                Verdict::Valid,
                &[
                    (Check::Parts, Outcome::Note),
                    (Check::ChainIds, Outcome::Note),
                ],
            ),
        ),
        (
            "layer-of-no-bytes",
            one(GZIP, b"", b""),
            Some(""),
            (
                Verdict::Valid,
                &[
                    (Check::Descriptors, Outcome::Warning),
                    (Check::LayerType, Outcome::Warning),
                    (Check::ArchiveEnd, Outcome::Note),
                ],
            ),
        ),
        ("one-empty-file", of(&ended(&[file("f", b"")])), None, VALID),
        (
            "gzip-called-zstd",
            one(ZSTD, &packed, &plain),
            None,
            (Verdict::Valid, &[(Check::LayerType, Outcome::Warning)]),
        ),
        (
            "zstd-of-two-frames",
            one(ZSTD, &frames, &plain),
            Some("gzip: invalid header"),
            VALID,
        ),
        (
            "whiteout-of-no-name",
            of(&archive(&["a/.wh."])),
            None,
            (Verdict::Invalid, &[(Check::Whiteouts, Outcome::Failed)]),
        ),
        (
            "whiteout-and-file",
            two_layers(&lower_file, &archive(&[".wh.f", "f"])),
            None,
            (
                Verdict::Valid,
                &[
                    (Check::Whiteouts, Outcome::Warning),
                    (Check::Whiteouts, Outcome::Note),
                ],
            ),
        ),
        (
            "opaque-root",
            two_layers(&lower_file, &archive(&[".wh..wh..opq", "g"])),
            None,
            (
                Verdict::Invalid,
                &[
                    (Check::Whiteouts, Outcome::Failed),
                    (Check::Whiteouts, Outcome::Note),
                ],
            ),
        ),
        (
            "through-a-link",
            of(&symbolic),
            None,
            (Verdict::Invalid, &[(Check::Links, Outcome::Failed)]),
        ),
        (
            "link-to-a-lower-layer",
            two_layers(&lower_file, &hard),
            None,
            (Verdict::Invalid, &[(Check::Links, Outcome::Failed)]),
        ),
        (
            "link-without-target",
            of(&hard),
            None,
            (Verdict::Invalid, &[(Check::Links, Outcome::Failed)]),
        ),
        (
            "absolute",
            of(&archive(&["/etc/x"])),
            None,
            (Verdict::Valid, &[(Check::Names, Outcome::Note)]),
        ),
        (
            "unknown-type",
            of(&unknown),
            None,
            (Verdict::Invalid, &[(Check::Headers, Outcome::Failed)]),
        ),
        (
            "global-header",
            of(&global),
            None,
            (Verdict::Valid, &[(Check::Headers, Outcome::Note)]),
        ),
        (
            "garbage-behind",
            one(GZIP, &garbage, &plain),
            Some(""),
            (Verdict::Valid, &[(Check::ArchiveEnd, Outcome::Warning)]),
        ),
        (
            "cut-by-4-bytes",
            one(GZIP, cut, &plain),
            Some(""),
            (
                Verdict::Invalid,
                &[
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
    let mut wrong = Vec::new();
    for (name, case, _, (verdict, expected)) in all_cases() {
        let report = validate(&case);
        let found = against(&report);
        if (report.verdict(), found.as_slice()) != (verdict, expected) {
            wrong.push(format!("{name}: {:?} {found:?}", report.verdict()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crane_says_what_the_table_records() {
    let Some(crane) = Crane::start() else {
        let _ = std::io::stderr()
            .write_all(b"\n*** CRANE IS NOT HERE: NOT COMPARED WITH `crane validate`.\n\n");
        return;
    };
    let mut wrong = Vec::new();
    for (name, case, expected, _) in all_cases() {
        let said = crane.says(name, &case);
        let is_right = match (&said, expected) {
            (None, None) => true,
            (Some(said), Some(expected)) => said.to_lowercase().contains(expected),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !is_right {
            wrong.push(format!("{name}: crane says {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn all_cases() -> impl Iterator<Item = Row> {
    cases().into_iter().chain(more_cases())
}

/// An image of one layer that announces a table of contents.
fn of_sample(sample: &Sample) -> Case {
    let media_type = if sample.blob.starts_with(&[0x1f, 0x8b]) {
        GZIP
    } else {
        ZSTD
    };
    let archive = unpacked(&sample.blob);
    let plain = image(&[(media_type, sample.blob.clone(), &archive)], "");
    let annotations = sample.layer.annotations.iter();
    let annotations: Vec<_> = annotations
        .map(|(name, value)| format!("{name:?}:{value:?}"))
        .collect();
    let size = format!(r#""size":{}}}"#, sample.blob.len());
    let annotated = format!(
        r#""size":{},"annotations":{{{}}}}}"#,
        sample.blob.len(),
        annotations.join(",")
    );
    plain.with(&size, &annotated)
}

/// What came of the table: each row with its path.
fn of_table(sample: &Sample) -> (Verdict, Vec<(Outcome, String)>) {
    let report = validate(&of_sample(sample));
    let rows = report.subjects.iter().flat_map(|subject| &subject.rows);
    let rows = rows.filter(|row| row.check == Check::Table);
    let told = rows.map(|row| match &row.place {
        Place::Layer { path, .. } => (row.outcome, path.clone()),
        other => panic!("{other:?}"),
    });
    let mut told: Vec<_> = told.collect();
    // zstd:chunked says it three times: the tar-split data differ from the table there too.
    told.dedup();
    (report.verdict(), told)
}

#[test]
fn tables_of_contents_are_judged_and_each_difference_is_at_its_path() {
    let Some(peer) = peer() else { return };
    let archive = super::toc::archive(peer);
    for kind in super::toc::KINDS {
        let sample = make(peer, kind, &archive);
        let passed = vec![(Outcome::Passed, String::new())];
        assert_eq!(of_table(&sample), (Verdict::Valid, passed), "{kind}");
    }
    for kind in ["estargz-chunks", "zstd-chunked"] {
        let sample = make(peer, kind, &archive);
        let at = |path: &str| vec![(Outcome::Failed, path.to_owned())];
        let other = Digest::sha256(b"other").to_string();
        // One digit of a mode.
        let mode = edited(&sample, |all| named(all, "bin/su")["mode"] = 0o755.into());
        assert_eq!(of_table(&mode), (Verdict::Invalid, at("bin/su")), "{kind}");
        // The digest of one chunk of several, by which engines go that pull lazily.
        let chunk = |all: &mut Vec<serde_json::Value>| {
            named(all, "lib/large")["chunkDigest"] = other.clone().into();
        };
        let found = of_table(&edited(&sample, chunk));
        assert_eq!(found, (Verdict::Invalid, at("lib/large")), "{kind}");
        // One byte of the table, whose digest is another then.
        let mut spoilt = sample.clone();
        let names = ["toc.digest", "manifest-checksum"];
        let annotations = spoilt.layer.annotations.clone();
        for (name, _) in &annotations {
            if names.iter().any(|end| name.ends_with(end)) {
                spoilt.layer.annotations.set(name.clone(), other.clone());
            }
        }
        assert_eq!(of_table(&spoilt), (Verdict::Invalid, at("")), "{kind}");
    }
}

#[test]
fn every_code_of_layers_has_its_check() {
    for code in Code::ALL {
        let name = code.rule().name;
        assert!(Check::of_content(name).is_some(), "{name}");
    }
}
