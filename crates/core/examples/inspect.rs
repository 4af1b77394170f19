//! Fetches manifests from a registry on this machine and shows them: `inspect localhost:5000/app:1.0`.

mod support;

use std::error::Error;

use support::{PlainHttp, block_on, references};
use waybill_core::digest::Digest;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::registry::client::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::new(PlainHttp);
    for reference in references()? {
        let (host, repository) = (reference.host(), reference.repository());
        let answer = block_on(client.manifest(host, repository, &reference.target(), None))?;
        println!("{} {}", reference.familiar(), Digest::sha256(&answer.bytes));
        if let Some(digest) = reference.digest() {
            let is_it = digest.check(&answer.bytes) == Some(true);
            println!("  has the digest that was asked for: {is_it}");
        }
        let (manifest, findings) = Manifest::read(answer.bytes, &DeclaredTypes::none())?;
        println!("  {}, {} bytes", manifest.format, manifest.size());
        for entry in manifest.list().map_or(&[][..], |list| &list.entries) {
            let platform = entry.platform.as_ref().map(ToString::to_string);
            println!("  {} {}", entry.digest_text, platform.unwrap_or_default());
        }
        for finding in findings {
            println!("  {}: {}", finding.code, finding.message);
        }
    }
    Ok(())
}
