//! The headless reader (`crates/core/examples/read.rs`), built once and run as a process.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::example;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::built("waybill-core", "read"));

/// What the program did.
pub struct Ran {
    /// Its exit status.
    pub status: i32,
    /// What it printed, one object a file.
    pub lines: Vec<Value>,
    /// What it printed, as text.
    pub output: String,
    /// What it said of wrong usage.
    pub complaint: String,
}

/// Runs the headless reader.
pub fn read<S: AsRef<std::ffi::OsStr>>(arguments: &[S], input: &[u8]) -> Ran {
    run(&PROGRAM, arguments, input)
}

/// Runs a program that prints JSON lines, in the project's folder.
pub fn run<S: AsRef<std::ffi::OsStr>>(program: &Path, arguments: &[S], input: &[u8]) -> Ran {
    let mut command = Command::new(program);
    command.current_dir(crate::project()).args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it was built");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // Where it reads no input, the pipe may close first.
        scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let (output, status, complaint) = (
            text(output.stdout),
            output.status.code(),
            text(output.stderr),
        );
        let lines = output
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Ran {
            status: status.expect("it was not killed"),
            lines,
            output,
            complaint,
        }
    })
}
