//! What SECURITY.md promises is held by the tests that it names, in the files that it names.

use std::path::Path;

use waybill_testkit::project;

use super::sources;

#[test]
fn what_security_md_promises_is_held_by_tests_that_are_there() {
    let text = std::fs::read_to_string(project().join("SECURITY.md")).expect("SECURITY.md");
    let all: Vec<_> = ["tests", "crates"]
        .iter()
        .flat_map(|folder| sources(folder))
        .collect();
    let mut held = 0;
    for line in text.lines() {
        let mut files = Vec::new();
        for name in line.split('`').skip(1).step_by(2) {
            let extension = Path::new(name).extension().and_then(|it| it.to_str());
            if extension == Some("rs") {
                // Of one name there may be two, as in `proxy/page.rs` and `views/page.rs`.
                files = all
                    .iter()
                    .filter(|(path, _)| path.ends_with(name))
                    .collect();
                assert!(!files.is_empty(), "{name}");
            } else if extension == Some("mjs") {
                assert!(
                    ["tests", "tests/e2e"]
                        .iter()
                        .any(|folder| project().join(folder).join(name).is_file()),
                    "{name}"
                );
            } else if name.matches('_').count() > 2 {
                let test = format!("fn {name}()");
                assert!(files.iter().any(|(_, text)| text.contains(&test)), "{name}");
                held += 1;
            }
        }
    }
    assert!(held > 20, "{held}");
    for line in text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| promise "))
    {
        assert!(
            line.contains(" | ")
                && (line.contains(".rs`") || line.contains("`audit`") || line.starts_with("| ---")),
            "{line}"
        );
    }
}
