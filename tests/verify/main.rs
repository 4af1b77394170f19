//! Why a digest differs, over real manifests: each is damaged as programs and people do it, and the cause has to be
//! found with the very bytes that were damaged.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::json;
use waybill_core::json::style::{Escapes, Layout, Order, compact};
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::verify::{Cause, Expected, Remedy, explain};
use waybill_testkit::fixtures::{self, Fixture};

/// What was done to bytes, and the names of what may undo it; an empty one where some forms stay as they are.
struct Damage {
    name: &'static str,
    done: fn(&[u8]) -> Vec<u8>,
    causes: &'static [&'static str],
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec())
        .expect("text")
        .replace(from, to)
        .into_bytes()
}

fn python(bytes: &[u8], order: Order, layout: Layout) -> Vec<u8> {
    let document = json::read(bytes).expect("an object");
    layout.apply(compact(&document.object, order, Escapes::Ascii, None).as_bytes())
}

fn jq(bytes: &[u8], order: Order) -> Vec<u8> {
    let document = json::read(bytes).expect("an object");
    let text = compact(&document.object, order, Escapes::Plain, None);
    [
        Layout::Indented("  ").apply(text.as_bytes()),
        b"\n".to_vec(),
    ]
    .concat()
}

const DAMAGES: &[Damage] = &[
    Damage {
        name: "newline",
        done: |bytes| [bytes, b"\n"].concat(),
        causes: &["final-newline-removed"],
    },
    Damage {
        name: "three newlines",
        done: |bytes| [bytes, b"\n\n\n"].concat(),
        causes: &["final-newline-removed"],
    },
    Damage {
        name: "CRLF at the end",
        done: |bytes| [bytes, b"\r\n"].concat(),
        causes: &["final-newline-removed"],
    },
    Damage {
        name: "line ends",
        done: |bytes| replaced(bytes, "\n", "\r\n"),
        causes: &["crlf", ""],
    },
    Damage {
        name: "old line ends",
        done: |bytes| replaced(bytes, "\n", "\r"),
        causes: &["lone-cr", ""],
    },
    Damage {
        name: "mark",
        done: |bytes| [b"\xef\xbb\xbf", bytes].concat(),
        causes: &["byte-order-mark"],
    },
    Damage {
        name: "mark and newline",
        done: |bytes| [b"\xef\xbb\xbf", bytes, b"\n"].concat(),
        causes: &["byte-order-mark+final-newline-removed", "byte-order-mark"],
    },
    Damage {
        name: "mark and line ends",
        done: |bytes| {
            [
                b"\xef\xbb\xbf".to_vec(),
                replaced(&[bytes, b"\n"].concat(), "\n", "\r\n"),
            ]
            .concat()
        },
        causes: &[
            "byte-order-mark+crlf+final-newline-removed",
            "byte-order-mark+final-newline-removed",
            "byte-order-mark+crlf",
            "byte-order-mark",
        ],
    },
    Damage {
        name: "space around",
        done: |bytes| [b"  \n", bytes, b" \n\t"].concat(),
        causes: &["white-space"],
    },
    Damage {
        name: "space at line ends",
        done: |bytes| replaced(&[bytes, b"\n"].concat(), "\n", " \n"),
        causes: &["white-space+final-newline-removed", "white-space"],
    },
    Damage {
        name: "jq",
        done: |bytes| jq(bytes, Order::AsWritten),
        causes: &[
            "indentation+final-newline-removed",
            "final-newline-removed",
            "escapes+indentation+final-newline-removed",
            "indentation",
        ],
    },
    Damage {
        name: "python",
        done: |bytes| python(bytes, Order::AsWritten, Layout::Spaced),
        causes: &["indentation", "escapes+indentation"],
    },
    Damage {
        name: "json.tool",
        done: |bytes| python(bytes, Order::AsWritten, Layout::Indented("    ")),
        causes: &["indentation", "escapes+indentation"],
    },
    Damage {
        name: "tabs",
        done: |bytes| Layout::Indented("\t").apply(bytes),
        causes: &["indentation"],
    },
    Damage {
        name: "3",
        done: |bytes| Layout::Indented("   ").apply(bytes),
        causes: &["indentation", ""],
    },
    Damage {
        name: "compact",
        done: |bytes| Layout::Compact.apply(bytes),
        causes: &["indentation", ""],
    },
    Damage {
        name: "string",
        done: |bytes| serde_json::to_vec(std::str::from_utf8(bytes).expect("text")).expect("text"),
        causes: &["json-string"],
    },
    Damage {
        name: "UTF-16",
        done: |bytes| {
            let text = std::str::from_utf8(bytes).expect("text");
            [
                vec![0xff, 0xfe],
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ]
            .concat()
        },
        causes: &["utf-16"],
    },
    Damage {
        name: "fence",
        done: |bytes| [b"```json\n", bytes, b"\n```\n"].concat(),
        causes: &["text-around"],
    },
    Damage {
        name: "answer",
        done: |bytes| [b"HTTP/1.1 200 OK\r\nDate: now\r\n\r\n", bytes, b"\n$ "].concat(),
        causes: &["text-around"],
    },
];

fn cause(bytes: &[u8], digest: &str) -> Option<Cause> {
    let expected = Expected::read(digest).expect("a digest");
    explain(bytes, &expected).causes.into_iter().next()
}

/// The digest that the page would give these bytes.
fn digest_of(bytes: &[u8]) -> String {
    let digested = Manifest::read(bytes, &DeclaredTypes::none())
        .ok()
        .and_then(|(manifest, _)| manifest.digest_input().map(<[u8]>::to_vec));
    Digest::sha256(&digested.unwrap_or_else(|| bytes.to_vec())).to_string()
}

fn check(fixture: &Fixture, damage: &Damage) {
    let damaged = (damage.done)(&fixture.bytes);
    let about = format!("{}: {}", fixture.name, damage.name);
    // What is behind the signed part, and a change that this form has not, leaves the digest as it is.
    if digest_of(&damaged) == fixture.digest {
        assert!(
            damage.causes.contains(&"") || fixture.payload_size.is_some(),
            "{about} changed nothing"
        );
        return;
    }
    let cause = cause(&damaged, &fixture.digest).unwrap_or_else(|| panic!("{about}: no cause"));
    assert!(
        damage.causes.contains(&cause.name.as_str()),
        "{about}: {}: {}",
        cause.name,
        cause.sentence
    );
    let Remedy::Bytes(right) = cause.right else {
        panic!("{about}: no bytes")
    };
    assert_eq!(digest_of(&right), fixture.digest, "{about}");
    if fixture.payload_size.is_none() {
        assert_eq!(right, fixture.bytes, "{about}");
    }
}

#[test]
fn every_damage_of_every_fixture_is_undone() {
    for fixture in fixtures::all() {
        for damage in DAMAGES {
            check(fixture, damage);
        }
    }
}

#[test]
fn sorted_members_are_put_back_into_the_order_of_the_tool_that_wrote_them() {
    for fixture in fixtures::all() {
        for sorted in [
            jq(&fixture.bytes, Order::Sorted),
            python(&fixture.bytes, Order::Sorted, Layout::Spaced),
        ] {
            let found = cause(&sorted, &fixture.digest);
            let cause = found.unwrap_or_else(|| panic!("{}: no cause", fixture.name));
            assert!(
                cause.name.starts_with("key-order"),
                "{}: {}",
                fixture.name,
                cause.name
            );
            let Remedy::Bytes(right) = cause.right else {
                panic!("{}: no bytes", fixture.name)
            };
            assert_eq!(digest_of(&right), fixture.digest, "{}", fixture.name);
        }
    }
}

#[test]
fn the_other_way_round_it_is_found_as_well() {
    // The bytes are whole; the digest is of what somebody made of them.
    for fixture in fixtures::all()
        .iter()
        .filter(|fixture| fixture.payload_size.is_none())
    {
        for damage in &DAMAGES[..2] {
            let digest = Digest::sha256(&(damage.done)(&fixture.bytes)).to_string();
            let cause = cause(&fixture.bytes, &digest)
                .unwrap_or_else(|| panic!("{}: {}", fixture.name, damage.name));
            assert_eq!(
                cause.name, "final-newline-added",
                "{}: {}",
                fixture.name, damage.name
            );
        }
        for (order, name) in [
            (Order::AsWritten, "indentation"),
            (Order::Sorted, "key-order"),
        ] {
            let digest = Digest::sha256(&jq(&fixture.bytes, order)).to_string();
            let cause =
                cause(&fixture.bytes, &digest).unwrap_or_else(|| panic!("{}: jq", fixture.name));
            assert!(
                cause.name.contains(name) || cause.name == "final-newline-added",
                "{}: {}",
                fixture.name,
                cause.name
            );
            assert!(
                cause.name.ends_with("final-newline-added"),
                "{}: {}",
                fixture.name,
                cause.name
            );
        }
    }
}

#[test]
fn a_digest_of_something_else_is_said_to_be_that() {
    let says = |fixture: &str, digest: &str| {
        let fixture = fixtures::find(fixture);
        let cause =
            cause(&fixture.bytes, digest).unwrap_or_else(|| panic!("{}: no cause", fixture.name));
        assert_eq!(
            (cause.name.as_str(), &cause.right),
            ("other-content", &Remedy::Unknown)
        );
        cause.sentence
    };
    let (image, _) = read("oci-manifest/lantern-linux-amd64");
    let image = image.image().expect("an image");
    let config = &image.config.as_ref().expect("a config").digest_text;
    assert_eq!(
        says("oci-manifest/lantern-linux-amd64", config),
        "this is the digest of the config that this manifest names, the image ID"
    );
    let layer = &image.layers[0].digest_text;
    assert_eq!(
        says("oci-manifest/lantern-linux-amd64", layer),
        format!(
            "this is the digest of layer 1 of {} that this manifest names",
            image.layers.len()
        )
    );
    let (index, _) = read("oci-index/lantern");
    let entries = &index.list().expect("a list").entries;
    let (entry, all) = (&entries[1], entries.len());
    assert_eq!(
        says("oci-index/lantern", &entry.digest_text),
        format!(
            "this is the digest of entry 2 of {all}, {}, in this list",
            entry.platform.as_ref().expect("one")
        )
    );
    let empty = Digest::sha256(b"").to_string();
    assert_eq!(
        says("oci-index/lantern", &empty),
        "this is the digest of nothing: no bytes were hashed to get it"
    );
    let diff = format!("sha256:{}", "7".repeat(64));
    let config = format!("{{\"rootfs\":{{\"diff_ids\":[\"{diff}\"]}}}}");
    let cause = cause(config.as_bytes(), &diff).expect("a cause");
    assert_eq!(
        cause.sentence,
        "this is a diff ID: the digest of layer 1 when it is not compressed"
    );
}

#[test]
fn of_signed_schema_1_the_payload_counts() {
    for fixture in fixtures::all()
        .iter()
        .filter(|fixture| fixture.payload_size.is_some())
    {
        let whole = Digest::sha256(&fixture.bytes).to_string();
        let of_whole = cause(&fixture.bytes, &whole).expect("a cause");
        assert_eq!(of_whole.name, "signature-block");
        assert_eq!(
            of_whole.right,
            Remedy::Digest(fixture.digest.parse().expect("a digest"))
        );
        // The signature block was taken out, and what is left was indented anew.
        let document = json::read(&fixture.bytes).expect("an object");
        let payload = compact(
            &document.object,
            Order::AsWritten,
            Escapes::Plain,
            Some("signatures"),
        );
        let pasted = [
            Layout::Indented("  ").apply(payload.as_bytes()),
            b"\n".to_vec(),
        ]
        .concat();
        let stripped = cause(&pasted, &fixture.digest).expect("a cause");
        assert!(
            stripped.name.ends_with("indentation+final-newline-removed"),
            "{}",
            stripped.name
        );
    }
}

#[test]
fn other_algorithms_and_digests_that_cannot_be_computed() {
    let bytes = &fixtures::all()[0].bytes;
    let long = Digest::compute(Algorithm::Sha512, bytes);
    let found = cause(bytes, &format!("sha256:{}", long.encoded())).expect("a cause");
    assert_eq!(found.name, "other-algorithm");
    assert_eq!(
        found.sentence,
        "the digest is right as one of sha512, not of sha256"
    );
    assert_eq!(found.right, Remedy::Digest(long.clone()));
    let both = cause(
        &[bytes, &b"\n"[..]].concat(),
        &format!("sha256:{}", long.encoded()),
    )
    .expect("a cause");
    assert_eq!(both.name, "other-algorithm+final-newline-removed");
    let plain = cause(&[bytes, &b"\n"[..]].concat(), long.as_str()).expect("a cause");
    assert_eq!(plain.name, "final-newline-removed");
    let unknown = explain(bytes, &Expected::read("blake3:abc").expect("a digest"));
    assert_eq!(
        (unknown.causes.len(), unknown.tried.len(), unknown.complete),
        (0, 0, true)
    );
}

#[test]
fn a_text_that_ends_early_is_closed_or_said_to_be_cut() {
    for fixture in fixtures::all()
        .iter()
        .filter(|fixture| fixture.payload_size.is_none())
    {
        let closing = fixture
            .bytes
            .iter()
            .rev()
            .take_while(|byte| b"]} \n".contains(byte))
            .count();
        let cut = &fixture.bytes[..fixture.bytes.len() - closing];
        let found =
            cause(cut, &fixture.digest).unwrap_or_else(|| panic!("{}: no cause", fixture.name));
        assert_eq!(found.name, "truncated", "{}", fixture.name);
        assert_eq!(
            found.right,
            Remedy::Bytes(fixture.bytes.clone()),
            "{}",
            fixture.name
        );
    }
    let index = fixtures::all()
        .iter()
        .find(|fixture| fixture.size > 1100)
        .expect("a long one");
    let cut = cause(&index.bytes[..1024], &index.digest).expect("a cause");
    assert_eq!(
        (cut.name.as_str(), &cut.right),
        ("truncated", &Remedy::Unknown)
    );
    assert!(
        cut.sentence.starts_with("the text ends early, at line "),
        "{}",
        cut.sentence
    );
    assert!(
        cut.sentence
            .ends_with("; programs cut at a size such as 1,024"),
        "{}",
        cut.sentence
    );
    assert_eq!(
        cause(b"\x1f\x8b\x08", &index.digest).expect("a cause").name,
        "gzip"
    );
}

#[test]
fn base64_of_either_alphabet_is_decoded() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let fixture = &fixtures::all()[0];
    for text in [
        STANDARD.encode(&fixture.bytes),
        URL_SAFE_NO_PAD.encode(&fixture.bytes) + "\n",
    ] {
        let found = cause(text.as_bytes(), &fixture.digest).expect("a cause");
        assert_eq!(
            (found.name.as_str(), found.right),
            ("base64", Remedy::Bytes(fixture.bytes.clone()))
        );
    }
}

#[test]
fn bytes_that_have_the_digest_have_no_cause() {
    for bytes in [&b"{\"a\":\"\\u003a<:\"}"[..], b"{ \"a\": 1", b"\x1f\x8b"] {
        let explanation = explain(bytes, &Expected::from(Digest::sha256(bytes)));
        assert_eq!(
            (explanation.causes, explanation.complete),
            (Vec::new(), true)
        );
    }
}

#[test]
fn what_has_no_cause_says_what_was_tried_and_ends() {
    let other = Digest::sha256(b"something else").to_string();
    for fixture in fixtures::all() {
        let messy = [
            b"\xef\xbb\xbf",
            &*replaced(&fixture.bytes, "{\"", "{ \r\n\""),
            b"\r \r\n",
        ]
        .concat();
        let explanation = explain(&messy, &Expected::read(&other).expect("a digest"));
        assert_eq!(explanation.causes, [], "{}", fixture.name);
        assert!(explanation.complete, "{}", fixture.name);
        assert!(
            explanation
                .tried
                .contains(&"the indentations of other tools"),
            "{:?}",
            explanation.tried
        );
    }
    // Of a large content less is tried, and that is said.
    let large = [
        b"{\"a\":\"".to_vec(),
        vec![b'x'; 4 << 20],
        b"\"}\n".to_vec(),
    ]
    .concat();
    let expected = Expected::read(&other).expect("a digest");
    assert!(!explain(&large, &expected).complete);
    let right = Digest::sha256(large.trim_ascii()).to_string();
    assert_eq!(
        cause(&large, &right).expect("a cause").name,
        "final-newline-removed"
    );
}

fn read(name: &str) -> (Manifest, Vec<waybill_core::finding::Finding>) {
    Manifest::read(
        fixtures::find(name).bytes.as_slice(),
        &DeclaredTypes::none(),
    )
    .expect("an object")
}
