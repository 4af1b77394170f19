//! The same view in other tools.

use super::digest::copy;
use super::element::{Element, el};

/// What the commands are about.
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

/// One tool with its commands.
type Tool = (&'static str, Vec<String>);

/// The commands of each tool.
#[must_use]
pub fn tools(about: About<'_>) -> Vec<Tool> {
    let About { reference, host, plain_http, image } = about;
    let when = |flag: &str| if plain_http { format!(" {flag}") } else { String::new() };
    let (skopeo, crane, oras, podman) =
        (when("--tls-verify=false"), when("--insecure"), when("--plain-http"), when("--tls-verify=false"));
    let regctl = when(&format!("--host reg={host},tls=disabled"));
    let mut tools = vec![
        (
            "skopeo",
            vec![
                format!("skopeo inspect --raw{skopeo} docker://{reference}"),
                format!("skopeo inspect --raw{skopeo} docker://{reference} | skopeo manifest-digest /dev/stdin"),
            ],
        ),
        ("crane", vec![format!("crane manifest{crane} {reference}"), format!("crane digest{crane} {reference}")]),
        (
            "regctl",
            vec![
                format!("regctl{regctl} manifest get {reference} --format raw-body"),
                format!("regctl{regctl} manifest head {reference}"),
            ],
        ),
        ("docker buildx", vec![format!("docker buildx imagetools inspect --raw {reference}")]),
        ("oras", vec![format!("oras manifest fetch{oras} {reference}")]),
        ("podman", vec![format!("podman pull{podman} {reference}")]),
    ];
    if image {
        tools[0].1.push(format!("skopeo inspect --config{skopeo} docker://{reference}"));
        tools[1].1.push(format!("crane config{crane} {reference}"));
        tools[2].1.push(format!("regctl{regctl} image config {reference}"));
        tools[4].1.push(format!("oras manifest fetch-config{oras} {reference}"));
    } else {
        tools[5].1[0] = format!("podman manifest inspect{podman} {reference}");
    }
    tools
}

/// Draws them, each with a button that copies it.
pub fn commands(tools: &[Tool]) -> Element {
    let mut list = el("dl").class("commands");
    for (tool, lines) in tools {
        let line = |line: &String| el("dd").child(el("code").child(line.as_str())).child(copy(line, "command"));
        list = list.child(el("dt").child(*tool)).children(lines.iter().map(line));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_said_to_each_tool_in_its_own_way() {
        let about = About { reference: "localhost:5000/a:1", host: "localhost:5000", plain_http: true, image: true };
        let all = tools(about).into_iter().flat_map(|(_, lines)| lines).collect::<Vec<_>>().join("\n");
        for line in [
            "skopeo inspect --raw --tls-verify=false docker://localhost:5000/a:1",
            "crane config --insecure localhost:5000/a:1",
            "regctl --host reg=localhost:5000,tls=disabled manifest head localhost:5000/a:1",
            "oras manifest fetch --plain-http localhost:5000/a:1",
        ] {
            assert!(all.contains(line), "{line}\n{all}");
        }
    }
}
