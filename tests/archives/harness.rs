//! What the tests here share: sources that count, images made by hand, and the programs of others.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use waybill_blobs::archive::{
    Archive, Code, Files, FolderFile, Judgement, Opened, ReadError, Source, Verdict, open,
};
use waybill_core::digest::Digest;
use waybill_testkit::empty_folder;
use waybill_testkit::registries::run_now;
use waybill_testkit::tar::{Header, file};

/// Bytes in memory, with holes between them, which are zeros.
pub(crate) struct Memory {
    pub(crate) size: u64,
    pub(crate) pieces: BTreeMap<u64, Vec<u8>>,
    /// Every range that was read.
    pub(crate) asked: RefCell<Vec<Range<u64>>>,
}

impl Memory {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        Self {
            size,
            pieces: BTreeMap::from([(0, bytes)]),
            asked: RefCell::default(),
        }
    }

    pub(crate) fn bytes_asked(&self) -> u64 {
        let asked = self.asked.borrow();
        asked.iter().map(|range| range.end - range.start).sum()
    }
}

impl Source for Memory {
    fn files(&self) -> Files {
        Files::One(self.size)
    }

    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        assert_eq!(file, 0);
        assert!(
            range.start < range.end && range.end <= self.size,
            "{range:?}"
        );
        self.asked.borrow_mut().push(range.clone());
        let mut bytes = vec![0; usize::try_from(range.end - range.start).expect("few")];
        for (start, piece) in &self.pieces {
            let (from, to) = (
                range.start.max(*start),
                range.end.min(start + piece.len() as u64),
            );
            if from < to {
                let at = |place: u64, base: u64| usize::try_from(place - base).expect("few");
                bytes[at(from, range.start)..at(to, range.start)]
                    .copy_from_slice(&piece[at(from, *start)..at(to, *start)]);
            }
        }
        Ok(bytes)
    }
}

/// A folder, of the disk or made by hand.
pub(crate) struct Folder(pub(crate) Vec<(String, Vec<u8>)>);

impl Folder {
    /// Reads all that is in a folder of the disk.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).expect("inside");
                    let name = name.to_str().expect("text").to_owned();
                    files.push((name, std::fs::read(path).expect("a file")));
                }
            }
        }
        Self(files)
    }
}

impl Source for Folder {
    fn files(&self) -> Files {
        let files = self.0.iter().map(|(name, bytes)| FolderFile {
            path: name.clone().into_bytes(),
            size: bytes.len() as u64,
        });
        Files::Folder(files.collect())
    }

    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let at = |place| usize::try_from(place).expect("few");
        Ok(self.0[file].1[at(range.start)..at(range.end)].to_vec())
    }
}

/// Opens what is not compressed as a whole, and makes the digests that need layers.
pub(crate) fn opened(source: &impl Source) -> Archive {
    let opened = run_now(open(source)).expect("it is read");
    let Opened::Archive(mut archive) = opened else {
        panic!("it is compressed");
    };
    run_now(archive.measure(source, &mut |_| {})).expect("it is read");
    *archive
}

/// Opens a tar file.
pub(crate) fn listed(bytes: &[u8]) -> Archive {
    opened(&Memory::of(bytes.to_vec()))
}

/// Opens and verifies a tar file.
pub(crate) fn verified(bytes: &[u8]) -> (Archive, Vec<Judgement>) {
    let source = Memory::of(bytes.to_vec());
    let mut archive = opened(&source);
    let judged = run_now(archive.verify(&source, &mut |_| {})).expect("it is read");
    assert_eq!(judged.len(), archive.images.len());
    (archive, judged)
}

/// The codes of the findings, each once, in their order.
pub(crate) fn codes(archive: &Archive) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = Vec::new();
    for finding in &archive.findings {
        if !codes.contains(&finding.code.name()) {
            codes.push(finding.code.name());
        }
    }
    codes
}

/// Whether a finding of that code has those words.
#[track_caller]
pub(crate) fn says(archive: &Archive, code: Code, words: &str) {
    let mut findings = archive.findings.iter();
    assert!(
        findings.any(|finding| finding.code == code && finding.message.contains(words)),
        "{code:?} {words:?} in {:#?}",
        archive.findings
    );
}

/// The one verdict of an archive with one image.
#[track_caller]
pub(crate) fn verdict(bytes: &[u8]) -> (Verdict, String) {
    let (_, judged) = verified(bytes);
    assert_eq!(judged.len(), 1, "{judged:#?}");
    (judged[0].verdict, judged[0].causes.join("; "))
}

/// An image of some layers.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) config: Vec<u8>,
    pub(crate) layers: Vec<Vec<u8>>,
}

impl Made {
    /// An image of so many layers; `seed` makes it another than others.
    pub(crate) fn new(seed: &str, layers: usize) -> Self {
        let layers = (0..layers).map(|number| {
            let content = format!("{seed} {number}\n").repeat(40);
            ended(&[file(&format!("etc/{seed}-{number}"), content.as_bytes())])
        });
        Self::of(layers.collect())
    }

    /// An image of layers that are not compressed.
    pub(crate) fn of(layers: Vec<Vec<u8>>) -> Self {
        let diff_ids: Vec<_> = layers.iter().map(|layer| digest(layer)).collect();
        let config = json!({
            "architecture": "arm64", "os": "linux", "config": {"Cmd": ["sh"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        Self {
            config: config.to_string().into_bytes(),
            layers,
        }
    }

    /// The OCI manifest, of the layers as they are.
    pub(crate) fn manifest(&self) -> Vec<u8> {
        let layers = self.layers.iter().map(|layer| {
            let ending = if layer.starts_with(b"\x1f\x8b") {
                "+gzip"
            } else {
                ""
            };
            let media_type = format!("application/vnd.oci.image.layer.v1.tar{ending}");
            descriptor(&media_type, layer)
        });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &self.config),
            "layers": layers.collect::<Vec<_>>(),
        });
        manifest.to_string().into_bytes()
    }

    /// The manifest that skopeo makes of a docker archive.
    pub(crate) fn skopeos(&self) -> String {
        let layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        let layers = self.layers.iter().map(|bytes| {
            let (size, digest) = (bytes.len(), digest(bytes));
            format!(r#"{{"mediaType":"{layer}","size":{size},"digest":"{digest}"}}"#)
        });
        let layers = layers.collect::<Vec<_>>().join(",");
        let (size, digest) = (self.config.len(), digest(&self.config));
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{{"mediaType":"application/vnd.docker.container.image.v1+json","size":{size},"digest":"{digest}"}},"layers":[{layers}]}}"#
        )
    }

    /// The files of an OCI layout, without `index.json` and `oci-layout`.
    pub(crate) fn blobs(&self) -> Vec<(String, Vec<u8>)> {
        let mut blobs = self.layers.clone();
        blobs.push(self.config.clone());
        blobs.push(self.manifest());
        blobs.sort();
        blobs.dedup();
        let named = blobs.into_iter().map(|bytes| (blob(&bytes), bytes));
        named.collect()
    }
}

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

pub(crate) fn digest(bytes: &[u8]) -> String {
    Digest::sha256(bytes).to_string()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    Digest::sha256(bytes).encoded().to_owned()
}

/// The name of a blob in a layout.
pub(crate) fn blob(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", hex(bytes))
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}

/// A descriptor with a name.
pub(crate) fn named(mut descriptor: Value, name: &str) -> Value {
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
    descriptor
}

pub(crate) fn index(entries: &[Value]) -> Vec<u8> {
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries});
    index.to_string().into_bytes()
}

/// An archive of such entries, with its end.
pub(crate) fn ended(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

/// An archive of files.
pub(crate) fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries = files.iter().map(|(name, bytes)| long(name, bytes));
    ended(&entries.collect::<Vec<_>>())
}

/// A file whose name may be longer than a header's field.
fn long(name: &str, bytes: &[u8]) -> Vec<u8> {
    if name.len() <= 100 {
        return file(name, bytes);
    }
    [
        waybill_testkit::tar::pax(b'x', &[("path", name)]),
        file("short", bytes),
    ]
    .concat()
}

pub(crate) fn link(name: &str, kind: u8, target: &str) -> Vec<u8> {
    Header::new(name, kind)
        .set(157, target.as_bytes())
        .then(b"")
}

/// What skopeo writes into a docker archive, as far as it is read.
pub(crate) fn docker(image: &Made, tags: &[&str]) -> Vec<(String, Vec<u8>)> {
    let layer = |layer: &Vec<u8>| (format!("{}.tar", hex(layer)), layer.clone());
    let mut files: Vec<_> = image.layers.iter().map(layer).collect();
    let layers: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    let config = format!("{}.json", hex(&image.config));
    files.push((config.clone(), image.config.clone()));
    let manifest = json!([{"Config": config, "RepoTags": tags, "Layers": layers}]);
    files.push((
        "manifest.json".to_owned(),
        manifest.to_string().into_bytes(),
    ));
    files
}

/// An OCI layout of one image under a name.
pub(crate) fn layout(image: &Made, name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = image.blobs();
    let entry = named(descriptor(OCI_MANIFEST, &image.manifest()), name);
    files.push(("index.json".to_owned(), index(&[entry])));
    files.push(("oci-layout".to_owned(), LAYOUT.to_vec()));
    files
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A frame of zstd of 3 KB that unpacks to 88 MiB: blocks of one byte, again and again.
pub(crate) fn bomb() -> Vec<u8> {
    let mut frame = b"\x28\xb5\x2f\xfd\x00\x38".to_vec();
    frame.extend(b"\x02\x00\x10a".repeat(700));
    frame.extend(b"\x03\x00\x10a");
    frame
}

/// A folder of this test's own, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let within = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archives");
    empty_folder(within, name)
}

/// Writes a file, and gives its path as text.
pub(crate) fn saved(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("text").to_owned()
}

/// Runs a program in a folder: what it printed, or what it complained of. `None` where it is not here.
pub(crate) fn run(
    folder: &Path,
    program: &str,
    arguments: &[&str],
) -> Option<Result<String, String>> {
    let ran = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    let ran = ran.ok()?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Some(if ran.status.success() {
        Ok(text(&ran.stdout))
    } else {
        Err(text(&ran.stderr))
    })
}

/// Says that a peer is not here.
pub(crate) fn without(program: &str) {
    let words = format!("\n*** ARCHIVES NOT COMPARED WITH {program}: it is not here.\n\n");
    let _ = std::io::stderr().write_all(words.as_bytes());
}

/// The digest that skopeo tells of the image of an archive; what it complains of; `None` where it is not here.
pub(crate) fn skopeo(folder: &Path, place: &str) -> Option<Result<String, String>> {
    let said = run(
        folder,
        "skopeo",
        &["inspect", "--format", "{{.Digest}}", place],
    );
    if said.is_none() {
        without("skopeo");
    }
    said.map(|said| said.map(|digest| digest.trim().to_owned()))
}
