//! The same view in other tools.

use waybill_core::command_line::{Line, Unsayable, is_for_posix};

use super::digest::copy;
use super::element::{Element, el};
use super::text::{code, quiet, words};

/// Names what the commands are to show.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The reference, as a person writes it.
    pub reference: &'a str,
    /// The host, for tools that are told about plain http by host.
    pub host: &'a str,
    /// Whether the registry speaks plain http.
    pub plain_http: bool,
    /// Whether it is an image, so that there is a config to show.
    pub image: bool,
}

/// One tool with its commands, or why there is none.
type Tool = (&'static str, Vec<Result<String, Unsayable>>);

/// Makes the commands with which each tool shows the same.
#[must_use]
pub fn tools(about: About<'_>) -> Vec<Tool> {
    let About {
        reference,
        host,
        plain_http,
        image,
    } = about;
    let line = |words: &str, flag: &str, named: &str| {
        let mut line = Line::new(words);
        if plain_http && !flag.is_empty() {
            line.words(flag);
        }
        line.word(named);
        line
    };
    let transported = ["docker://", reference].concat();
    let skopeo = |words: &str| line(words, "--tls-verify=false", &transported).finish();
    let crane = |words: &str| line(words, "--insecure", reference).finish();
    let oras = |words: &str| line(words, "--plain-http", reference).finish();
    let podman = |words: &str| line(words, "--tls-verify=false", reference).finish();
    let regctl = |words: &str, format: &str| {
        let mut line = Line::new("regctl");
        if plain_http {
            line.flag("--host", &format!("reg={host},tls=disabled"));
        }
        line.words(words);
        line.word(reference);
        if !format.is_empty() {
            line.flag("--format", format);
        }
        line.finish()
    };
    let raw = skopeo("skopeo inspect --raw");
    let digest = raw
        .clone()
        .map(|raw| raw + " | skopeo manifest-digest /dev/stdin");
    let mut tools = vec![
        ("skopeo", vec![raw, digest]),
        (
            "crane",
            vec![crane("crane manifest"), crane("crane digest")],
        ),
        (
            "regctl",
            vec![
                regctl("manifest get", "raw-body"),
                regctl("manifest head", ""),
            ],
        ),
        (
            "docker buildx",
            vec![line("docker buildx imagetools inspect --raw", "", reference).finish()],
        ),
        ("oras", vec![oras("oras manifest fetch")]),
        (
            "podman",
            vec![podman(if image {
                "podman pull"
            } else {
                "podman manifest inspect"
            })],
        ),
    ];
    if image {
        tools[0].1.push(skopeo("skopeo inspect --config"));
        tools[1].1.push(crane("crane config"));
        tools[2].1.push(regctl("image config", ""));
        tools[4].1.push(oras("oras manifest fetch-config"));
    }
    tools
}

/// Draws them, each with a button that copies it.
pub fn commands(tools: &[Tool]) -> Element {
    let mut list = el("dl").class("commands");
    for (tool, lines) in tools {
        list = list
            .child(el("dt").child(*tool))
            .children(lines.iter().map(|line| command(el("dd"), line.as_deref())));
    }
    let note = note(tools.iter().flat_map(|(_, lines)| lines).flatten());
    list.children(note.map(|note| el("dd").child(note)))
}

/// Draws a command with a button that copies it; or, in its place, why there is none.
pub fn command(parent: Element, line: Result<&str, &Unsayable>) -> Element {
    match line {
        Ok(line) => parent.child(code(line)).child(copy(line, "command")),
        Err(why) => parent.child(el("span").class("warn").child(words(&why.to_string()))),
    }
}

/// Says which shells the commands are for, where not every shell reads them alike.
pub fn note<'a>(lines: impl IntoIterator<Item = &'a String>) -> Option<Element> {
    lines
        .into_iter()
        .any(|line| is_for_posix(line))
        .then(|| quiet(POSIX))
}

/// Says which shells commands are quoted for.
pub const POSIX: &str = "Quoted for sh, dash, bash and zsh: PowerShell and cmd read it in \
    another way, so paste it into neither.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_said_to_each_tool_in_its_own_way() {
        let about = About {
            reference: "localhost:5000/a:1",
            host: "localhost:5000",
            plain_http: true,
            image: true,
        };
        let all = tools(about).into_iter().flat_map(|(_, lines)| lines);
        let all = all
            .collect::<Result<Vec<_>, _>>()
            .expect("sayable")
            .join("\n");
        for line in [
            "skopeo inspect --raw --tls-verify=false docker://localhost:5000/a:1",
            "crane config --insecure localhost:5000/a:1",
            "regctl --host reg=localhost:5000,tls=disabled manifest head localhost:5000/a:1",
            "oras manifest fetch --plain-http localhost:5000/a:1",
        ] {
            assert!(all.contains(line), "{line}\n{all}");
        }
    }

    #[test]
    fn what_a_shell_would_read_in_another_way_is_quoted() {
        let about = About {
            reference: "[::1]:5000/a:1",
            host: "[::1]:5000",
            plain_http: true,
            image: false,
        };
        let all = tools(about).into_iter().flat_map(|(_, lines)| lines);
        for line in all.map(|line| line.expect("sayable")) {
            assert!(
                line.contains("'[::1]:5000/a:1'") || line.contains("'docker://[::1]:5000/a:1'"),
                "{line}"
            );
        }
    }
}
