//! The headless reader (`crates/core/examples/read.rs`), built once and run as a process.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// `cargo test --test …` builds no examples, so it is built here; a second time costs nothing.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let build = ["build", "-p", "waybill-core", "--example", "read", "--offline", "--locked", "--message-format=json"];
    let output = Command::new(env!("CARGO")).args(build).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).expect("text");
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    built.find(|path| path.file_stem().is_some_and(|name| name == "read")).expect("cargo names what it built")
});

/// What the program did.
pub(crate) struct Ran {
    /// Its exit status.
    pub(crate) status: i32,
    /// What it printed, one object a file.
    pub(crate) lines: Vec<Value>,
    /// What it printed, as text.
    pub(crate) output: String,
    /// What it said of wrong usage.
    pub(crate) complaint: String,
}

/// Runs it in the project's folder.
pub(crate) fn read<S: AsRef<std::ffi::OsStr>>(arguments: &[S], input: &[u8]) -> Ran {
    let mut command = Command::new(&*PROGRAM);
    command.current_dir(crate::fixtures::project()).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it was built");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // Where it reads no input, the pipe may close first.
        scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let (output, status, complaint) = (text(output.stdout), output.status.code(), text(output.stderr));
        let lines = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ran { status: status.expect("it was not killed"), lines, output, complaint }
    })
}
