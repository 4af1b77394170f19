use super::*;
use crate::humanize::start;

fn parse(text: &str) -> Reference {
    text.parse().expect(text)
}

#[test]
fn errors_give_the_place_and_the_rule() {
    let hex = "a".repeat(64);
    for (text, position, message) in [
        (
            "",
            0,
            "reference is empty, it needs at least a repository such as nginx",
        ),
        (
            &hex,
            0,
            "64 hex characters alone are an image ID, a digest needs sha256: in front of them",
        ),
        (
            "a..b/c",
            2,
            "host has an empty part at 2, a name must stand before and after each .",
        ),
        (
            "a_b.c/d",
            1,
            "host has a character at 1, only letters, digits, . and - may stand there",
        ),
        (
            "a.-b/c",
            2,
            "host has a - at 2, no part of a host may begin or end with it",
        ),
        (
            "a.b-/c",
            3,
            "host has a - at 3, no part of a host may begin or end with it",
        ),
        (
            "[::g]/c",
            1,
            "host has no IPv6 address at 1, brackets need one such as [::1]",
        ),
        (
            "[::1.2.3.4]/c",
            1,
            "host has no IPv6 address at 1, brackets need one such as [::1]",
        ),
        (
            "a:x/c",
            2,
            "host has no port at 2, a number from 1 to 65535 must follow the :",
        ),
        (
            "a:0/c",
            2,
            "host has no port at 2, a number from 1 to 65535 must follow the :",
        ),
        (
            "a:65536/c",
            2,
            "host has no port at 2, a number from 1 to 65535 must follow the :",
        ),
        (
            "a.b//c",
            4,
            "repository has an empty part at 4, a name must stand before and after each /",
        ),
        (
            ":tag",
            0,
            "repository has an empty part at 0, a name must stand before and after each /",
        ),
        (
            "a.b/coD",
            6,
            "repository has an upper-case letter at 6, only a-z, 0-9, ., _, - and / may stand there",
        ),
        (
            "a b",
            1,
            "repository has a character at 1, only a-z, 0-9, ., _, - and / may stand there",
        ),
        (
            "a/b___c",
            3,
            "repository has a separator at 3, only one ., one or two _, or any number of - may stand between letters or digits",
        ),
        (
            "a:",
            2,
            "tag is empty at 2, a letter, digit or _ must follow the :",
        ),
        (
            "a:.b",
            2,
            "tag has a . or - at 2, it must begin with a letter, digit or _",
        ),
        (
            "a:b:c",
            3,
            "tag has a character at 3, only letters, digits, _, . and - may stand there",
        ),
        (
            "a:b@",
            4,
            "digest has no colon, it needs the form sha256:<64 hex characters>",
        ),
        (
            "a@b:c/d",
            5,
            "digest has a character at 5 that is not a letter, digit, =, _ or -",
        ),
    ] {
        let error = text.parse::<Reference>().expect_err(text);
        assert_eq!(
            (error.position(), error.to_string().as_str()),
            (position, message),
            "{text}"
        );
    }
}

#[test]
fn lengths_count_the_normalised_path() {
    let name = "a".repeat(247);
    assert_eq!(parse(&name).repository().as_str().len(), 255);
    let error = [&name, "a"]
        .concat()
        .parse::<Reference>()
        .expect_err("too long");
    assert_eq!(
        error.to_string(),
        "repository is 256 characters, at most 255 are allowed"
    );
    let tag = "a".repeat(129);
    let error = ["n:", &tag]
        .concat()
        .parse::<Reference>()
        .expect_err("too long");
    assert_eq!(
        (error.position(), error.to_string().as_str()),
        (130, "tag is 129 characters, at most 128 are allowed")
    );
    assert!(start(&tag, 128).parse::<Tag>().is_ok());
}

#[test]
fn familiar_is_short_and_means_the_same() {
    let digest = Digest::sha256(b"").to_string();
    let hex = "b".repeat(64);
    for (text, familiar) in [
        ("docker.io/library/nginx", "nginx".to_owned()),
        ("index.docker.io/nginx:1", "nginx:1".to_owned()),
        ("docker.io/o/r", "o/r".to_owned()),
        ("docker.io/library/a/b", "library/a/b".to_owned()),
        ("docker.io/foo.bar/baz", "docker.io/foo.bar/baz".to_owned()),
        (
            "docker.io/localhost/baz",
            "docker.io/localhost/baz".to_owned(),
        ),
        ("docker.io/library/foo.bar", "foo.bar".to_owned()),
        (
            &["docker.io/", &hex].concat(),
            ["docker.io/", &hex].concat(),
        ),
        (&["docker.io/", &hex, ":t"].concat(), [&hex, ":t"].concat()),
        (
            "localhost:5000/library/x",
            "localhost:5000/library/x".to_owned(),
        ),
        (
            &["ghcr.io/o/r:t@", &digest].concat(),
            ["ghcr.io/o/r:t@", &digest].concat(),
        ),
    ] {
        let reference = parse(text);
        // An official image keeps no `library/`, even where `docker.io/` must stay.
        assert_eq!(parse(&reference.familiar()), reference, "{text}");
        assert_eq!(reference.familiar(), familiar, "{text}");
        assert_eq!(parse(&reference.to_string()), reference, "{text}");
    }
}

#[test]
fn the_digest_decides_and_the_tag_stays() {
    let digest = Digest::sha256(b"");
    let tagged = parse("nginx:1.27");
    let pinned = tagged.pinned(digest.clone());
    assert_eq!(pinned.target(), Target::Digest(digest.clone()));
    assert_eq!(pinned.tag().map(Tag::as_str), Some("1.27"));
    assert_eq!(pinned.without_digest(), tagged);
    assert_eq!(
        tagged.at(Target::Digest(digest.clone())).familiar(),
        ["nginx@", digest.as_str()].concat()
    );
    assert_eq!(parse("nginx").target(), Target::Tag(Tag::latest()));
}

#[test]
fn hosts_know_their_parts() {
    for (text, name, port, loopback) in [
        ("localhost", "localhost", None, true),
        ("Reg.LocalHost:80", "Reg.LocalHost", Some(80), true),
        ("127.1.2.3:5000", "127.1.2.3", Some(5000), true),
        ("[0:0:0:0:0:0:0:1]", "0:0:0:0:0:0:0:1", None, true),
        ("[2001:db8::1]:443", "2001:db8::1", Some(443), false),
        (
            "localhost.example.com",
            "localhost.example.com",
            None,
            false,
        ),
        ("128.0.0.1", "128.0.0.1", None, false),
    ] {
        let host: RegistryHost = text.parse().expect(text);
        assert_eq!(
            (host.name(), host.port(), host.is_loopback()),
            (name, port, loopback),
            "{text}"
        );
        assert_eq!(host.api_authority(), text);
    }
    assert!("user@ghcr.io".parse::<RegistryHost>().is_err());
    assert!("ghcr.io/o".parse::<RegistryHost>().is_err());
    assert!("[::1]x:5".parse::<RegistryHost>().is_err());
    assert!("".parse::<RegistryHost>().is_err());
}
