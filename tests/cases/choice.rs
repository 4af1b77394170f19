//! Which image of a list a client takes for a machine: the sharp ones.

use waybill_core::manifest::Manifest;
use waybill_core::manifest::choice::{Client, Reason, choose};
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::platform::Platform;

use Client::{Containerd, Docker, Podman};
use Reason::{Features, First, Newest, NoPlatform, Nothing, Older, Only, SameBuild, Zstd};

const OCI: &str = "application/vnd.oci.image.";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.";

/// A list of these entries; each is what stands between the braces of its platform, or the text
/// `none`; behind `|` more members of the entry.
fn list(is_docker: bool, entries: &[&str]) -> Vec<u8> {
    let (list_type, entry_type) = if is_docker {
        (
            [DOCKER, "list.v2+json"].concat(),
            [DOCKER, "v2+json"].concat(),
        )
    } else {
        (
            [OCI, "index.v1+json"].concat(),
            [OCI, "manifest.v1+json"].concat(),
        )
    };
    let entries: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(place, entry)| {
            let (platform, more) = entry.split_once('|').unwrap_or((entry, ""));
            let platform = match platform {
                "none" => String::new(),
                members => format!(r#","platform":{{{members}}}"#),
            };
            format!(
                r#"{{"mediaType":"{entry_type}","size":9,"digest":"sha256:{place:064}"{platform}{more}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{list_type}","manifests":[{}]}}"#,
        entries.join(",")
    )
    .into_bytes()
}

/// `linux/arm/v7` as the members of a platform, as they are written.
fn members(platform: &str) -> String {
    if platform.contains('"') || platform == "none" {
        return platform.to_owned();
    }
    let mut parts = platform.split('/');
    let mut part = || parts.next().unwrap_or_default();
    let (os, architecture, variant) = (part(), part(), part());
    let variant = if variant.is_empty() {
        String::new()
    } else {
        format!(r#","variant":"{variant}""#)
    };
    format!(r#""os":"{os}","architecture":"{architecture}"{variant}"#)
}

#[track_caller]
fn takes(client: Client, machine: &str, entries: &[&str], expected: (Option<usize>, Reason)) {
    takes_of(false, client, machine, entries, expected);
}

#[track_caller]
fn takes_of(
    is_docker: bool,
    client: Client,
    machine: &str,
    entries: &[&str],
    expected: (Option<usize>, Reason),
) {
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| {
            let (platform, more) = entry.split_once('|').unwrap_or((entry, ""));
            [
                members(platform).as_str(),
                if more.is_empty() { "" } else { "|" },
                more,
            ]
            .concat()
        })
        .collect();
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let bytes = list(is_docker, &entries);
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::default()).expect("JSON");
    let list = manifest.list().expect("a list");
    let machine: Platform = machine.parse().expect("a platform");
    let choice = choose(client, manifest.format, list, &machine);
    assert_eq!(
        (choice.entry, choice.reason),
        expected,
        "{client:?} on {machine} of {entries:?}"
    );
}

#[test]
fn the_platform_itself_is_taken_and_of_several_the_first() {
    for client in Client::ALL {
        let entries = ["linux/arm64", "linux/amd64", "linux/amd64"];
        takes(client, "linux/amd64", &entries, (Some(1), First));
        takes(client, "linux/arm64", &entries, (Some(0), Only));
        takes(client, "linux/s390x", &entries, (None, Nothing));
        takes(client, "freebsd/amd64", &entries, (None, Nothing));
    }
}

#[test]
fn podman_finds_out_the_variant_of_its_machine_and_asks_for_it_first() {
    let entries = ["linux/arm64", "linux/arm64/v8"];
    for (client, taken) in [(Docker, 0), (Containerd, 0), (Podman, 1)] {
        let machine = "linux/arm64";
        let choice = |entries: &[&str], taken| {
            let reason = if client == Podman { Only } else { First };
            takes(client, machine, entries, (Some(taken), reason));
        };
        choice(&entries, taken);
        choice(&["linux/arm64/v8", "linux/arm64"], 0);
        takes(client, machine, &entries[..1], (Some(0), Only));
        takes(client, machine, &entries[1..], (Some(0), Only));
    }
    // Artifacts, lists, attestations and empty platforms in front.
    let odd = [
        r#""os":"unknown","architecture":"unknown""#,
        r#""os":"","architecture":"""#,
        r#""os":"linux","architecture":"arm64","variant":"v9""#,
        "linux/arm64",
    ];
    for client in Client::ALL {
        takes(client, "linux/arm64", &odd, (Some(3), Only));
        takes(
            client,
            "linux/arm/v5",
            &["linux/arm/v6", "linux/arm/v8"],
            (None, Nothing),
        );
        takes(
            client,
            "linux/amd64/v2",
            &["linux/amd64/v3"],
            (None, Nothing),
        );
    }
}

#[test]
fn variants_fall_back_and_never_forward() {
    for client in Client::ALL {
        let arm = ["linux/arm/v5", "linux/arm/v6", "linux/arm/v7"];
        takes(client, "linux/arm/v7", &arm, (Some(2), Only));
        takes(client, "linux/arm/v7", &arm[..2], (Some(1), Older));
        takes(client, "linux/arm/v6", &arm[1..], (Some(0), Only));
        takes(client, "linux/arm/v6", &arm[2..], (None, Nothing));
        takes(client, "linux/arm/v7", &["linux/arm"], (Some(0), Only));
        takes(client, "linux/amd64/v3", &["linux/amd64"], (Some(0), Older));
        takes(client, "linux/amd64", &["linux/amd64/v2"], (None, Nothing));
        takes(client, "linux/arm64", &["linux/arm64/v8"], (Some(0), Only));
    }
    // podman knows no order of these, and asks for the variant itself and for none.
    let amd64 = ["linux/amd64/v2", "linux/amd64"];
    takes(Containerd, "linux/amd64/v3", &amd64, (Some(0), Older));
    takes(Podman, "linux/amd64/v3", &amd64, (Some(1), Older));
    let arm64 = ["linux/arm64", "linux/arm64/v8.2", "linux/arm64/v9"];
    takes(Docker, "linux/arm64/v8.4", &arm64, (Some(1), Older));
    takes(Docker, "linux/arm64/v9.1", &arm64, (Some(2), Older));
    takes(Podman, "linux/arm64/v8.4", &arm64, (Some(0), Older));
    // No variant stands for the least of all.
    let plain = ["linux/ppc64le"];
    takes(Podman, "linux/ppc64le/power10", &plain, (Some(0), Older));
    // Nobody knows an order of the others.
    for client in Client::ALL {
        takes(
            client,
            "linux/ppc64le/power10",
            &["linux/ppc64le/power10"],
            (Some(0), Only),
        );
        takes(
            Containerd,
            "linux/ppc64le/power10",
            &["linux/ppc64le/power9"],
            (None, Nothing),
        );
    }
}

#[test]
fn code_of_32_bit_is_taken_where_nothing_nearer_is_there() {
    for client in [Docker, Containerd] {
        takes(
            client,
            "linux/amd64",
            &["linux/386", "linux/amd64"],
            (Some(1), Only),
        );
        takes(client, "linux/amd64", &["linux/386"], (Some(0), Older));
        takes(
            client,
            "linux/arm64",
            &["linux/arm/v6", "linux/arm/v7"],
            (Some(1), Older),
        );
    }
    takes(Podman, "linux/amd64", &["linux/386"], (None, Nothing));
    takes(Podman, "linux/arm64", &["linux/arm/v7"], (None, Nothing));
}

#[test]
fn other_spellings_are_found_by_docker_and_containerd_alone() {
    for entry in ["linux/aarch64", "Linux/arm64", "linux/ARM64"] {
        takes(Docker, "linux/arm64", &[entry], (Some(0), Only));
        takes(Podman, "linux/arm64", &[entry], (None, Nothing));
    }
    takes(
        Containerd,
        "linux/amd64",
        &["linux/x86_64"],
        (Some(0), Only),
    );
    // What a person types is put into the usual names by each.
    takes(Podman, "linux/x86_64", &["linux/amd64"], (Some(0), Only));
}

#[test]
fn an_entry_without_platform_is_the_last_resort() {
    for client in Client::ALL {
        takes(
            client,
            "linux/amd64",
            &["none", "linux/amd64"],
            (Some(1), Only),
        );
        takes(
            client,
            "linux/riscv64",
            &["linux/amd64", "none", "none"],
            (Some(1), NoPlatform),
        );
    }
    // Of a Docker list podman takes none.
    takes_of(true, Podman, "linux/riscv64", &["none"], (None, Nothing));
    takes_of(
        true,
        Docker,
        "linux/riscv64",
        &["none"],
        (Some(0), NoPlatform),
    );
    // Attestations have a platform that no machine has.
    let attested = ["linux/arm64", "unknown/unknown"];
    takes(Docker, "linux/amd64", &attested, (None, Nothing));
}

#[test]
fn an_artifact_in_front_is_taken_in_the_place_of_its_image() {
    let entries = [
        r#"linux/amd64|,"artifactType":"application/vnd.amazon.soci.index.v2+json""#,
        "linux/amd64",
    ];
    for client in Client::ALL {
        takes(client, "linux/amd64", &entries, (Some(0), First));
    }
}

#[test]
fn podman_prefers_zstd_of_an_index() {
    let entries = [
        "linux/amd64",
        r#"linux/amd64|,"annotations":{"io.github.containers.compression.zstd":"true"}"#,
    ];
    takes(Podman, "linux/amd64", &entries, (Some(1), Zstd));
    takes(Docker, "linux/amd64", &entries, (Some(0), First));
    takes_of(true, Podman, "linux/amd64", &entries, (Some(0), First));
}

#[test]
fn features_of_the_system_have_to_be_had() {
    let entries = [
        r#""os":"linux","architecture":"amd64""#,
        r#""os":"linux","architecture":"amd64","os.features":["erofs"]"#,
    ];
    takes(Containerd, "linux/amd64", &entries, (Some(0), Only));
    takes(
        Containerd,
        "linux(+erofs)/amd64",
        &entries,
        (Some(1), Features),
    );
    takes(Containerd, "linux/amd64", &entries[1..], (None, Nothing));
    // podman does not look at them.
    takes(Podman, "linux/amd64", &entries[1..], (Some(0), Only));
}

#[test]
fn each_has_its_own_rule_for_versions_of_windows() {
    let entries = [
        r#""os":"windows","architecture":"amd64","os.version":"10.0.17763.5458""#,
        r#""os":"windows","architecture":"amd64","os.version":"10.0.20348.100""#,
        r#""os":"windows","architecture":"amd64","os.version":"10.0.20348.2322""#,
    ];
    let server = "windows(10.0.20348.1)/amd64";
    takes(Docker, server, &entries, (Some(1), First));
    takes(Docker, server, &entries[..2], (Some(1), SameBuild));
    takes(Containerd, server, &entries, (Some(2), Newest));
    takes(Podman, server, &entries, (Some(0), First));
    // Server 2019 runs its own build alone; docker would take what is older, too.
    let old = "windows(10.0.17763.1)/amd64";
    takes(Containerd, old, &entries, (Some(0), Only));
    takes(Docker, old, &entries, (Some(0), Only));
    takes(
        Docker,
        "windows(10.0.18000)/amd64",
        &entries,
        (Some(0), Only),
    );
    takes(
        Containerd,
        "windows(10.0.18000)/amd64",
        &entries,
        (None, Nothing),
    );
}
