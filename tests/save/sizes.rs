//! Layers beyond 8 GiB: their size stands in a record, and GNU tar finds what follows them.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::process::Command;

use waybill_core::Digest;
use waybill_core::save::{Piece, oci_archive};
use waybill_testkit::image::Image;

use super::{CONFIG, Store, root, work};

#[test]
fn gnu_tar_lists_layers_of_nine_gigabytes() {
    const SIZE: u64 = 9 << 30;
    let mut image = Image::new(true, CONFIG, 2);
    let first = Digest::sha256(&image.layers[0].stored);
    let text = String::from_utf8(image.manifest).expect("text");
    let of_layer = format!(
        "\"size\":{},\"digest\":\"{first}\"",
        image.layers[0].stored.len()
    );
    assert!(text.contains(&of_layer));
    let large = format!("\"size\":{SIZE},\"digest\":\"{first}\"");
    image.manifest = text.replace(&of_layer, &large).into_bytes();
    let mut store = Store::default();
    let digest = store.image(&image);
    let archive = oci_archive(&[root(digest, &[])], &|digest| store.here(digest));
    let archive = archive.expect("an archive");

    // Written with holes, so that it takes no room.
    let path = work("sizes").join("a.tar");
    let mut file = File::create(&path).expect("a file");
    for piece in archive.pieces() {
        match piece {
            Piece::Bytes(bytes) => file.write_all(&bytes).expect("room"),
            Piece::Content(content) => {
                let by = i64::try_from(content.size()).expect("a size");
                file.seek(SeekFrom::Current(by)).expect("a place");
            }
        }
    }
    assert_eq!(file.metadata().expect("a size").len(), archive.size());
    let listed = Command::new("tar")
        .arg("-tvf")
        .arg(&path)
        .output()
        .expect("tar runs");
    let _ = std::fs::remove_file(&path);
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let listed = String::from_utf8(listed.stdout).expect("text");
    let last: Vec<&str> = listed.lines().rev().take(2).collect();
    assert!(last[1].contains(&SIZE.to_string()), "{listed}");
    let second = Digest::sha256(&image.layers[1].stored);
    assert!(last[0].ends_with(second.encoded()), "{listed}");
}
