//! What dive counts, against the worked examples and against dive's own package: `oracle/dive/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use waybill_blobs::dive::{Figures, NoFigures, Thresholds, figures};
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::{Event, Reader};
use waybill_blobs::tree::Tree;
use waybill_blobs::unpack::Unpacker;
use waybill_blobs::waste::Waste;

use super::archives::{Header, pax};
use super::tar_oracle::{Numbers, build_oracle};

/// An entry: a name, its type, and its size; only files have as many bytes.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) kind: u8,
    pub(crate) size: usize,
}

/// An image: its layers, base first.
pub(crate) type Image = Vec<Vec<Item>>;

/// A file of that size, or a directory, by its name.
pub(crate) fn item(name: &str, size: usize) -> Item {
    let kind = if name.ends_with('/') { b'5' } else { b'0' };
    Item {
        name: name.to_owned(),
        kind,
        size,
    }
}

pub(crate) fn archive(layer: &[Item]) -> Vec<u8> {
    let entry = |item: &Item| match item.kind {
        b'0' => Header::new(&item.name, b'0').with(&vec![7; item.size]),
        b'g' => pax(b'g', &[("comment", "all")]),
        kind => Header::new(&item.name, kind)
            .set(157, b"target")
            .octal(124, 12, item.size as u64)
            .then(b""),
    };
    let mut bytes: Vec<u8> = layer.iter().flat_map(entry).collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// Reads the layers of an image as they would come.
pub(crate) fn listings(archives: &[Vec<u8>]) -> Vec<Listing> {
    let list = |archive: &Vec<u8>| {
        let (mut reader, mut listing) = (Reader::new(), Listing::new());
        let mut tell = |event: Event<'_>| match event {
            Event::Entry(entry) => listing.push(&entry),
            Event::Data(_) => {}
        };
        reader.push(archive, &mut tell).expect("an archive");
        listing
    };
    archives.iter().map(list).collect()
}

pub(crate) fn listed(image: &Image) -> Vec<Listing> {
    let archives: Vec<_> = image.iter().map(|layer| archive(layer)).collect();
    listings(&archives)
}

/// The worked examples of the design, A to G.
pub(crate) fn examples() -> Vec<Image> {
    let layers = |layers: &[&[(&str, usize)]]| -> Image {
        let layer = |items: &&[(&str, usize)]| {
            let items = items.iter().map(|(name, size)| item(name, *size));
            items.collect()
        };
        layers.iter().map(layer).collect()
    };
    vec![
        layers(&[
            &[("etc/", 0), ("etc/conf", 1000), ("bin/app", 9000)],
            &[("etc/conf", 1500)],
        ]),
        layers(&[
            &[("tmp/", 0), ("tmp/cache", 4000), ("bin/app", 6000)],
            &[("tmp/.wh.cache", 0)],
        ]),
        layers(&[
            &[
                ("var/", 0),
                ("var/cache/", 0),
                ("var/cache/a", 3000),
                ("var/cache/b", 1000),
                ("bin/app", 6000),
            ],
            &[("var/.wh.cache", 0)],
        ]),
        layers(&[
            &[("var/", 0), ("var/a", 3000), ("bin/app", 6000)],
            &[("var/", 0), ("var/.wh..wh..opq", 0), ("var/b", 500)],
        ]),
        layers(&[
            &[("a", 1000), ("z", 1000)],
            &[(".wh.nothing", 0), ("z", 1000)],
        ]),
        layers(&[&[("f", 100)], &[("f", 100)], &[("f", 100)]]),
        layers(&[&[("f", 100)], &[(".wh.f", 0), ("f", 70)]]),
    ]
}

#[test]
fn the_worked_examples_have_their_figures() {
    // Score, wasted bytes, wasted part, size, size without the first layer; whether dive's gate lets them through.
    let rows: [(f64, u64, f64, u64, u64, bool); 7] = [
        (10000.0 / 11500.0, 2500, 2500.0 / 1500.0, 11500, 1500, false),
        (0.6, 4000, f64::INFINITY, 10000, 0, false),
        (1.0, 0, f64::NAN, 10000, 0, true),
        (1.0, 0, 0.0, 9500, 500, true),
        (0.9995, 0, 0.0, 3000, 1000, true),
        (100.0 / 300.0, 300, 1.5, 300, 200, false),
        (0.0, 170, 170.0 / 70.0, 170, 70, false),
    ];
    for (name, (image, row)) in ('A'..).zip(examples().iter().zip(rows)) {
        let found = figures(&listed(image)).expect("figures");
        let (score, wasted, part, size, added, passes) = row;
        assert_eq!(found.score.to_bits(), score.to_bits(), "{name}");
        assert_eq!(found.wasted_bytes, wasted, "{name}");
        let is_nan = part.is_nan() && found.wasted_user_percent.is_nan();
        assert!(
            is_nan || found.wasted_user_percent.to_bits() == part.to_bits(),
            "{name}"
        );
        assert_eq!((found.size, found.user_size), (size, added), "{name}");
        assert_eq!(
            found.verdict(&Thresholds::default()).passes(),
            passes,
            "{name}"
        );
    }
}

#[test]
fn inefficient_paths_are_listed_with_their_leaves() {
    let found = figures(&listed(&examples()[1])).expect("figures");
    let [path] = &found.inefficient[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (&path.path[..], path.count, path.cumulative),
        (&b"/tmp/cache"[..], 2, 4000)
    );
}

#[test]
fn no_figures_are_told_that_dive_does_not_tell() {
    let global = Item {
        name: String::new(),
        kind: b'g',
        size: 0,
    };
    let image = vec![vec![item("a", 1)], vec![global, item("b", 1)]];
    assert_eq!(figures(&listed(&image)), Err(NoFigures::GlobalHeader(1)));
    let mut long = Listing::new();
    long.push(&waybill_blobs::tar::Entry {
        name: vec![b'a'; 5000],
        kind: b'0',
        ..Default::default()
    });
    assert_eq!(figures(&[long]), Err(NoFigures::Incomplete(0)));
    let of_none = figures(&[]).expect("figures");
    assert_eq!((of_none.score, of_none.size), (1.0, 0));
}

/// A name in which much is said twice, and some of what archives should not hold.
fn name(numbers: &mut Numbers) -> String {
    let parts = [
        "a", "b", "c", "a", "b", "a.b", "é", ".wh.a", ".wh.b", ".wh.c", ".wh.a",
    ];
    let odd = [
        "..",
        ".",
        "",
        ".wh.",
        ".wh..",
        ".wh...",
        ".wh..wh.a",
        ".wh..wh.plnk",
        ".wh..wh..opq",
        ".wh..wh..opq",
    ];
    let mut name = String::new();
    for depth in 0..=numbers.next(4) {
        if depth > 0 {
            name.push('/');
        }
        name.push_str(if numbers.next(12) == 0 {
            odd[numbers.next(odd.len())]
        } else {
            parts[numbers.next(parts.len())]
        });
    }
    match numbers.next(20) {
        0 => name.insert(0, '/'),
        1 => name.insert_str(0, "./"),
        2 => name.insert_str(0, "../"),
        3 => name.push('/'),
        _ => {}
    }
    name
}

fn any_item(numbers: &mut Numbers) -> Item {
    let name = name(numbers);
    match numbers.next(8) {
        0..3 => item(&format!("{name}/"), 0),
        3 => Item {
            name,
            kind: b"12345"[numbers.next(5)],
            // A hard link, and a directory, may have a size of its own.
            size: numbers.next(2) * numbers.next(900),
        },
        _ => item(&name, numbers.next(4) * numbers.next(700)),
    }
}

pub(crate) fn any_image(numbers: &mut Numbers) -> Image {
    let entries = 1 + numbers.next(18);
    let layers = 1 + numbers.next(5);
    let layer = |numbers: &mut Numbers| {
        let entries = 0..numbers.next(entries + 1);
        entries.map(|_| any_item(numbers)).collect()
    };
    (0..layers).map(|_| layer(numbers)).collect()
}

/// Images as people build them: files replaced, deleted, linked, written twice; directories deleted, made opaque, made
/// files.
fn usual_images() -> Vec<Image> {
    let base = || -> Vec<Item> {
        [
            ("etc/", 0),
            ("etc/passwd", 900),
            ("etc/apt/", 0),
            ("etc/apt/sources", 300),
            ("usr/lib/libc", 2000),
            ("usr/lib/libm", 700),
            ("var/cache/", 0),
            ("var/cache/apt/", 0),
            ("var/cache/apt/pkg", 1500),
            ("var/log", 40),
        ]
        .map(|(name, size)| item(name, size))
        .to_vec()
    };
    let link = |name: &str, size| Item {
        kind: b'1',
        ..item(name, size)
    };
    let uppers: [Vec<Item>; 10] = [
        vec![item("etc/passwd", 950)],
        vec![item("etc/.wh.passwd", 0), item("etc/apt/.wh.sources", 0)],
        vec![item("var/.wh.cache", 0)],
        vec![
            item("var/cache/", 0),
            item("var/cache/.wh..wh..opq", 0),
            item("var/cache/new", 10),
        ],
        vec![item("a/.wh.missing", 0), item("etc/passwd", 1)],
        vec![item("var/.wh.cache", 0), item("var/cache/apt/pkg", 1500)],
        vec![link("usr/lib/libc.6", 2000), link("usr/lib/libm", 0)],
        vec![
            item("etc/passwd", 1),
            item("etc/passwd", 2),
            item("./etc/passwd", 3),
        ],
        vec![
            item("var/cache", 5),
            item("var/log/", 0),
            item("var/log/messages", 60),
        ],
        vec![
            item("usr/.wh.lib", 0),
            item(".wh.etc", 0),
            item(".wh.var", 0),
            item("usr/lib/libc", 2),
        ],
    ];
    let add = |upper: Vec<Item>| {
        let again = vec![item("etc/apt/sources", 301), item("var/cache/.wh.apt", 0)];
        vec![base(), upper, again]
    };
    uppers.into_iter().map(add).collect()
}

/// Changes an image here and there.
fn mutate(image: &Image, numbers: &mut Numbers) -> Image {
    let mut image = image.clone();
    for _ in 0..=numbers.next(4) {
        let layers = image.len();
        let from = numbers.next(layers);
        if image[from].is_empty() {
            image[from].push(any_item(numbers));
        }
        let place = numbers.next(image[from].len());
        let mut item = image[from][place].clone();
        match numbers.next(7) {
            0 => drop(image[from].remove(place)),
            1 => item.size = item.size.wrapping_mul(3) % 2000,
            2 => item.kind = b"0125"[numbers.next(4)],
            3 => {
                let end = item
                    .name
                    .trim_end_matches('/')
                    .rfind('/')
                    .map_or(0, |slash| slash + 1);
                item.name.insert_str(end, ".wh.");
            }
            4 => item.name = format!("{}/{}", item.name, name(numbers)),
            5 => image.swap(from, numbers.next(layers)),
            _ => {}
        }
        let to = numbers.next(layers);
        let place = numbers.next(image[to].len() + 1);
        image[to].insert(place, item);
    }
    image.retain(|layer| layer.iter().all(|item| item.name.len() < 90));
    image
}

/// As the oracle writes it.
fn written(found: &Result<Figures, NoFigures>) -> String {
    let Ok(figures) = found else {
        return "error\n".to_owned();
    };
    let bits = |number: f64| {
        let number = if number.is_nan() {
            // The one that Go's math.NaN gives.
            f64::from_bits(0x7ff8_0000_0000_0001)
        } else {
            number
        };
        format!("{:016x}", number.to_bits())
    };
    let mut text = format!(
        "{} {} {} {} {}\n",
        bits(figures.score),
        bits(figures.wasted_user_percent),
        figures.wasted_bytes,
        figures.user_size,
        figures.size
    );
    for path in &figures.inefficient {
        for byte in &path.path {
            let _ = write!(text, "{byte:02x}");
        }
        let _ = writeln!(text, " {} {}", path.count, path.cumulative);
    }
    text
}

fn ask(oracle: &Path, images: &[Vec<Vec<u8>>]) -> Vec<String> {
    let mut running = Command::new(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // It writes there what it does not tell anybody.
        .stderr(Stdio::null())
        .spawn()
        .expect("the oracle");
    let mut input = running.stdin.take().expect("its input");
    let number = |length: usize| u32::try_from(length).expect("it is small").to_le_bytes();
    let mut bytes = Vec::new();
    for image in images {
        bytes.extend(number(image.len()));
        for layer in image {
            bytes.extend(number(layer.len()));
            bytes.extend(layer);
        }
    }
    let writing = std::thread::spawn(move || input.write_all(&bytes));
    let output = running.wait_with_output().expect("its output");
    writing.join().expect("a thread").expect("its input");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split_terminator("end\n").map(str::to_owned).collect()
}

/// What stands in an archive, by name.
fn files(archive: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut files = Vec::new();
    let mut tell = |event: Event<'_>| match event {
        Event::Entry(entry) => files.push((entry.name, Vec::new())),
        Event::Data(data) => files.last_mut().expect("a file").1.extend(data),
    };
    Reader::new().push(archive, &mut tell).expect("an archive");
    files.into_iter().collect()
}

/// The layers of an image as `docker save` writes it, unpacked; `None` where it is none.
fn saved_layers(image: &[u8]) -> Option<Vec<Vec<u8>>> {
    let files = files(image);
    let manifest = String::from_utf8(files.get(&b"manifest.json"[..])?.clone()).ok()?;
    let (_, layers) = manifest.split_once("\"Layers\":[")?;
    let names = layers.split_once(']')?.0.split('"').skip(1).step_by(2);
    let unpack = |name: &str| {
        let (mut unpacker, mut bytes) = (Unpacker::new(), Vec::new());
        let mut tell = |piece: &[u8]| bytes.extend_from_slice(piece);
        unpacker.push(files.get(name.as_bytes())?, &mut tell).ok()?;
        unpacker.finish(&mut tell).ok()?;
        Some(bytes)
    };
    names.map(unpack).collect()
}

#[test]
fn the_images_of_dive_s_own_tests_have_its_figures() {
    let Some(oracle) = build_oracle("oracle/dive", "dive-oracle-images") else {
        return;
    };
    let folder = Command::new("go")
        .args(["list", "-m", "-f", "{{.Dir}}", "github.com/wagoodman/dive"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/layers/oracle/dive"))
        .output()
        .expect("it was built");
    let folder = String::from_utf8(folder.stdout).expect("text");
    let folder = Path::new(folder.trim()).join(".data");
    let names = [
        "test-docker-image",
        "test-kaniko-image",
        "test-oci-docker-image",
    ];
    let images = names.map(|name| {
        let path = folder.join(name).with_extension("tar");
        saved_layers(&std::fs::read(path).expect(name)).expect(name)
    });
    let found = images.each_ref().map(|image| figures(&listings(image)));
    let expected = ask(&oracle, &images);
    assert_eq!(found.each_ref().map(written).as_slice(), expected);
    // As dive prints them for the first.
    let first = found[0].as_ref().expect("figures");
    assert_eq!(first.score.to_bits(), 0.984_421_213_418_430_9_f64.to_bits());
    assert_eq!(
        (first.wasted_bytes, first.user_size, first.size),
        (32_025, 66_237, 1_220_598)
    );
    assert_eq!(images[0].len(), 14);
    // Five copies of one file are hidden. dive misses two, deleted with their directory, and counts two that are visible.
    let layers = listings(&images[0]);
    let honest = Waste::of(&layers, &Tree::flatten(&layers));
    assert_eq!((honest.bytes, honest.files.len()), (5 * 6405, 5));
}

#[test]
fn figures_are_those_of_dive_to_the_last_bit() {
    let Some(oracle) = build_oracle("oracle/dive", "dive-oracle") else {
        let _ = std::io::stderr().write_all(
            b"\n*** NOT COMPARED WITH DIVE'S PACKAGE: go, or the package, is not here.\n\n",
        );
        return;
    };
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let count: usize = std::env::var("WAYBILL_DIVE_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(600);
    let mut images = [examples(), usual_images()].concat();
    let known = images.len();
    for case in 0..count {
        let image = if case % 2 == 0 {
            any_image(&mut numbers)
        } else {
            mutate(&images[case % known].clone(), &mut numbers)
        };
        images.push(image);
    }
    let archives: Vec<Vec<Vec<u8>>> = images
        .iter()
        .map(|image| image.iter().map(|layer| archive(layer)).collect())
        .collect();
    let expected = ask(&oracle, &archives);
    assert_eq!(expected.len(), images.len(), "the oracle ended early");
    let (mut differ, mut wasteful) = (0, 0);
    for (case, (archives, expected)) in archives.iter().zip(&expected).enumerate() {
        let found = written(&figures(&listings(archives)));
        wasteful += usize::from(expected.lines().count() > 1);
        if found != *expected {
            differ += 1;
            if differ <= 3 {
                eprintln!(
                    "case {case} {:#?}\n  here\n{found}  dive\n{expected}",
                    images[case]
                );
            }
        }
    }
    assert_eq!(differ, 0, "of {}", images.len());
    assert!(
        wasteful * 3 > images.len(),
        "too few waste anything: {wasteful}"
    );
}
