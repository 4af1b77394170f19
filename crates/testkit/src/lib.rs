//! What the tests in `tests/` share. A dev-dependency only: `tests/wall` keeps it out of every program.
//!
//! | module | holds |
//! | --- | --- |
//! | [`fixtures`] | the real manifests of `tests/fixtures/index.json`, blobs, and the bundled examples |
//! | [`hostile`] | the manifests made to harm, each with what has to be found in it |
//! | [`signed_vectors`] | signed schema 1, each with what a check of its signatures comes to |
//! | [`transport`] | a transport that answers from a script, request by request |
//! | [`registries`] | registries in memory, and a connection that can be cut |
//! | [`curl`] | a transport over the program `curl`, to real registries on loopback |
//! | `signature` | signatures checked without a browser (feature `signature`) |
//! | [`image`] | an image made by hand, with its layers, and skopeo |
//! | [`properties`] | what holds for any bytes at all; the fuzz targets use it too |
//! | [`tar`] | tar files made by hand, header by header |
//! | [`oracle`] | the programs in Go that judge, built and asked |
//! | [`example`], [`reader`] | the programs in `examples/` of core and blobs, built and run |
//!
//! Everything panics where something is not as it has to be: that is how a test fails. Unit tests inside core cannot
//! use this crate, because their core is another than the one it is built with.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "only tests call this"
)]

pub mod curl;
pub mod example;
pub mod fixtures;
pub mod hostile;
pub mod image;
pub mod oracle;
pub mod properties;
pub mod reader;
pub mod registries;
#[cfg(feature = "signature")]
pub mod signature;
pub mod signed_vectors;
pub mod tar;
pub mod transport;

use std::path::{Path, PathBuf};

/// Finds the folder of the project, which holds `tests/`.
pub fn project() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders
        .find(|folder| folder.join("tests/fixtures").is_dir())
        .expect("tests/fixtures is above this package")
}

/// Holds a file of the project to a text that a test made; `UPDATE_GOLDEN` in the environment writes it anew.
pub fn hold_file(path: &str, text: &str) {
    let file = project().join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, text).expect("to write it");
    }
    let before = std::fs::read_to_string(&file).expect("the file");
    assert!(
        before == text,
        "{path} is old: make it anew with UPDATE_GOLDEN=1"
    );
}

/// Makes a folder below another, such as `CARGO_TARGET_TMPDIR` of the test, and empties it first.
pub fn empty_folder(within: impl AsRef<Path>, name: &str) -> PathBuf {
    let folder = within.as_ref().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
