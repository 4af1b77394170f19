//! `dir:` of skopeo, packed into a tar file.
//!
//! Source: containers/image `directory/directory_{dest,transport}.go`.

use std::rc::Rc;

use crate::digest::Digest;

use super::gather::{Gathered, Here};
use super::{Archive, Content, File, LeftOut, Root, SaveError};

/// The files of `dir:`, for one image or list.
///
/// `version` comes last: a folder without it was not finished.
pub fn folder(roots: &[Root], here: Here<'_>) -> Result<Archive, SaveError> {
    folder_of_schema1(roots, here, &|_| None)
}

/// The same where manifests may be of schema 1, which states no sizes: `sizes` gives that of the
/// layer of this digest.
pub fn folder_of_schema1(
    roots: &[Root],
    here: Here<'_>,
    sizes: &dyn Fn(&Digest) -> Option<u64>,
) -> Result<Archive, SaveError> {
    let [root] = roots else {
        return Err(SaveError::SeveralRoots);
    };
    let gathered = Gathered::with_sizes(roots, here, sizes)?;
    if let Some(LeftOut::NotDistributed(digest)) = gathered
        .left_out
        .iter()
        .find(|left| matches!(left, LeftOut::NotDistributed(_)))
    {
        return Err(SaveError::NotDistributed(digest.clone()));
    }
    let mut files = vec![];
    let mut has_other = false;
    let mut add = |path: String, digest: &Digest, content: Content| {
        has_other |= digest.algorithm_name() != "sha256";
        files.push(File { path, content });
    };
    for (digest, manifest) in &gathered.manifests {
        let path = if *digest == root.digest {
            "manifest.json".to_owned()
        } else {
            format!("{}.manifest.json", name(digest))
        };
        add(path, digest, Content::Bytes(Rc::clone(&manifest.bytes)));
    }
    for (digest, bytes) in &gathered.configs {
        add(name(digest), digest, Content::Bytes(Rc::clone(bytes)));
    }
    for blob in &gathered.blobs {
        add(
            name(&blob.digest),
            &blob.digest,
            Content::Blob(blob.clone()),
        );
    }
    let version = if has_other { "1.2" } else { "1.1" };
    let version = format!("Directory Transport Version: {version}\n");
    files.push(File {
        path: "version".to_owned(),
        content: Content::Bytes(version.into_bytes().into()),
    });
    Ok(Archive {
        files,
        left_out: gathered.left_out,
        mode: 0o644,
    })
}

/// The name of a file: the hex of sha256, and the algorithm in front of any other.
fn name(digest: &Digest) -> String {
    match digest.algorithm_name() {
        "sha256" => digest.encoded().to_owned(),
        other => format!("{other}-{}", digest.encoded()),
    }
}
