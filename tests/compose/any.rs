//! Any composition: what is written and read again is what was composed, and nothing is found that was not told.

use waybill_core::compose::{Draft, Entry, EntryOrigin, ListKind, Tool};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;

const DRAFTS: u64 = 400;

/// The same numbers in every run (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).expect("31 bits") % end
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) == 0).then(|| value(self))
    }

    fn word(&mut self) -> String {
        const WORDS: &[&str] = &[
            "amd64",
            "linux",
            "v8",
            "",
            "<a href=\"x\">&amp;</a>",
            "\u{2028}\u{2029}",
            "\u{0}\u{8}\u{c}\u{1f}\n\r\t",
            "\\u003c",
            "\u{202e}evil",
            "😀",
            "org.opencontainers.image.title",
            "unknown",
            "arm64",
            "windows",
            "\u{7f}é",
            "10.0.17763.1",
            "application/json",
            "/~0~1",
            "vnd.docker.reference.type",
            "attestation-manifest",
        ];
        (*self.one(WORDS)).to_owned()
    }

    fn map(&mut self) -> Vec<(String, String)> {
        (0..self.below(4))
            .map(|_| (self.word(), self.word()))
            .collect()
    }

    fn words(&mut self) -> Vec<String> {
        (0..self.below(3)).map(|_| self.word()).collect()
    }

    fn media_type(&mut self) -> MediaType {
        let known = [
            MediaType::OCI_MANIFEST,
            MediaType::DOCKER_SCHEMA2,
            MediaType::OCI_INDEX,
            MediaType::DOCKER_LIST,
            MediaType::new("application/vnd.example.thing+json"),
            MediaType::DOCKER_CONFIG,
        ];
        self.one(&known).clone()
    }

    fn unknown(&mut self) -> Vec<(String, String)> {
        let values = [
            "null",
            "1.50",
            "-1e400",
            "[{},[]]",
            "{\"a\":\"<\"}",
            "\"\\n\"",
            "true",
            "18446744073709551616",
        ];
        // Names once, and none that a specification knows: others are refused when a list is opened.
        let names = ["x", "y\"", "z<"];
        let mut members = Vec::new();
        for name in names {
            members
                .extend(self.maybe(|chance| (name.to_owned(), (*chance.one(&values)).to_owned())));
        }
        members.retain(|(_, value)| value != "null");
        members
    }

    fn descriptor(&mut self) -> Descriptor {
        let data = [b"{}".to_vec(), self.word().into_bytes()][self.below(2)].clone();
        let digest = Digest::compute(*self.one(&Algorithm::ALL), &data);
        Descriptor {
            media_type: Some(self.media_type()),
            digest_text: digest.to_string(),
            digest: Some(digest),
            size: Some(data.len() as u64),
            urls: self.words(),
            annotations: self.map().into(),
            data: self.maybe(|_| data),
            platform: self.maybe(|chance| Platform {
                architecture: chance.word(),
                os: chance.word(),
                os_version: chance.maybe(Self::word),
                os_features: chance.words(),
                variant: chance.maybe(Self::word),
                features: chance.words(),
                unknown: chance.unknown(),
            }),
            artifact_type: self.maybe(Self::media_type),
            unknown: self.unknown(),
            ..Descriptor::default()
        }
    }

    fn entry(&mut self) -> Entry {
        let origin = self.maybe(|chance| EntryOrigin {
            artifact_type: chance.maybe(Self::media_type),
            config_type: chance.maybe(Self::media_type),
            annotations: chance.map().into(),
            platform: None,
        });
        let reference = self.maybe(|chance| {
            format!("r.example/{}", chance.below(9))
                .parse()
                .expect("a reference")
        });
        Entry {
            descriptor: self.descriptor(),
            reference,
            origin,
        }
    }

    fn draft(&mut self) -> Draft {
        Draft {
            tool: *self.one(&Tool::ALL),
            entries: (0..self.below(6)).map(|_| self.entry()).collect(),
            artifact_type: self.maybe(Self::media_type),
            subject: self.maybe(Self::descriptor),
            annotations: self.map().into(),
            unknown: self.unknown(),
            ..Draft::new(*self.one(&ListKind::ALL))
        }
    }
}

#[test]
fn what_is_written_is_read_as_it_was_composed() {
    let mut chance = Chance(0x5EED);
    for number in 0..DRAFTS {
        let draft = chance.draft();
        let written = draft.write();
        let told = DeclaredTypes {
            content_type: Some(written.kind.media_type()),
            ..DeclaredTypes::none()
        };
        let (manifest, findings) = Manifest::read(&*written.bytes, &told).expect("a JSON object");
        let text = String::from_utf8_lossy(&written.bytes);
        let place = format!("draft {number}, {:?}: {text}", draft.tool);
        assert_eq!(manifest.format, written.kind.format(), "{place}");
        assert!(!manifest.ambiguous, "{place}");
        assert_eq!(manifest.list(), Some(&written.list), "{place}");
        assert_eq!(
            manifest.digest(Algorithm::Sha256).as_ref(),
            Some(&written.digest),
            "{place}"
        );
        for finding in &findings {
            assert!(written.findings.contains(finding), "{finding:?} in {place}");
        }
        // serde_json, which knows nothing of this writer, sees the same document.
        let second: serde_json::Value =
            serde_json::from_slice(&written.bytes).unwrap_or_else(|error| {
                assert!(
                    error.to_string().starts_with("number out of range"),
                    "{error} in {place}"
                );
                serde_json::Value::Null
            });
        if !second.is_null() {
            assert_eq!(
                second["manifests"].as_array().map(Vec::len),
                Some(written.list.entries.len()),
                "{place}"
            );
        }
        // Opened and written again in the same form, it stays as it is.
        let again = Draft {
            tool: draft.tool,
            ..Draft::from_list(&written.list, written.kind)
        };
        if draft.tool != Tool::Docker {
            assert_eq!(
                String::from_utf8_lossy(&again.write().bytes),
                text,
                "draft {number}, {:?}",
                draft.tool
            );
        }
        // Every entry stands where `order` says.
        assert_eq!(written.order.len(), written.list.entries.len(), "{place}");
        for (entry, from) in written.list.entries.iter().zip(&written.order) {
            assert_eq!(
                entry.digest_text, draft.entries[*from].descriptor.digest_text,
                "{place}"
            );
        }
    }
}
