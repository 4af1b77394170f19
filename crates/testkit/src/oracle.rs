//! The programs in Go beside the tests, which say what Go's own packages make of many inputs at once.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::project;

/// Builds the program of a folder below `tests/` to `to`; `None` where Go is not here, or not what it needs.
pub fn build(folder: &str, to: PathBuf) -> Option<PathBuf> {
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&to)
        .arg(".")
        .current_dir(project().join("tests").join(folder))
        .status();
    built.is_ok_and(|status| status.success()).then_some(to)
}

/// An input behind its length, as the programs take it.
pub fn behind_length(input: &[u8]) -> Vec<u8> {
    let length = u32::try_from(input.len()).expect("a small input");
    [&length.to_le_bytes()[..], input].concat()
}

/// Gives a program its inputs, and returns its answers, each of them without the line `end` behind it.
pub fn answers(program: &Path, bytes: Vec<u8>) -> Vec<String> {
    let mut running = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut input = running.stdin.take().expect("its input");
    let writing = std::thread::spawn(move || input.write_all(&bytes));
    let output = running.wait_with_output().expect("its output");
    writing.join().expect("a thread").expect("its input");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split_inclusive('\n')
        .fold(vec![String::new()], |mut all, line| {
            match line {
                "end\n" => all.push(String::new()),
                line => all.last_mut().expect("one").push_str(line),
            }
            all
        })
}
