//! Addresses: every view of the page has one, behind the `#`.
//!
//! `#/`, `#/inspect/REFERENCE`, `#/example/NAME` and `#/verify`, the last three with `?at=DIGEST,…&tab=NAME`: `at`
//! names the entries from the root down; `&files=TEXT` names what is looked at among the files. `#/verify?file=N` is the one of several contents that is looked at, and
//! `#/verify?content=BASE64URL&expect=DIGEST` a link that somebody shared: the only address that holds a content.
//! `#/archive/NAME` is an archive that is open in the tab, and `#/archive/NAME@DIGEST` an image in it.
//! `#/compose?open=REFERENCE` begins a composition with a list, `#/compose?add=REFERENCE` adds an image to it.
//! `#/copy…`, `#/diff…` and `#/tags…` are pages of which only the part of the program that draws them knows what stands behind
//! their name ([`PartPage`]).

use std::fmt;

use waybill_core::digest::Digest;
use waybill_core::input::{Input, InputError, ReferenceInput};
use waybill_core::reference::{ARCHIVE_HOST, Reference};

use crate::reader;

/// Names a tab of an inspection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The verdict, the line of custody and what hangs on it.
    #[default]
    Overview,
    /// The manifest's bytes.
    Json,
    /// The config's bytes.
    Config,
    /// The layers with everything known of them.
    Layers,
    /// The files in the layers.
    Files,
    /// What refers to the manifest.
    Related,
    /// The same view in other tools.
    Commands,
}

impl Tab {
    /// Every tab in order.
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Json,
        Self::Config,
        Self::Layers,
        Self::Files,
        Self::Related,
        Self::Commands,
    ];

    /// Returns the tab's title, as a person reads it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Json => "JSON",
            Self::Config => "Config",
            Self::Layers => "Layers",
            Self::Files => "Files",
            Self::Related => "Related",
            Self::Commands => "Commands",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Json => "json",
            Self::Config => "config",
            Self::Layers => "layers",
            Self::Files => "files",
            Self::Related => "related",
            Self::Commands => "commands",
        }
    }
}

/// Names what is inspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectSource {
    /// A reference, as it stands in the address; it may begin with `http://`.
    Reference(String),
    /// A bundled example.
    Example(String),
    /// Contents that were given, by the index of the one that is looked at; they live in the history entry.
    Verify(usize),
}

/// Reads the reference of an address. A few references read as something else where a person types them, such as an
/// image named `sha256`.
///
/// `None` where the [`reader`] is needed and not loaded; else an error is what it says of a text that is nothing it
/// knows.
#[must_use]
pub fn read_reference(text: &str) -> Option<Result<Input, InputError>> {
    match text.parse::<Reference>() {
        Ok(reference) => Some(Ok(Input::Reference(ReferenceInput::from(reference)))),
        Err(_) => reader::read(text),
    }
}

/// Returns what a reference of an address names in an opened archive, the archive's name first; `None` where it names
/// something of a registry.
#[must_use]
pub fn in_archive(text: &str) -> Option<&str> {
    text.strip_prefix(ARCHIVE_HOST)?.strip_prefix('/')
}

/// Names the place inside what is inspected: an entry, and a tab of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The digests of the entries from the root down.
    pub at: Vec<Digest>,
    /// The view.
    pub tab: Tab,
    /// The platform of the machine that an image is chosen for, as somebody typed it.
    pub platform: Option<String>,
    /// What is looked at among the files, as only `inspection::files` reads it.
    pub files: Option<String>,
}

/// Names a page that the rest of the program knows by its name alone: what stands behind it in the address, only the part
/// that draws the page reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartPage {
    /// An image or list goes from one place to another.
    Copy,
    /// Two images or lists beside each other.
    Diff,
    /// The tags of a repository, or the repositories of a registry.
    Tags,
    /// Archives of images that are open in the tab. What stands in one, behind an `@`, is inspected.
    Archive,
}

impl PartPage {
    /// All of them, each at its own place.
    pub const ALL: [Self; 4] = [Self::Copy, Self::Diff, Self::Tags, Self::Archive];

    /// Its name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Diff => "diff",
            Self::Tags => "tags",
            Self::Archive => "archive",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Copy => "Copy",
            Self::Diff => "Diff",
            Self::Tags => "Tags",
            Self::Archive => "Archives",
        }
    }
}

/// Reads the texts of these names in what stands behind a page's name as `?NAME=TEXT&…`. One is empty where its name is
/// not there, and all are where that is of another form.
#[must_use]
pub fn query<const N: usize>(rest: &str, names: [&str; N]) -> [String; N] {
    let pairs = rest.strip_prefix('?').unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    let pairs: Option<Vec<_>> = pairs.map(|pair| pair.split_once('=')).collect();
    let pairs = pairs.unwrap_or_default();
    names.map(|wanted| {
        let pair = pairs.iter().find(|(name, _)| *name == wanted);
        pair.map(|(_, text)| (*text).to_owned()).unwrap_or_default()
    })
}

/// Writes that; what is empty is left out.
#[must_use]
pub fn to_query(pairs: &[(&str, &str)]) -> String {
    let mut rest = String::new();
    for (name, text) in pairs.iter().filter(|(_, text)| !text.is_empty()) {
        rest.push(if rest.is_empty() { '?' } else { '&' });
        rest.extend([name, "=", text]);
    }
    rest
}

/// Names what a composition begins with, or adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposeIntent {
    /// A list to begin anew with.
    Open(String),
    /// Images to add: a reference each, with `&add=` between them as in the address.
    Add(String),
}

/// Names a view of the page; every view has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The first page.
    Start,
    /// An inspection.
    Inspect(InspectSource, View),
    /// A link to Verify that somebody shared.
    Shared {
        /// The content in base64url; empty where only a digest is expected.
        content: String,
        /// The digest that is expected.
        expected: String,
    },
    /// The composition, with what it begins with or adds.
    Compose(Option<ComposeIntent>),
    /// A page that reads the rest of its address itself: what stands behind its name.
    Part(PartPage, String),
    /// An address that Waybill does not have.
    Unknown(String),
}

impl Route {
    /// Reads the part behind `#`, with percent escapes already resolved.
    ///
    /// ```
    /// use waybill::route::{InspectSource, Route, Tab};
    ///
    /// let Route::Inspect(InspectSource::Reference(text), place) = Route::parse("/inspect/nginx:1.27?tab=json") else { panic!() };
    /// assert_eq!((text.as_str(), place.tab), ("nginx:1.27", Tab::Json));
    /// assert_eq!(Route::parse(""), Route::Start);
    /// ```
    #[must_use]
    pub fn parse(hash: &str) -> Self {
        if let Some(page) = Self::part(hash) {
            return page;
        }
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut asked = match path.trim_start_matches('/') {
            "" => return Self::Start,
            "verify" => InspectSource::Verify(0),
            "compose" => {
                return match query.split_once('=') {
                    Some(("open", text)) if !text.is_empty() => {
                        Self::Compose(Some(ComposeIntent::Open(text.to_owned())))
                    }
                    Some(("add", text)) if !text.is_empty() => {
                        Self::Compose(Some(ComposeIntent::Add(text.to_owned())))
                    }
                    None if query.is_empty() => Self::Compose(None),
                    _ => Self::Unknown(hash.to_owned()),
                };
            }
            path => match path.split_once('/') {
                Some(("archive", rest)) => {
                    InspectSource::Reference([ARCHIVE_HOST, "/", rest].concat())
                }
                Some(("inspect", text)) if !text.is_empty() => {
                    InspectSource::Reference(text.to_owned())
                }
                Some(("example", name)) if !name.is_empty() => {
                    InspectSource::Example(name.to_owned())
                }
                _ => return Self::Unknown(hash.to_owned()),
            },
        };
        let mut place = View::default();
        let (mut content, mut expected) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("content", text)) if asked == InspectSource::Verify(0) => {
                    content = Some(text);
                }
                Some(("expect", text)) if asked == InspectSource::Verify(0) => {
                    expected = Some(text);
                }
                Some(("file", number)) if asked == InspectSource::Verify(0) => {
                    match number.parse::<usize>() {
                        Ok(number @ 1..) => asked = InspectSource::Verify(number - 1),
                        _ => return Self::Unknown(hash.to_owned()),
                    }
                }
                Some(("at", digests)) => {
                    let Ok(at) = digests.split(',').map(str::parse).collect() else {
                        return Self::Unknown(hash.to_owned());
                    };
                    place.at = at;
                }
                Some(("platform", text)) if !text.is_empty() => {
                    place.platform = Some(text.to_owned());
                }
                Some(("files", text)) if !text.is_empty() => place.files = Some(text.to_owned()),
                Some(("tab", name)) => match Tab::ALL.into_iter().find(|tab| tab.name() == name) {
                    Some(tab) => place.tab = tab,
                    None => return Self::Unknown(hash.to_owned()),
                },
                _ => return Self::Unknown(hash.to_owned()),
            }
        }
        if content.is_some() || expected.is_some() {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            return Self::Shared {
                content: text(content),
                expected: text(expected),
            };
        }
        Self::Inspect(asked, place)
    }

    fn part(hash: &str) -> Option<Self> {
        let path = hash.trim_start_matches('/');
        PartPage::ALL.into_iter().find_map(|page| {
            let rest = path.strip_prefix(page.name())?;
            let is_name = rest.is_empty() || rest.starts_with(['/', '?']);
            let is_name = is_name && !(page == PartPage::Archive && rest.contains('@'));
            is_name.then(|| Self::Part(page, rest.to_owned()))
        })
    }

    /// Returns the address of an archive that is open, by its name; empty where none is meant.
    #[must_use]
    pub fn archive(name: &str) -> Self {
        let slash = if name.is_empty() { "" } else { "/" };
        Self::Part(PartPage::Archive, [slash, name].concat())
    }

    /// Returns the address of another place in the same inspection; the machine stays, and among the files nothing does.
    #[must_use]
    pub fn at(asked: &InspectSource, from: &View, at: &[Digest], tab: Tab) -> String {
        Self::Inspect(
            asked.clone(),
            View {
                at: at.to_vec(),
                tab,
                platform: from.platform.clone(),
                files: None,
            },
        )
        .to_string()
    }
}

impl fmt::Display for Route {
    /// Writes the address with its `#`, for a link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (asked, place) = match self {
            Self::Start => return f.write_str("#/"),
            Self::Shared { content, expected } => {
                f.write_str("#/verify?")?;
                if !content.is_empty() {
                    write!(f, "content={content}")?;
                }
                let and = if content.is_empty() { "" } else { "&" };
                return if expected.is_empty() {
                    Ok(())
                } else {
                    write!(f, "{and}expect={expected}")
                };
            }
            Self::Compose(None) => return f.write_str("#/compose"),
            Self::Compose(Some(ComposeIntent::Open(text))) => {
                return write!(f, "#/compose?open={text}");
            }
            Self::Compose(Some(ComposeIntent::Add(text))) => {
                return write!(f, "#/compose?add={text}");
            }
            Self::Part(page, rest) => return write!(f, "#/{}{rest}", page.name()),
            Self::Unknown(hash) => return write!(f, "#{hash}"),
            Self::Inspect(asked, place) => (asked, place),
        };
        let mut separator = '?';
        match asked {
            InspectSource::Reference(text) => match in_archive(text) {
                Some(rest) => write!(f, "#/archive/{rest}")?,
                None => write!(f, "#/inspect/{text}")?,
            },
            InspectSource::Example(name) => write!(f, "#/example/{name}")?,
            InspectSource::Verify(0) => f.write_str("#/verify")?,
            InspectSource::Verify(index) => {
                write!(f, "#/verify?file={}", index + 1)?;
                separator = '&';
            }
        }
        for (index, digest) in place.at.iter().enumerate() {
            if index == 0 {
                write!(f, "{separator}at={digest}")?;
            } else {
                write!(f, ",{digest}")?;
            }
            separator = '&';
        }
        if place.tab != Tab::Overview {
            write!(f, "{separator}tab={}", place.tab.name())?;
            separator = '&';
        }
        if let Some(platform) = &place.platform {
            write!(f, "{separator}platform={platform}")?;
            separator = '&';
        }
        if let Some(files) = &place.files {
            write!(f, "{separator}files={files}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_reads_back_as_itself() {
        let one = Digest::sha256(b"1");
        let two = Digest::sha256(b"2");
        for hash in [
            "#/".to_owned(),
            "#/verify".to_owned(),
            "#/verify?tab=layers".to_owned(),
            format!("#/verify?file=12&at={one}&tab=json"),
            "#/verify?content=e30".to_owned(),
            format!("#/verify?content=e30&expect={one}"),
            format!("#/verify?expect={one}"),
            "#/example/web".to_owned(),
            "#/compose".to_owned(),
            "#/compose?open=nginx:1.27".to_owned(),
            format!("#/compose?add=http://host:5000/a:1@{one}"),
            "#/copy".to_owned(),
            "#/tags/nginx".to_owned(),
            "#/tags/localhost:5000/".to_owned(),
            format!("#/tags/http://host:5000/a/b?digest={one}"),
            "#/copy?to=r.example/a:1".to_owned(),
            format!("#/copy?from=http://host:5000/a:1@{one}&to=r.example/a:1"),
            "#/inspect/nginx:1.27".to_owned(),
            "#/archive".to_owned(),
            "#/archive/nginx.tar".to_owned(),
            format!("#/archive/nginx.tar@{one}?at={two}&tab=files"),
            format!("#/archive/nginx.tar/made@{one}"),
            "#/inspect/nginx:1.27?platform=linux/arm/v7".to_owned(),
            "#/inspect/nginx:1.27?tab=related".to_owned(),
            "#/inspect/nginx:1.27?tab=files&files=image/etc/a~20b;find=*.so".to_owned(),
            "#/inspect/nginx:1.27?tab=files&platform=linux/arm/v7&files=layer.2".to_owned(),
            format!("#/verify?at={one}&tab=json&platform=windows(10.0.20348)/amd64"),
            format!("#/inspect/[::1]:5000/a/b@{one}?at={one},{two}&tab=json"),
            format!("#/inspect/http://host:5000/a?at={one}"),
        ] {
            let route = Route::parse(hash.trim_start_matches('#'));
            assert!(!matches!(route, Route::Unknown(_)), "{hash}");
            assert_eq!(route.to_string(), hash);
        }
    }

    #[test]
    fn wrong_addresses_are_said_to_be_unknown() {
        for hash in [
            "/nothing",
            "/inspect/",
            "/inspect/a?at=x",
            "/inspect/a?tab=x",
            "/inspect/a?x=1",
            "/example/",
            "/verify?file=0",
            "/verify?file=x",
            "/inspect/a?content=e30",
            "/compose?open=",
            "/compose?tab=json",
            "/copying",
        ] {
            assert_eq!(Route::parse(hash), Route::Unknown(hash.to_owned()));
        }
    }
}
