//! Archives of images: the bytes of skopeo's own, and what other tools read in ours.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod docker;
mod errors;
mod folder;
mod layout;
mod sizes;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use waybill_core::Digest;
use waybill_core::save::{Archive, Content, Piece, Root, Unpacked};
use waybill_testkit::empty_folder;
use waybill_testkit::image::Image;

/// A config with a history, which docker's clients like to have.
const CONFIG: &str =
    r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds}}"#;

/// Images, lists and what they are made of, by digest.
#[derive(Default)]
struct Store {
    contents: Vec<(Digest, Rc<[u8]>)>,
    unpacked: Vec<(Digest, Rc<[u8]>)>,
}

impl Store {
    fn put(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        self.contents.push((digest.clone(), bytes.into()));
        digest
    }

    /// Puts an image in, and gives the digest of its manifest.
    fn image(&mut self, image: &Image) -> Digest {
        for layer in &image.layers {
            let digest = self.put(&layer.stored);
            self.unpacked
                .push((digest, layer.unpacked.as_slice().into()));
        }
        self.put(&image.config);
        self.put(&image.manifest)
    }

    /// Puts a list of images in, each with its platform.
    fn list(&mut self, entries: &[(&str, &Image)]) -> Digest {
        let entries: Vec<String> = entries
            .iter()
            .map(|(architecture, image)| {
                let digest = self.image(image);
                format!(
                    r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{},"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#,
                    image.manifest.len()
                )
            })
            .collect();
        let list = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
            entries.join(",")
        );
        self.put(list.as_bytes())
    }

    fn here(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let found = self.contents.iter().find(|(known, _)| known == digest);
        found.map(|(_, bytes)| Rc::clone(bytes))
    }

    fn plain(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let found = self.unpacked.iter().find(|(known, _)| known == digest);
        found.map(|(_, bytes)| Rc::clone(bytes))
    }

    fn unpacked(&self, digest: &Digest) -> Option<Unpacked> {
        self.plain(digest).map(|bytes| Unpacked {
            diff_id: Digest::sha256(&bytes),
            size: bytes.len() as u64,
        })
    }

    /// Writes an archive into a file, and holds it to the size that was planned.
    fn write(&self, archive: &Archive, path: &Path) {
        let mut file = File::create(path).expect("a file");
        for piece in archive.pieces() {
            let bytes: Rc<[u8]> = match piece {
                Piece::Bytes(bytes) => bytes.into(),
                Piece::Content(Content::Blob(blob)) => self.here(&blob.digest).expect("a blob"),
                Piece::Content(Content::Unpacked(blob, _)) => {
                    self.plain(&blob.digest).expect("a layer")
                }
                Piece::Content(other) => panic!("{other:?} is no piece of its own"),
            };
            file.write_all(&bytes).expect("room");
        }
        let length = file.metadata().expect("a size").len();
        assert_eq!(length, archive.size(), "the planned size");
    }
}

fn root(digest: Digest, names: &[&str]) -> Root {
    let names = names.iter().map(|name| name.parse().expect("a reference"));
    Root {
        digest,
        names: names.collect(),
    }
}

/// Where a test may write; emptied first.
fn work(name: &str) -> PathBuf {
    let within = Path::new(env!("CARGO_TARGET_TMPDIR")).join("save");
    empty_folder(within, name)
}
