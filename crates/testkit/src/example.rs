//! The programs in `examples/` of a package.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Builds one and gives its path: `cargo test --test …` builds no examples. A second time costs nothing.
pub fn built(package: &str, name: &str) -> PathBuf {
    let build = [
        "build",
        "-p",
        package,
        "--example",
        name,
        "--offline",
        "--locked",
        "--message-format=json",
    ];
    let output = Command::new(env!("CARGO"))
        .args(build)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("text");
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built =
        messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    built
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
        .expect("cargo names what it built")
}
