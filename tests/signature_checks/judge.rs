//! What other tools say of the same signatures, where they are here: openssl of payloads, cosign of bundles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use waybill_core::base64;

use super::harness::{Fixture, all_given, find};

/// A folder for one test, which is removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("waybill-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program of that name: of `WAYBILL_SIGNING_TOOLS`, or on the path; `None` where it does not run.
fn tool(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WAYBILL_SIGNING_TOOLS").map(PathBuf::from);
    let own = folder
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file());
    let path = own.unwrap_or_else(|| PathBuf::from(name));
    let runs = Command::new(&path).arg("version").output().is_ok();
    if !runs {
        eprintln!("skipped: {name} is not here");
    }
    runs.then_some(path)
}

fn says_yes(command: &mut Command) -> bool {
    command.output().expect("it runs").status.success()
}

#[test]
fn openssl_says_the_same_of_payloads() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let folder = Folder::new("openssl");
    // Ed25519 is signed in the form that hashes first, which openssl's command does not check.
    for key in ["p256", "p384", "p521", "rsa"] {
        let fixture = find(&format!("cosign/{key}-payload"));
        let public = folder.write("key.pub", all_given()[key].as_bytes());
        let signature = &fixture.signed.annotations[0].1;
        let signature = base64::decode(signature).expect("base64");
        let signature = folder.write("signature", &signature);
        let mut other = fixture.signed.bytes.clone();
        other[20] ^= 1;
        for bytes in [fixture.signed.bytes.clone(), other] {
            let payload = folder.write("payload", &bytes);
            let judged = ["-sha256", "-sha384", "-sha512"].iter().any(|hash| {
                says_yes(
                    Command::new(&openssl)
                        .args(["dgst", hash, "-verify"])
                        .args([&public, Path::new("-signature"), &signature, &payload]),
                )
            });
            let report = fixture.with_blob(bytes).check();
            let ours = report
                .of(waybill_signatures::What::Signature)
                .any(|step| step.verdict == waybill_signatures::Verdict::Holds);
            assert_eq!(ours, judged, "{key}: {report:#?}");
        }
    }
}

/// Each change that is made to a bundle; the first is none.
const CHANGES: [fn(&mut Value); 6] = [
    |_| {},
    |bundle| flip(&mut bundle["dsseEnvelope"]["payload"]),
    |bundle| flip(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"]),
    |bundle| bundle["dsseEnvelope"]["payloadType"] = "application/json".into(),
    |bundle| bundle["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.9+json".into(),
    |bundle| bundle["dsseEnvelope"]["signatures"] = Value::Array(Vec::new()),
];

fn flip(text: &mut Value) {
    let mut bytes = base64::decode(text.as_str().expect("text")).expect("base64");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *text = base64::encode(&bytes).into();
}

#[test]
fn cosign_says_the_same_of_bundles() {
    let Some(cosign) = tool("cosign") else {
        return;
    };
    let folder = Folder::new("cosign");
    for key in ["p256", "rsa"] {
        let fixture: Fixture = find(&format!("cosign/{key}-bundle"));
        let public = folder.write("key.pub", all_given()[key].as_bytes());
        let image = folder.write("image", &fixture.subject.bytes);
        for (index, change) in CHANGES.iter().enumerate() {
            let changed = super::harness::edited(&fixture, change);
            let bundle = folder.write("bundle", &changed.signed.bytes);
            let judged = says_yes(
                Command::new(&cosign)
                    .env("HOME", &folder.0)
                    .args(["verify-blob-attestation", "--insecure-ignore-tlog"])
                    .args(["--type", "https://sigstore.dev/cosign/sign/v1", "--key"])
                    .args([&public, Path::new("--bundle"), &bundle, &image]),
            );
            let ours = changed.check().holds();
            assert_eq!(ours, judged, "{key}, change {index}");
            assert_eq!(ours, index == 0, "{key}, change {index}");
        }
    }
}
