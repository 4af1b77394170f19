//! skopeo's `dir:`: one folder with `version`, `manifest.json` and what that names.
//!
//! Source: containers/image `directory/directory_dest.go`, `directory_src.go`.

use waybill_core::digest::Algorithm;
use waybill_core::manifest::detect::DeclaredTypes;

use super::blobs::Store;
use super::finding::Code;
use super::image::Image;
use super::reading::Reading;
use super::source::{ReadError, Source};
use crate::path::escape;

impl<S: Source> Reading<'_, S> {
    /// Reads what `skopeo copy … dir:` writes.
    pub(super) async fn directory(&mut self) -> Result<(), ReadError> {
        if let Ok(found) = self.index.resolve(b"version") {
            let bytes = self.document(found, None, b"version").await?;
            let text = bytes.unwrap_or_default();
            let known: [&[u8]; 2] = [
                b"Directory Transport Version: 1.1\n",
                b"Directory Transport Version: 1.2\n",
            ];
            if !known.contains(&&text[..]) {
                let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = escape(line.get(..80).unwrap_or(line));
                let message = format!("version says {line:?}");
                self.findings
                    .add(Code::DirectoryVersion, None, b"version", message);
            }
        }
        let tops = self.index.at(b"manifest.json").to_vec();
        if tops.is_empty() {
            let message = "version is there, and manifest.json is not";
            self.findings
                .add(Code::CopyInterrupted, None, b"version", message);
        }
        for top in tops {
            let name = b"manifest.json";
            let Some((found, bytes)) = self.top(top, name).await? else {
                continue;
            };
            let Some(manifest) = self.read_manifest(bytes, &DeclaredTypes::none(), None, name)
            else {
                continue;
            };
            let own = manifest.format.media_type();
            let image = Image {
                media_type: own,
                digest: manifest.digest(Algorithm::Sha256),
                size: Some(manifest.size() as u64),
                manifest: Some(found),
                is_here: true,
                ..Image::new(Vec::new())
            };
            let Some(place) = self.push(image) else {
                break;
            };
            let children = self
                .take_content(place, manifest.content, Store::Directory)
                .await?;
            self.descend(children, Store::Directory).await?;
        }
        Ok(())
    }
}
