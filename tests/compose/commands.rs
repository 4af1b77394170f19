//! What the commands of other tools say of a list, and what they leave out.

use waybill_core::compose::commands::{Commands, commands};
use waybill_core::compose::{Draft, Entry, EntryOrigin, ListKind};
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;

fn platform(text: &str) -> Platform {
    text.parse().expect("a platform")
}

/// An entry that a list names, of a manifest of its own, with one annotation where it has a
/// value.
fn entry(name: &str, platform: Option<Platform>, value: &str) -> Entry {
    let digest = Digest::sha256(name.as_bytes());
    let mut entry = Entry::default();
    entry.descriptor.media_type = Some(MediaType::OCI_MANIFEST);
    entry.descriptor.digest_text = digest.to_string();
    entry.descriptor.digest = Some(digest);
    entry.descriptor.size = Some(7);
    entry.descriptor.platform = platform;
    if !value.is_empty() {
        entry.descriptor.annotations.set("org.example.a", value);
    }
    entry
}

/// An entry whose image says another platform in its config.
fn edited(to: Platform, config: Platform) -> Entry {
    Entry {
        origin: Some(EntryOrigin {
            platform: Some(config),
            ..EntryOrigin::default()
        }),
        ..entry("image", Some(to), "")
    }
}

fn of(tool: &str, draft: &Draft) -> Commands {
    let target = "r.example/app:1".parse().expect("a reference");
    commands(draft, &target, &[])
        .into_iter()
        .find(|commands| commands.tool == tool)
        .expect("a tool")
}

fn draft(entries: Vec<Entry>) -> Draft {
    Draft {
        entries,
        ..Draft::new(ListKind::OciIndex)
    }
}

/// The words of all lines.
fn words(commands: &Commands) -> String {
    commands.lines.clone().expect("lines").join(" ")
}

const OF_ENTRIES: &str = "annotations of entries";

#[test]
fn buildx_is_told_only_what_it_takes_between_brackets() {
    for (named, is_said) in [
        (Some(platform("linux/amd64")), true),
        (Some(platform("linux/arm/v7")), true),
        (Some(platform("unknown/unknown")), true),
        (None, false),
        (Some(platform("windows(10.0.17763.1234)/amd64")), false),
        (
            Some(Platform {
                os_features: vec!["win32k".to_owned()],
                ..platform("windows/amd64")
            }),
            false,
        ),
        (Some(platform("linux/arm64/v9.2")), false),
        (
            Some(Platform {
                os: "linux".to_owned(),
                ..Platform::default()
            }),
            false,
        ),
        (
            Some(Platform {
                variant: Some("ü v".to_owned()),
                ..platform("linux/amd64")
            }),
            false,
        ),
    ] {
        let name = named.as_ref().map(ToString::to_string);
        let buildx = of("docker buildx", &draft(vec![entry("a", named, "b")]));
        let (words, left_out) = (words(&buildx), buildx.left_out);
        assert_eq!(words.contains("manifest-descriptor["), is_said, "{name:?}");
        assert_eq!(
            !left_out.contains(&OF_ENTRIES.to_owned()),
            is_said,
            "{name:?}"
        );
    }
    // Without annotations there is nothing to leave out.
    let buildx = of("docker buildx", &draft(vec![entry("a", None, "")]));
    assert_eq!(buildx.left_out, [""; 0]);
}

#[test]
fn buildx_goes_by_the_platform_of_the_config() {
    let mut image = edited(platform("linux/arm64"), platform("linux/amd64"));
    image.descriptor.annotations.set("a", "b");
    let buildx = of("docker buildx", &draft(vec![image]));
    assert!(words(&buildx).contains("'manifest-descriptor[linux/amd64]:a=b'"));
    assert_eq!(buildx.left_out, ["platforms that differ from the config"]);
}

#[test]
fn buildx_cannot_tell_entries_of_one_platform_apart() {
    let unknown = || Some(platform("unknown/unknown"));
    let amd64 = || Some(platform("linux/amd64"));
    for (entries, is_left_out, said) in [
        (
            vec![entry("a", unknown(), "1"), entry("b", unknown(), "2")],
            true,
            0,
        ),
        // One that says nothing would get what the other says.
        (
            vec![entry("a", amd64(), ""), entry("b", amd64(), "2")],
            true,
            0,
        ),
        // It compares platforms in their usual names.
        (
            vec![
                entry("a", Some(platform("linux/arm64")), "1"),
                entry(
                    "b",
                    Some(Platform {
                        variant: Some("v8".to_owned()),
                        ..platform("linux/arm64")
                    }),
                    "2",
                ),
            ],
            true,
            0,
        ),
        (
            vec![entry("a", amd64(), "1"), entry("b", amd64(), "1")],
            false,
            2,
        ),
        (
            vec![
                entry("a", amd64(), "1"),
                entry("b", unknown(), "2"),
                entry("c", unknown(), "3"),
            ],
            true,
            1,
        ),
    ] {
        let buildx = of("docker buildx", &draft(entries));
        assert_eq!(words(&buildx).matches("manifest-descriptor[").count(), said);
        assert_eq!(
            buildx.left_out.contains(&OF_ENTRIES.to_owned()),
            is_left_out
        );
    }
}

#[test]
fn what_no_flag_says_is_left_out_whatever_the_kind() {
    let mut all = draft(vec![entry(
        "a",
        Some(platform("linux/amd64")),
        "of-an-entry",
    )]);
    all.annotations.set("org.example.b", "of-the-list");
    all.artifact_type = Some(MediaType::new("application/of-the-list"));
    all.entries[0].descriptor.artifact_type = Some(MediaType::new("application/of-an-entry"));
    all.subject = Some(entry("subject", None, "").descriptor);
    let subject = Digest::sha256(b"subject");
    for kind in ListKind::ALL {
        all.kind = kind;
        let target = "r.example/app:1".parse().expect("a reference");
        for commands in commands(&all, &target, &[]) {
            let mut said = words(&commands);
            said.extend(commands.file.map(|(_, text)| text));
            for (text, names) in [
                ("=of-an-entry", ["annotations", OF_ENTRIES]),
                ("of-the-list", ["annotations", "annotations"]),
                (
                    "application/of-an-entry",
                    ["artifactType", "artifactType of entries"],
                ),
                ("application/of-the-list", ["artifactType", "artifactType"]),
                (subject.as_str(), ["subject", "subject"]),
            ] {
                let is_named = commands
                    .left_out
                    .iter()
                    .any(|name| names.contains(&name.as_str()));
                assert!(
                    said.contains(text) || is_named,
                    "{} {kind:?}: {text} in {said:?}, {:?}",
                    commands.tool,
                    commands.left_out
                );
            }
        }
    }
    all.kind = ListKind::DockerList;
    assert_eq!(
        of("crane", &all).left_out,
        [
            "subject",
            "annotations",
            OF_ENTRIES,
            "artifactType",
            "artifactType of entries"
        ]
    );
}

/// What is left out of a platform that was edited, by each tool that is told platforms.
fn unsaid(to: Option<&Platform>, config: &Platform) -> [Vec<String>; 4] {
    let mut image = edited(Platform::default(), config.clone());
    image.descriptor.platform = to.cloned();
    let draft = Draft {
        entries: vec![image],
        ..Draft::new(ListKind::DockerList)
    };
    ["docker manifest", "podman", "manifest-tool", "regctl"].map(|tool| {
        let mut left_out = of(tool, &draft).left_out;
        left_out.retain(|name| name != "the kind of list");
        left_out
    })
}

#[test]
fn members_of_an_edited_platform_that_no_flag_sets_are_left_out() {
    let windows = platform("windows(10.0.17763.1234)/amd64");
    let with = |features: &[&str]| Platform {
        os_features: features.iter().map(|one| (*one).to_owned()).collect(),
        ..windows.clone()
    };
    let arm64 = platform("linux/arm64/v9");
    let (no, features) = (|| vec![], || vec!["os.features".to_owned()]);
    // What is not edited is read in the config.
    let one = with(&["win32k"]);
    assert_eq!(unsaid(Some(&one), &one), [no(), no(), no(), no()]);
    // podman has no flag for them, and regctl no place beside the rest.
    assert_eq!(
        unsaid(Some(&one), &windows),
        [no(), features(), no(), features()]
    );
    let other = Platform {
        architecture: "arm64".to_owned(),
        ..one.clone()
    };
    assert_eq!(unsaid(Some(&other), &one), [no(), no(), no(), features()]);
    // docker adds to those that are there.
    assert_eq!(
        unsaid(Some(&one), &with(&["a"])),
        [features(), features(), no(), features()]
    );
    assert_eq!(
        unsaid(Some(&with(&["win32k", "a"])), &with(&["a"])),
        [no(), features(), no(), features()]
    );
    // What is empty is the config's, but for regctl, which is told the whole.
    assert_eq!(
        unsaid(Some(&windows), &one),
        [features(), features(), features(), no()]
    );
    let variant = || vec!["variant".to_owned()];
    assert_eq!(
        unsaid(Some(&platform("linux/arm64")), &arm64),
        [variant(), variant(), variant(), no()]
    );
    let platforms = || vec!["platform".to_owned()];
    assert_eq!(
        unsaid(None, &arm64),
        [platforms(), platforms(), platforms(), platforms()]
    );
    // Those of the processor are said nowhere.
    let sse4 = Platform {
        features: vec!["sse4".to_owned()],
        ..arm64.clone()
    };
    let processor = || vec!["features".to_owned()];
    assert_eq!(
        unsaid(Some(&sse4), &arm64),
        [processor(), processor(), processor(), processor()]
    );
}

#[test]
fn plain_http_is_said_of_every_host_that_speaks_it_and_of_no_other() {
    let from = |name: &str, host: &str| Entry {
        reference: Some(format!("{host}/app:1").parse().expect("a reference")),
        ..entry(name, Some(platform("linux/amd64")), "")
    };
    let mut draft = draft(vec![
        from("a", "ghcr.io"),
        from("b", "http.example:5000"),
        from("c", "http.example:5000"),
        from("d", "localhost:5001"),
    ]);
    let http = ["http.example:5000".parse().expect("a host")];
    let lines = |draft: &Draft, target: &str, tool: &str| {
        let target = target.parse().expect("a reference");
        let commands = commands(draft, &target, &http);
        let commands = commands.into_iter().find(|one| one.tool == tool);
        commands.expect("a tool").lines.expect("lines")
    };
    let (far, near) = ("r.example/app:1", "http.example:5000/app:1");
    let hosts = |line: &str| line.matches("tls=disabled").count();
    let create = &lines(&draft, far, "regctl")[0];
    assert!(create.contains("--host reg=http.example:5000,tls=disabled"));
    assert!(create.contains("--host reg=localhost:5001,tls=disabled"));
    assert_eq!(hosts(create), 2);
    assert_eq!(hosts(&lines(&draft, near, "regctl")[0]), 2);
    // Of each line the hosts that it names.
    draft.entries[0].descriptor.annotations.set("a", "b");
    let counts = |target: &str| {
        let lines = lines(&draft, target, "regctl");
        lines.iter().map(|line| hosts(line)).collect::<Vec<_>>()
    };
    assert_eq!(counts(far), [0, 0, 1, 1, 1]);
    assert_eq!(counts(near), [1, 1, 1, 1, 2]);
    let flags = |target: &str, tool: &str, flag: &str| {
        let lines = lines(&draft, target, tool);
        lines
            .iter()
            .map(|line| line.contains(flag))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        flags(far, "podman", "--tls-verify=false"),
        [false, false, true, true, true, false]
    );
    assert_eq!(
        flags(far, "oras", "--from-plain-http"),
        [false, true, true, true, false]
    );
    assert!(!flags(far, "oras", "-plain-http")[4]);
    // The two that are there already are not copied.
    assert_eq!(flags(near, "oras", "--to-plain-http"), [true, true, false]);
    assert_eq!(
        flags(near, "oras", "--from-plain-http"),
        [false, true, false]
    );
    assert_eq!(flags(near, "oras", " --plain-http"), [false, false, true]);
    assert_eq!(flags(far, "crane", "--insecure"), [true]);
    assert_eq!(flags(far, "manifest-tool", "--plain-http"), [true]);
    assert_eq!(flags(far, "docker manifest", "--insecure"), [true, true]);
}
