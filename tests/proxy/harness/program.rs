//! The program as a person starts it, and clients of it.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::dist;

/// The program with these arguments; it ends with the value.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waybill-proxy"));
    command
        .args(arguments)
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts it on a free port; gives its host and what it printed.
pub(crate) async fn started(arguments: &[&str]) -> (Child, String, Vec<String>) {
    let dist = dist().to_string_lossy().into_owned();
    let all = [&["--listen", "127.0.0.1:0", "--dist", &dist], arguments].concat();
    let mut child = command(&all).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.as_mut().expect("piped")).lines();
    let mut greeting = Vec::new();
    while !greeting
        .last()
        .is_some_and(|line: &String| line.starts_with("Pushing is "))
    {
        greeting.push(
            lines
                .next_line()
                .await
                .expect("readable")
                .expect("a whole greeting"),
        );
    }
    let address = greeting[0]
        .split("://")
        .nth(1)
        .expect("the address first")
        .trim_end_matches('/');
    (child, address.to_owned(), greeting)
}

/// Sends a request with these lines of headers on a connection of its own.
pub(crate) async fn ask(host: &str, path: &str, headers: &str) -> TcpStream {
    let mut client = TcpStream::connect(host).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    client.write_all(request.as_bytes()).await.expect("sent");
    client
}

/// Sends a signal such as `-TERM` to the program.
pub(crate) async fn signal(child: &Child, signal: &str) {
    let id = child.id().expect("running").to_string();
    assert!(
        Command::new("kill")
            .args([signal, &id])
            .status()
            .await
            .expect("kill")
            .success()
    );
}

/// Reads on until `end` has come.
pub(crate) async fn read_to(client: &mut TcpStream, end: &str) {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        read.push(client.read_u8().await.expect("an answer"));
    }
}
