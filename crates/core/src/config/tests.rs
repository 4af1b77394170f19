use super::*;

#[test]
fn history_joins_the_layers_it_made() {
    let json = br#"{"architecture":"amd64","os":"linux","history":[
        {"created_by":"ADD a"},{"created_by":"ENV b","empty_layer":true},{"created_by":"RUN c"}],
        "rootfs":{"type":"layers","diff_ids":["x:1","x:2"]},"moby.x":{"a":1}}"#;
    let (config, findings) = ImageConfig::read(json).expect("an object");
    assert!(
        findings
            .iter()
            .all(|finding| finding.code == Code::DigestUnsupported),
        "{findings:?}"
    );
    assert_eq!(
        config
            .history
            .iter()
            .map(|step| step.layer)
            .collect::<Vec<_>>(),
        [Some(0), None, Some(1)]
    );
    assert_eq!(config.layer_steps(), 2);
    assert_eq!(
        config.unknown,
        [("moby.x".to_owned(), "{\"a\":1}".to_owned())]
    );
}

#[test]
fn names_that_clients_read_differently_are_found_everywhere() {
    let json = br#"{"architecture":"amd64","os":"linux","os":"windows","config":{"user":"x","Labels":{"a":"1","a":"2","A":"3"}},
        "rootfs":{"type":"layers","diff_ids":[],"Diff_IDs":[]},"history":[{"Empty_Layer":true}]}"#;
    let (_, findings) = ImageConfig::read(json).expect("an object");
    let found: Vec<_> = findings
        .iter()
        .map(|f| format!("{} {}", f.code, f.pointer))
        .collect();
    for expected in [
        "duplicate-name /os",
        "case-variant-name /config/user",
        "duplicate-name /config/Labels/a",
        "case-variant-name /rootfs/Diff_IDs",
        "case-variant-name /history/0/Empty_Layer",
    ] {
        assert!(
            found.iter().any(|finding| finding == expected),
            "{expected} in {found:?}"
        );
    }
    assert_eq!(found.len(), 5, "{found:?}");
}

#[test]
fn a_place_counts_what_was_left_out_as_well() {
    let json =
        br#"{"architecture":"amd64","os":"linux","config":{"Env":[1,"A","B=1",null,{},"=2"]},
        "rootfs":{"type":"layers","diff_ids":[7,"x"]}}"#;
    let (config, findings) = ImageConfig::read(json).expect("an object");
    assert_eq!(config.environment, ["A", "B=1", "=2"]);
    // The second is that of the second layer, whatever stands in front of it.
    assert_eq!(config.diff_ids, ["", "x"]);
    let found: Vec<_> = findings
        .iter()
        .filter(|finding| matches!(finding.code, Code::ConfigForm | Code::DiffId))
        .map(|finding| format!("{} {}", finding.code, finding.pointer))
        .collect();
    assert_eq!(
        found,
        [
            "config-form /config/Env/1",
            "config-form /config/Env/5",
            "diff-id /rootfs/diff_ids/1",
        ]
    );
}

#[test]
fn members_of_the_wrong_kind_are_said_and_left_out() {
    let json = br#"{"os":7,"config":{"Env":"A=1","Cmd":["a",1],"Healthcheck":{"Test":["NONE"],"Retries":-1}}}"#;
    let (config, findings) = ImageConfig::read(json).expect("an object");
    assert_eq!(config.command, ["a"]);
    assert_eq!(config.health_check.expect("there").retries, None);
    let messages: Vec<_> = findings
        .iter()
        .map(|f| format!("{}: {}", f.pointer, f.message))
        .collect();
    assert_eq!(
        messages,
        [
            "/os: os is a number, it has to be a string",
            "/config/Cmd/1: 1 is a number, it has to be a string",
            "/config/Env: Env is a string, it has to be an array",
            ": architecture is missing",
            ": rootfs is missing",
        ]
    );
}
