//! What registries and the sites around them answer in place of a manifest: errors in their many
//! shapes, and their own APIs.

use crate::humanize::count;
use crate::json::{Object, Value};

use super::{Kind, Next, Recognized, array_of, cut, has, object_of, text_of, texts};

/// What to know of an answer that is an error.
pub(super) const IN_ITS_PLACE: &str = "It was sent in place of what was asked for.";

/// Members that say in words what is wrong, the one that says most first.
const WORDS: [&str; 7] = [
    "message",
    "error_description",
    "error_message",
    "detail",
    "details",
    "error",
    "title",
];

/// Members that stand beside them, in errors alone.
///
/// Source: distribution-spec, "Error Codes"; RFC 9457; RFC 6749, 5.2; what Spring, Google, Amazon,
/// GitLab, GitHub, Quay and Docker Hub answer.
const BESIDE: &str = "code status statuscode type __type instance timestamp path trace trace_id correlation_id \
    error_codes error_uri error_type documentation_url errors reason requestid request_id success errinfo data detail \
    details title message error error_description error_message";

/// A registry's error answer: `errors` by the specification, and the shapes that others use.
pub(super) fn error(object: &Object<'_>) -> Option<Recognized> {
    // Names are read in any case, as Go does.
    let member = |name: &str| {
        let mut members = object.iter();
        members.find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
    };
    let is_text = |name: &str| member(name).is_some_and(|value| value.as_str().is_some());
    let (said, more) = match member("errors") {
        Some(Value::Array(errors)) => {
            let mut said = errors.iter().filter_map(said_of);
            let first = said.next()?;
            (first, said.count())
        }
        Some(errors @ Value::Object(_)) => (said_of(errors)?, 0),
        _ => {
            let inner = member("error").filter(|error| error.as_object().is_some());
            let is_error = || {
                let mut names = object.iter().map(|(name, _)| name.to_ascii_lowercase());
                names.all(|name| BESIDE.split_ascii_whitespace().any(|known| known == name))
            };
            match inner {
                Some(inner) => (said_of(inner)?, 0),
                // A title alone, or a status, says nothing of an error.
                None if is_error()
                    && WORDS.iter().any(|name| *name != "title" && is_text(name)) =>
                {
                    (said_of_object(object)?, 0)
                }
                None => return None,
            }
        }
    };
    let mut name = format!("a registry's error answer: {said}");
    if more > 0 {
        name = format!("{name}, and {more} more");
    }
    Some(Recognized::new(Kind::ErrorAnswer, name, IN_ITS_PLACE))
}

/// What one error says.
fn said_of(error: &Value<'_>) -> Option<String> {
    match error {
        Value::Object(error) => said_of_object(error),
        Value::String(text) if !text.trim().is_empty() => Some(cut(text).to_owned()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            None
        }
    }
}

/// Its code, and the words that say most; without words its code must be a text.
fn said_of_object(error: &Object<'_>) -> Option<String> {
    let member = |name: &str| {
        let mut members = error.iter();
        let found = members.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    };
    let text = |name: &str| {
        let text = member(name)?.as_str()?;
        (!text.trim().is_empty()).then(|| cut(text))
    };
    let code = ["code", "__type", "status", "statusCode"]
        .iter()
        .find_map(|name| match member(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(cut(text).to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
    let words = WORDS.iter().find_map(|name| text(name));
    // RFC 6749 has the code in `error`.
    let code = code.or_else(|| {
        text("error")
            .filter(|it| Some(*it) != words)
            .map(str::to_owned)
    });
    match (code, words) {
        (Some(code), Some(words)) => Some(format!("{code}, {words}")),
        (None, Some(words)) => Some(words.to_owned()),
        (Some(code), None) => Some(code),
        (None, None) => None,
    }
}

/// What the API of a registry answers that is no error: lists of repositories, tags and images.
pub(super) fn api(object: &Object<'_>) -> Option<Recognized> {
    let text = |name| text_of(object, name);
    let known = |name: &str| Recognized::new(Kind::ApiAnswer, name, "");
    if object.len() == 1 && has(object, "repositories") {
        let repositories = texts(object, "repositories").count();
        let name = if repositories == 1 {
            "a list of 1 repository".to_owned()
        } else {
            format!("a list of {repositories} repositories")
        };
        return Some(known(&name));
    }
    let first = |name: &str| array_of(object, name).first().and_then(Value::as_object);
    if let Some(image) = first("images").filter(|it| text_of(it, "imageManifest").is_some()) {
        let name = "the answer of Amazon ECR to batch-get-image";
        let contents = array_of(object, "images").iter().filter_map(|image| {
            let image = image.as_object()?;
            let id = object_of(image, "imageId");
            let id = id.and_then(|id| text_of(id, "imageTag").or(text_of(id, "imageDigest")));
            let bytes = text_of(image, "imageManifest")?.as_bytes().to_vec();
            Some((id.unwrap_or("The manifest inside").to_owned(), bytes))
        });
        let contents: Vec<_> = contents.collect();
        let digest = object_of(image, "imageId").and_then(|id| text_of(id, "imageDigest"));
        let expected = digest.and_then(|digest| digest.parse().ok());
        let expected = expected.filter(|_| contents.len() == 1);
        let mut known = known(name);
        known.next.push(Next::Contents { contents, expected });
        return Some(known);
    }
    if has(object, "imageDetails") || has(object, "imageIds") {
        return Some(known("the answer of Amazon ECR, of images in a repository"));
    }
    if let Some(summary) = object_of(object, "image_summary") {
        let name = "the answer of Google Artifact Registry, of an image";
        return Some(known(name).with_reference(text_of(summary, "fully_qualified_digest"), None));
    }
    if let (Some(registry), Some(image)) = (text("registry"), text("imageName")) {
        let digest = object_of(object, "manifest").and_then(|it| text_of(it, "digest"));
        let digest = digest.or_else(|| text("digest"));
        let image = [registry, "/", image].concat();
        let name = "the answer of Azure Container Registry, of an image";
        return Some(known(name).with_reference(Some(&image), digest));
    }
    if text("manifest_media_type").is_some() {
        return Some(known("the answer of Harbor, of an artifact"));
    }
    let is_tag = |it: &Object<'_>| has(it, "manifest_digest") || has(it, "docker_image_id");
    if first("tags").is_some_and(is_tag) {
        let tags = count(array_of(object, "tags").len(), "tag");
        return Some(known(&["the answer of Quay, with ", &tags].concat()));
    }
    let is_of_hub = text("media_type").is_some() && has(object, "images");
    if is_of_hub || (has(object, "results") && has(object, "count") && has(object, "next")) {
        return Some(known("the answer of Docker Hub's own API"));
    }
    None
}
