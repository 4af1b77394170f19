//! What the fuzz target of tables of contents holds.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use waybill_blobs::layer::Layer;
use waybill_blobs::toc::{Announced, Comparison, Fetch, FileFetch, Step};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::{Algorithm, Digest};

/// Any JSON as the table of a layer, behind any bytes as its files: two bytes say how many those are, the lower one
/// first. The table's digest is right, so that it is read. A file that is told has the digest and the size that the table
/// names.
pub fn table_of_contents(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let (files, json) = rest.split_at(rest.len().min(u16::from_le_bytes(*length).into()));
    let packed = compress_to_vec(json, CompressionLevel::Uncompressed);
    let name = |end: &str| format!("io.github.containers.zstd-chunked.manifest-{end}");
    let mut layer = Descriptor::default();
    let position = format!("{}:{}:{}:1", files.len() + 8, packed.len(), json.len());
    layer.annotations.set(name("position"), position);
    let digest = Digest::sha256(&packed).to_string();
    layer.annotations.set(name("checksum"), digest);
    let length = u32::try_from(packed.len())
        .unwrap_or_default()
        .to_le_bytes();
    let blob = [files, b"\x50\x2a\x4d\x18", &length, &packed].concat();
    let announced = Announced::by(&layer).expect("a table is announced");
    let (mut fetch, _) = Fetch::begin(announced, blob.len() as u64);
    let Step::Done(fetched) = fetch.answer(0, &blob) else {
        return;
    };
    let table = fetched.table;
    let _ = (table.check(), table.listing());
    for (index, entry) in table.entries().iter().enumerate().take(20) {
        let Ok(mut fetch) = FileFetch::new(&table, index) else {
            continue;
        };
        let mut content = Vec::new();
        while let Some(range) = fetch.need() {
            let place = |place| usize::try_from(place).expect("a place");
            let bytes = &blob[place(range.start)..place(range.end)];
            if fetch
                .push(bytes, &mut |bytes| content.extend_from_slice(bytes))
                .is_err()
            {
                break;
            }
        }
        let size = fetch.size();
        if fetch.finish().is_ok() {
            assert_eq!(content.len() as u64, size);
            let digest = table.digest(entry).filter(|_| entry.kind() == b'0');
            assert!(digest.is_none_or(|digest| digest.check(&content) == Some(true)));
        }
    }
    let mut comparison = Comparison::new(table);
    let mut layer = Layer::new(Algorithm::Sha256);
    layer.push(&blob, &mut |event| comparison.push(&event));
    comparison.parts(&layer.take_parts());
    let _ = layer.finish(&mut |event| comparison.push(&event));
    let _ = comparison.finish();
}
