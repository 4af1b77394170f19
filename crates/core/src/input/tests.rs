use super::*;

#[test]
fn what_is_no_reference_is_told_apart() {
    for text in ["", "  \n", "\u{feff}"] {
        assert_eq!(understand(text), Ok(Input::Empty));
    }
    for text in ["{", "\u{feff} \n{\"schemaVersion\": 2}", "{not json"] {
        assert_eq!(understand(text), Ok(Input::Manifest));
    }
    let digest = Digest::sha256(b"");
    for text in [
        digest.as_str(),
        digest.encoded(),
        &["  '", digest.as_str(), "'"].concat(),
    ] {
        assert_eq!(
            understand(text),
            Ok(Input::Digest(digest.clone())),
            "{text}"
        );
    }
    // A plus may not stand in a reference, so this can only be a digest.
    assert!(
        matches!(understand("sha256+b64:LCa0a2j_xo"), Ok(Input::Digest(digest)) if digest.algorithm().is_none())
    );
    assert!(matches!(
        understand("redis:latest"),
        Ok(Input::Reference(_))
    ));
}

#[test]
fn errors_stand_where_the_person_typed_them() {
    let short = ["  sha256:", &"0".repeat(63)].concat();
    for (text, position, message) in [
        (
            "nginx:1.27~now",
            10,
            "tag has a character at 10, only letters, digits, _, . and - may stand there",
        ),
        (
            "  ghcr.io/o/Rust",
            12,
            "repository has an upper-case letter at 12, only a-z, 0-9, ., _, - and / may stand there",
        ),
        (
            "\u{a0}\"docker://ghcr.io/o/r~\"",
            23,
            "repository has a character at 23, only a-z, 0-9, ., _, - and / may stand there",
        ),
        (&short, 2, "digest hex is 63 characters, sha256 needs 64"),
        (
            "sha256:xyz",
            0,
            "digest hex is 3 characters, sha256 needs 64",
        ),
    ] {
        let error = understand(text).expect_err(text);
        assert_eq!(
            (error.position(), error.to_string().as_str()),
            (position, message),
            "{text}"
        );
    }
}

#[test]
fn every_note_can_be_read() {
    assert_eq!(
        Note::Command {
            tool: "oras",
            command: "pull"
        }
        .to_string(),
        "took the image from an oras pull command"
    );
    assert_eq!(
        Note::Page { site: "Quay" }.to_string(),
        "took the image from the address of a page of Quay"
    );
    assert_eq!(
        Note::Transport { scheme: "oci" }.to_string(),
        "took off oci://"
    );
}
