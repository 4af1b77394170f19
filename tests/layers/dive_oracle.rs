//! dive's figures are those of dive's own package, to the last bit: `oracle/dive/` is the judge, over the images that
//! dive's project tests itself with, the examples beside this, and layers made at random.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use waybill_blobs::dive::{Figures, LISTED, Uncounted};
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::{Event, Reader};
use waybill_blobs::unpack::Unpacker;

use super::archives::Header;
use super::dive::EXAMPLES;
use super::tar_oracle::{Numbers, answers, behind_length, build};

/// What the oracle is asked about: layers as archives, base first.
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) layers: Vec<Vec<u8>>,
}

/// Lists an archive.
pub(crate) fn list(archive: &[u8]) -> Listing {
    let mut listing = Listing::new();
    let mut reader = Reader::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Entry(entry) = event {
            listing.push(&entry);
        }
    };
    reader.push(archive, &mut tell).expect("an archive");
    reader.finish().expect("a whole archive");
    listing
}

/// Writes figures as the oracle does, but for the order of the files.
fn write(layers: &[Listing]) -> String {
    let figures = match Figures::count(layers) {
        Ok(figures) => figures,
        Err(Uncounted::GlobalHeader { .. }) => return "refused\n".to_owned(),
        Err(other) => panic!("{other}"),
    };
    let percent = figures.wasted_user_percent;
    let percent = if percent.is_nan() {
        "NaN".to_owned()
    } else {
        format!("{:016x}", percent.to_bits())
    };
    let (score, wasted) = (figures.score.to_bits(), figures.wasted_bytes);
    let mut text = format!("{score:016x} {wasted} {percent} {}\n", figures.size_bytes);
    assert!(figures.inefficient_paths <= LISTED);
    for file in &figures.inefficient {
        for byte in &file.path {
            let _ = write!(text, "{byte:02x}");
        }
        let _ = writeln!(text, " {} {}", file.count, file.bytes);
    }
    sorted(&text)
}

fn sorted(answer: &str) -> String {
    let mut lines: Vec<_> = answer.split_inclusive('\n').collect();
    if let Some((_, files)) = lines.split_first_mut() {
        files.sort_unstable();
    }
    lines.concat()
}

fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [&entries.concat()[..], &[0; 1024]].concat()
}

/// The examples beside this, as archives.
fn examples() -> impl Iterator<Item = Image> {
    EXAMPLES.iter().map(|(name, layers)| {
        let layers = layers.iter().map(|entries| {
            let entries = entries.iter().map(|(name, size)| {
                let kind = if name.ends_with('/') { b'5' } else { b'0' };
                let size = usize::try_from(*size).expect("a size");
                Header::new(name, kind).with(&vec![0; size])
            });
            archive(&entries.collect::<Vec<_>>())
        });
        Image {
            name: (*name).to_owned(),
            layers: layers.collect(),
        }
    })
}

/// Layers made at random, the same each time: few names, so that they meet.
pub(crate) fn random(number: usize) -> Image {
    let seed = u64::try_from(number).expect("a number") + 1;
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let is_wild = number.is_multiple_of(3);
    // What stands in the layers so far: what is deleted or written again is mostly one of these.
    let mut known: Vec<String> = Vec::new();
    let layers = (0..=numbers.next(5)).map(|_| {
        let entries = (0..numbers.next(14)).map(|_| entry(&mut numbers, &mut known, is_wild));
        archive(&entries.collect::<Vec<_>>())
    });
    Image {
        name: format!("random {number}"),
        layers: layers.collect(),
    }
}

const NAMES: &[&str] = &["a", "b", "c", "!x", ".b", "zz"];
const WILD: &[&str] = &[
    "..",
    ".",
    "",
    ".wh.",
    ".wh..",
    ".wh...",
    ".wh.a",
    ".wh.b",
    ".wh.!x",
    ".wh..b",
    ".wh..wh.a",
    ".wh..wh..opq",
    ".wh..wh..x",
    ".wh..wh.plnk",
];

fn name(numbers: &mut Numbers, is_wild: bool) -> String {
    let parts: Vec<&str> = (0..=numbers.next(4))
        .map(|_| {
            let names = if is_wild && numbers.next(4) == 0 {
                WILD
            } else {
                NAMES
            };
            names[numbers.next(names.len())]
        })
        .collect();
    parts.join("/")
}

fn entry(numbers: &mut Numbers, known: &mut Vec<String>, is_wild: bool) -> Vec<u8> {
    let old = (!known.is_empty()).then(|| known[numbers.next(known.len().max(1))].clone());
    let mut path = match old {
        Some(old) if numbers.next(2) == 0 => old,
        _ => name(numbers, is_wild),
    };
    let (directory, base) = path.rsplit_once('/').unwrap_or(("", &path));
    let slash = if directory.is_empty() { "" } else { "/" };
    let what = numbers.next(if is_wild { 20 } else { 16 });
    match what {
        0..=2 => path = format!("{directory}{slash}.wh.{base}"),
        3 => path = format!("{path}/.wh..wh..opq"),
        _ => known.push(path.clone()),
    }
    if is_wild && numbers.next(6) == 0 {
        path.insert_str(0, ["/", "./", "../", "a/../"][numbers.next(4)]);
    }
    let data = vec![0; numbers.next(3) * numbers.next(1500)];
    match what {
        4..=6 => {
            path.push('/');
            Header::new(&path, b'5').with(b"")
        }
        7 => link(numbers, &path, b'1'),
        8 => link(numbers, &path, b'2'),
        // What has no bytes may state any size, so that sums wrap around.
        16 if numbers.next(3) == 0 => {
            let size = [
                0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0,
            ];
            Header::new(&path, b'2').set(124, &size).then(b"")
        }
        17 if numbers.next(12) == 0 => Header::new("pax_global_header", b'g').with(b""),
        _ => Header::new(&path, b'0').with(&data),
    }
}

fn link(numbers: &mut Numbers, path: &str, kind: u8) -> Vec<u8> {
    let size = [0, 0, 700][numbers.next(3)];
    let target = name(numbers, false);
    let mut header = Header::new(path, kind);
    header.set(157, target.as_bytes()).octal(124, 12, size);
    header.then(b"")
}

/// The images in the module of dive, which the oracle is built of; `None` where it cannot be had.
pub(crate) fn images() -> Option<Vec<Image>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/layers/oracle/dive");
    let found = Command::new("go")
        .args(["mod", "download", "-json", "github.com/wagoodman/dive"])
        .current_dir(folder)
        .output();
    let found = found.ok().filter(|found| found.status.success())?;
    let module: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    let folder = PathBuf::from(module["Dir"].as_str().expect("a folder")).join(".data");
    let files = std::fs::read_dir(folder).expect("dive's images");
    let paths = files.map(|file| file.expect("a file").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == "tar"));
    let mut images: Vec<_> = paths.map(|path| image(&path)).collect();
    images.sort_by(|one, other| one.name.cmp(&other.name));
    Some(images)
}

/// Opens an image: of `docker save` or kaniko, an OCI layout, or a layer alone.
fn image(path: &Path) -> Image {
    let bytes = std::fs::read(path).expect("a file");
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut last = String::new();
    let mut reader = Reader::new();
    let mut tell = |event: Event<'_>| match event {
        Event::Entry(entry) => last = String::from_utf8(entry.name).expect("a name"),
        Event::Data(data) => files.entry(last.clone()).or_default().extend(data),
    };
    let read = reader.push(&unpack(&bytes), &mut tell);
    read.expect("an archive");
    let json = |name: &str| {
        let bytes = files.get(name)?;
        serde_json::from_slice::<Value>(bytes).ok()
    };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        format!("blobs/{}", digest.replace(':', "/"))
    };
    let names: Vec<String> = if let Some(manifest) = json("manifest.json") {
        let layers = manifest[0]["Layers"].as_array().expect("layers").iter();
        layers
            .map(|layer| layer.as_str().expect("a name").to_owned())
            .collect()
    } else if let Some(index) = json("index.json") {
        let manifest = json(&blob(&index["manifests"][0])).expect("a manifest");
        let layers = manifest["layers"].as_array().expect("layers").iter();
        layers.map(blob).collect()
    } else {
        Vec::new()
    };
    let layers = if names.is_empty() {
        vec![unpack(&bytes)]
    } else {
        names.iter().map(|name| unpack(&files[name])).collect()
    };
    Image {
        name: path.file_name().expect("a name").display().to_string(),
        layers,
    }
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut unpacker = Unpacker::new();
    let mut unpacked = Vec::new();
    let mut take = |bytes: &[u8]| unpacked.extend(bytes);
    unpacker.push(bytes, &mut take).expect("compressed data");
    unpacker.finish(&mut take).expect("compressed data");
    unpacked
}

#[test]
fn figures_are_those_of_dive_to_the_last_bit() {
    let oracle = build("oracle/dive", "dive-oracle");
    let Some((oracle, images)) = oracle.zip(images()) else {
        let _ = std::io::stderr().write_all(
            b"\n*** FIGURES NOT COMPARED WITH DIVE'S: go, or dive's module, is not here.\n\n",
        );
        return;
    };
    assert!(images.len() >= 10, "dive has {} images", images.len());
    let count = std::env::var("WAYBILL_DIVE_CASES");
    let count = count.map_or(600, |count| count.parse().expect("a number"));
    let images: Vec<_> = images
        .into_iter()
        .chain(examples())
        .chain((0..count).map(random))
        .collect();
    let input = images.iter().flat_map(|image| {
        let count = u32::try_from(image.layers.len()).expect("few layers");
        let layers = image.layers.iter().flat_map(|layer| behind_length(layer));
        count.to_le_bytes().into_iter().chain(layers)
    });
    let expected = answers(&oracle, input.collect());
    assert_eq!(expected.len(), images.len() + 1);
    let mut differ = 0;
    for (image, expected) in images.iter().zip(&expected) {
        let layers: Vec<_> = image.layers.iter().map(|layer| list(layer)).collect();
        let (found, expected) = (write(&layers), sorted(expected));
        if found != expected {
            differ += 1;
            if differ <= 3 {
                eprintln!("{}:", image.name);
                for layer in &layers {
                    let names = layer.entries().map(|entry| {
                        let name = waybill_blobs::path::escape(entry.name);
                        format!("{name} {}", entry.size)
                    });
                    eprintln!("  {:?}", names.collect::<Vec<_>>());
                }
                eprintln!("  here\n{found}  dive\n{expected}");
            }
        }
    }
    assert_eq!(differ, 0, "of {}", images.len());
}
