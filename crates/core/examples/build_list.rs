//! Builds a list of two tags and pushes it: `build_list localhost:5000/app:1.0 localhost:5000/app:amd64 …/app:arm64`.

mod support;

use std::error::Error;

use support::{PlainHttp, block_on, references};
use waybill_core::compose::{Draft, Entry, ListKind};
use waybill_core::config::ImageConfig;
use waybill_core::limits::MANIFEST_BYTES;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;

fn main() -> Result<(), Box<dyn Error>> {
    let named = references()?;
    let (list, images) = named.split_first().ok_or("usage: build_list LIST IMAGE…")?;
    let (client, place) = (Client::new(PlainHttp), Repository::from_reference(list));
    let mut draft = Draft::new(ListKind::OciIndex);
    for image in images {
        let (host, repository) = (image.host(), list.repository());
        let answer = block_on(client.manifest(host, repository, &image.target(), None))?;
        let (manifest, _) = Manifest::read(answer.bytes, &DeclaredTypes::none())?;
        let config = manifest.image().and_then(|image| image.config.clone());
        let digest = config.and_then(|config| config.digest).ok_or("no config")?;
        let config = block_on(client.blob(host, repository, &digest, MANIFEST_BYTES))?;
        let (config, _) = ImageConfig::read(&config.bytes)?;
        let entry = Entry::from_manifest(&manifest, Some(&config));
        draft.entries.push(entry);
    }
    let written = draft.write();
    let (bytes, media_type) = (&written.bytes, written.kind.media_type());
    block_on(client.put_manifest(&place, &list.target(), &media_type, bytes))?;
    println!("{} {}", list.familiar(), written.digest);
    Ok(())
}
