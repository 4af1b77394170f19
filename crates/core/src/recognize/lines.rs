//! Text that its lines tell: outputs of tools, and the files that name images.

use super::text::SBOM;
use super::{Kind, Recognized, cut};

/// How many lines are looked at.
const LINES: usize = 400;

/// How many of them tell what the whole is.
const FIRST: usize = 20;

/// Says what text is by its lines.
pub(super) fn of(text: &str) -> Option<Recognized> {
    let member = |name: &str| {
        let mut lines = text.lines().take(FIRST);
        lines.find_map(|line| Some(line.trim().strip_prefix(name)?.strip_prefix(':')?.trim()))
    };
    let media_type = member("MediaType");
    if let (Some(_), Some(digest)) = (media_type, member("Digest")) {
        let name = "the output of docker buildx imagetools inspect";
        let known = Recognized::new(Kind::ImagetoolsInspect, name, "");
        return Some(known.with_reference(member("Name"), Some(digest)));
    }
    if let Some(version) = member("SPDXVersion") {
        let name = format!("an SPDX document, {}", cut(version));
        return Some(Recognized::new(Kind::Spdx, name, SBOM));
    }
    pem(text)
        .or_else(|| pulled(text))
        .or_else(|| table(text))
        .or_else(|| dockerfile(text))
        .or_else(|| yaml(text))
}

fn pem(text: &str) -> Option<Recognized> {
    let label = text.lines().find_map(|line| {
        let label = line.trim().strip_prefix("-----BEGIN ")?;
        label.strip_suffix("-----")
    })?;
    let name = format!("PEM: {}", cut(label));
    let advice = "It checks signatures, and is none of an image's contents.";
    Some(Recognized::new(Kind::Pem, name, advice))
}

/// What `docker pull` and `docker push` say, with the digest at the end.
fn pulled(text: &str) -> Option<Recognized> {
    let lines = || text.lines().map(str::trim);
    let digest = lines().find_map(|line| {
        let (_, behind) = line.split_once("igest: ")?;
        let digest = behind.split_whitespace().next()?;
        digest.starts_with("sha256:").then_some(digest)
    })?;
    let pushed = lines().find_map(|line| {
        let name = line.strip_prefix("The push refers to repository [")?;
        name.strip_suffix(']')
    });
    if pushed.is_some() {
        let known = Recognized::new(Kind::ToolOutput, "the output of docker push", "");
        return Some(known.with_reference(pushed, Some(digest)));
    }
    let image = lines().find_map(|line| {
        let status = line.strip_prefix("Status: ")?;
        status.rsplit_once(" for ").map(|(_, image)| image)
    })?;
    let known = Recognized::new(Kind::ToolOutput, "the output of docker pull", "");
    Some(known.with_reference(Some(image), Some(digest)))
}

/// What `docker images`, `ctr images ls` and their like write: a head in capitals, then rows.
fn table(text: &str) -> Option<Recognized> {
    let mut lines = text.lines();
    let head: Vec<_> = lines.next()?.split_whitespace().collect();
    let names = ["REPOSITORY", "IMAGE", "REF", "NAME"];
    let is_head = head.len() > 2 && head.iter().all(|word| !word.contains(char::is_lowercase));
    if !is_head || !names.contains(head.first()?) {
        return None;
    }
    let row: Vec<_> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let image = match (row.first(), row.get(1), head.get(1)) {
        (Some(name), Some(tag), Some(&"TAG")) => Some([name, ":", tag].concat()),
        (Some(name), ..) if name.contains(['/', ':', '.']) => Some((*name).to_owned()),
        _ => None,
    };
    let known = Recognized::new(Kind::ToolOutput, "a table that a tool wrote", "");
    Some(known.with_reference(image.as_deref(), None))
}

/// A Dockerfile: its first instruction is `FROM`, or an `ARG` in front of one.
fn dockerfile(text: &str) -> Option<Recognized> {
    let instructions = text
        .lines()
        .take(LINES)
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for instruction in instructions {
        let mut words = instruction.split_whitespace();
        match words.next()?.to_ascii_uppercase().as_str() {
            "ARG" => {}
            "FROM" => {
                let image = words.find(|word| !word.starts_with("--"))?;
                let is_image = image != "scratch" && !image.contains('$');
                let advice = "Images are built of it; it is in none.";
                let known = Recognized::new(Kind::File, "a Dockerfile", advice);
                return Some(known.with_reference(is_image.then_some(image), None));
            }
            _ => return None,
        }
    }
    None
}

/// YAML that people have beside images, by the members that stand there.
fn yaml(text: &str) -> Option<Recognized> {
    let lines = || text.lines().take(LINES);
    // At the beginning of a line: of the whole document.
    let top = |name: &str| {
        lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    };
    let image = lines().find_map(|line| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        let value = line.strip_prefix("image:")?.split(" #").next()?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty() && !value.contains(['$', '{'])).then_some(value)
    });
    let (kind, name) = if let (Some(_), Some(kind)) = (top("apiVersion"), top("kind")) {
        let name = format!("a Kubernetes object in YAML, {}", cut(kind));
        (Kind::Kubernetes, name)
    } else if let (Some(name), Some(version)) = (top("name"), top("version"))
        && top("apiVersion").is_some()
    {
        let name = format!("helm's Chart.yaml, {} {}", cut(name), cut(version));
        (Kind::File, name)
    } else if top("apiVersion").is_some() && top("entries").is_some() {
        (Kind::File, "the index of a helm repository".to_owned())
    } else if top("services").is_some() {
        (Kind::File, "a Compose file".to_owned())
    } else if top("manifests").is_some() && image.is_some() {
        let advice = "Compose reads it: drop it there.";
        let name = "a file of manifest-tool";
        return Some(Recognized::new(Kind::File, name, advice).with_reference(image, None));
    } else if top("schemaVersion").is_some() {
        let name = "a manifest that was written as YAML".to_owned();
        (Kind::File, name)
    } else if image.is_some() {
        (Kind::File, "YAML that names an image".to_owned())
    } else {
        return None;
    };
    Some(Recognized::new(kind, name, "").with_reference(image, None))
}
