use super::*;

fn parse(text: &str) -> Platform {
    text.parse().expect(text)
}

#[test]
fn features_are_sorted_each_once_however_many() {
    let many: Vec<String> = (0..300_000)
        .rev()
        .map(|number| format!("{:06}", number / 2))
        .collect();
    let normal = Platform {
        os_features: [many, vec![String::new()]].concat(),
        ..Platform::default()
    }
    .normalized();
    assert_eq!(
        (normal.os_features.len(), normal.os_features[7].as_str()),
        (150_000, "000007")
    );
}

#[test]
fn errors_say_where_and_what_was_expected() {
    for (text, message) in [
        (
            "",
            "platform has an empty part at 0, it needs the form os/architecture[/variant]",
        ),
        (
            "linux/arm/",
            "platform has an empty part at 10, it needs the form os/architecture[/variant]",
        ),
        (
            "linux(+a+)/arm",
            "platform has an empty part at 9, it needs the form os/architecture[/variant]",
        ),
        (
            "linux/*",
            "platform has a character at 6, only letters, digits, _ and - may stand there, and . behind the os",
        ),
        (
            "a/b/c/d",
            "platform has 4 parts, os/architecture/variant are 3",
        ),
        (
            "toaster",
            "platform is \"toaster\", one word needs to be a known os or architecture",
        ),
        (
            "windows(10/amd64",
            "platform has a bracket at 7, it needs the form os(version+feature)",
        ),
        (
            "windows(1)x/amd64",
            "platform has a bracket at 7, it needs the form os(version+feature)",
        ),
        (
            "windows(1%2)/amd64",
            "platform has a % at 9, two hex digits of UTF-8 text must follow it",
        ),
        (
            "windows(1%20%zz)/amd64",
            "platform has a % at 12, two hex digits of UTF-8 text must follow it",
        ),
        (
            "windows(%ff)/amd64",
            "platform has a % at 8, two hex digits of UTF-8 text must follow it",
        ),
        (
            "windows(1)/amd64:2",
            "platform has a second os version at 17, only one may be given",
        ),
    ] {
        assert_eq!(
            text.parse::<Platform>().expect_err(text).to_string(),
            message,
            "{text}"
        );
    }
}

#[test]
fn texts_of_every_writer_are_read() {
    for (text, display) in [
        (
            "windows/amd64:10.0.17763.1234",
            "windows(10.0.17763.1234)/amd64",
        ),
        (
            "windows(10.0%2Bx+b+a)/x86-64/v2",
            "windows(10.0%2Bx+a+b)/amd64/v2",
        ),
        ("macOS/AArch64/V8.0", "darwin/arm64/v8"),
        ("linux/arm64/9", "linux/arm64/v9"),
        ("linux/armhf", "linux/arm"),
        ("linux/ARM/7", "linux/arm/v7"),
        ("unknown/unknown", "unknown/unknown"),
        ("windows", "windows/amd64"),
        ("armel", "linux/arm/v6"),
    ] {
        assert_eq!(parse(text).to_string(), display, "{text}");
        assert_eq!(parse(display).to_string(), display);
    }
}

#[test]
fn what_the_author_wrote_stays_and_compares_normalised() {
    let written = Platform {
        architecture: "AARCH64".to_owned(),
        os: "Linux".to_owned(),
        os_version: Some(String::new()),
        variant: Some("v8".to_owned()),
        os_features: ["b", "", "a", "b"].map(str::to_owned).to_vec(),
        ..Platform::default()
    };
    assert_eq!(written.to_string(), "Linux(+a+b)/AARCH64/v8");
    assert_eq!(written.normalized(), parse("linux(+a+b)/arm64"));
    assert_eq!(Platform::default().to_string(), "unknown/unknown");
    assert!(!Platform::default().is_unknown());
    assert!(parse("unknown/unknown").is_unknown());
}

#[test]
fn a_windows_host_runs_the_releases_since_the_server_release_before_it() {
    for (host, runs, runs_not) in [
        (17_763, &[17_763][..], &[17_762, 17_764, 20_348][..]),
        (20_347, &[20_347], &[17_763, 20_346, 20_348]),
        (20_348, &[20_348], &[17_763, 20_347, 20_349, 26_100]),
        (22_621, &[20_348, 22_000, 22_621], &[20_347, 22_622, 26_100]),
        (26_099, &[20_348, 26_099], &[20_347, 26_100]),
        (26_100, &[20_348, 25_398, 26_100], &[20_347, 26_101]),
        (26_101, &[26_100, 26_101], &[20_348, 25_398, 26_099, 26_102]),
        (27_000, &[26_100, 26_200, 27_000], &[20_348, 26_099, 27_001]),
    ] {
        let platform = |build: &u32| parse(&format!("windows(10.0.{build}.1)/amd64"));
        for image in runs {
            assert!(
                platform(&host).runs(&platform(image)),
                "{host} runs {image}"
            );
        }
        for image in runs_not {
            assert!(
                !platform(&host).runs(&platform(image)),
                "{host} runs {image}"
            );
        }
    }
}

#[test]
fn a_machine_runs_older_variants_and_needs_every_feature() {
    for (host, image, runs) in [
        ("linux/ppc64le/power10", "linux/ppc64le/power9", true),
        ("linux/ppc64le/power9", "linux/ppc64le/power10", false),
        ("linux/riscv64/rva23u64", "linux/riscv64/rva20u64", true),
        ("linux/riscv64/rva23u64", "linux/riscv64/rva20s64", false),
        ("linux/riscv64", "linux/riscv64/rva20u64", false),
        ("linux/riscv64/rva20u64", "linux/riscv64", true),
        ("linux(+a+b)/amd64", "linux(+b)/amd64", true),
        ("linux(+a)/amd64", "linux(+a+b)/amd64", false),
        ("linux(1.2.3)/amd64", "linux(9.9.9)/amd64", true),
        ("windows(10.0.17763)/amd64", "windows(strange)/amd64", false),
        ("windows(strange)/amd64", "windows(10.0.17763)/amd64", true),
        ("windows/amd64", "windows(10.0.17763+win32k)/amd64", true),
        ("linux/amd64", "linux(+win32k)/amd64", false),
    ] {
        assert_eq!(parse(host).runs(&parse(image)), runs, "{host} runs {image}");
    }
    assert!(!parse("linux/amd64").matches(&parse("linux/386")));
    assert!(!parse("linux/arm/v7").matches(&parse("linux/arm/v6")));
    assert!(parse("linux/arm64/v9").matches(&parse("linux/arm64/v9.0")));
}
