//! Which entries of a list are meant where platforms are named, for images whose lists nobody looked
//! at before.
//!
//! A platform is read as everywhere ([`Platform`]), and takes the entries that are made for exactly
//! it ([`Platform::matches`]): `linux/arm64` is `linux/arm64/v8`. An image that is no list goes whole
//! where its config says that it is made for one of them, or says nothing. Where it is made for
//! another one it is left, as a list is that has none of them; skopeo, crane and regctl copy it.

use std::fmt;

use crate::config::ImageConfig;
use crate::manifest::Manifest;
use crate::platform::{Platform, PlatformError};
use crate::workflow::copy::{Entry, Kind, Model, Root, Wanted};

/// A word that is no platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongPlatform {
    /// The word.
    pub word: String,
    /// Why.
    pub why: PlatformError,
}

impl fmt::Display for WrongPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word, self.why)
    }
}

impl std::error::Error for WrongPlatform {}

/// Reads platforms with commas or blanks between them, each once.
///
/// ```
/// use waybill_core::workflow::copy::several::read_platforms;
///
/// let platforms = read_platforms("linux/x86_64, linux/arm64/v8 linux/aarch64")?;
/// let names: Vec<_> = platforms.iter().map(ToString::to_string).collect();
/// assert_eq!(names, ["linux/amd64", "linux/arm64/v8"]);
/// # Ok::<(), waybill_core::workflow::copy::several::WrongPlatform>(())
/// ```
///
/// # Errors
///
/// Fails with the first word that is none.
pub fn read_platforms(text: &str) -> Result<Vec<Platform>, WrongPlatform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for word in text.split([',', ' ', '\n', '\t']) {
        if word.is_empty() {
            continue;
        }
        let platform: Platform = word.parse().map_err(|why| WrongPlatform {
            word: word.to_owned(),
            why,
        })?;
        let usual = platform.normalized();
        if !platforms.iter().any(|known| known.normalized() == usual) {
            platforms.push(platform);
        }
    }
    Ok(platforms)
}

/// What is to become of a source where platforms are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes along: of a list, with each entry whether it is meant; of an image, whole.
    Chosen(Vec<bool>),
    /// Its config has to be read first.
    Config,
    /// It is left: why, in words.
    Left(String),
}

/// Whether one of these is what an image is made for.
fn takes(platforms: &[Platform], own: &Platform) -> bool {
    platforms.iter().any(|named| named.matches(own))
}

/// Decides about a source that is here.
#[must_use]
pub fn decide(platforms: &[Platform], source: &Model) -> Decision {
    let entries = source.entries();
    if source.root().done().and_then(Root::list).is_none() {
        return of_config(platforms, source);
    }
    let is_meant = |entry: &Entry<'_>| {
        let platform = entry.descriptor.platform.as_ref();
        entry.kind == Kind::Image && platform.is_some_and(|own| takes(platforms, own))
    };
    let chosen: Vec<bool> = entries.iter().map(is_meant).collect();
    if chosen.contains(&true) {
        return Decision::Chosen(chosen);
    }
    Decision::Left(match &names(source)[..] {
        [] => "none of its entries names a platform".to_owned(),
        names => {
            let shown = names[..names.len().min(NAMED)].join(", ");
            let more = names.len().saturating_sub(NAMED);
            let more = (more > 0).then(|| [" and ", &more.to_string(), " more"].concat());
            let more = more.unwrap_or_default();
            ["it has none of these platforms, only ", &shown, &more].concat()
        }
    })
}

/// How many platforms of a list are named where it has none of those that are wanted.
const NAMED: usize = 12;

/// The platforms that a list has, each once, in its order.
fn names(source: &Model) -> Vec<String> {
    let mut names = Vec::new();
    for entry in source.entries() {
        let platform = entry.descriptor.platform.as_ref();
        let platform = platform.filter(|platform| platform.names_machine());
        if let Some(name) = platform.map(ToString::to_string)
            && entry.kind == Kind::Image
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The image that a source is, and no artifact.
fn image(source: &Model) -> Option<&Manifest> {
    let manifest = source.root().done()?.manifest.as_ref().ok()?;
    let image = manifest.image()?;
    image.artifact().is_none().then_some(manifest)
}

/// The platform that the config of an image names, as far as it was read.
fn platform(source: &Model) -> Option<Platform> {
    let config = source.config(image(source)?)?;
    let (config, _) = ImageConfig::read(&config).ok()?;
    config.platform().cloned()
}

fn of_config(platforms: &[Platform], source: &Model) -> Decision {
    let config = image(source).and_then(|it| it.image()?.config.as_ref());
    let is_unread = config
        .filter(|config| config.embedded().is_none())
        .and_then(|config| config.digest.clone())
        .is_some_and(|digest| source.documents.get(&Wanted::Config(digest)).is_none());
    match platform(source) {
        None if is_unread => Decision::Config,
        Some(own) if !takes(platforms, &own) => {
            Decision::Left(["it is no list, and made for ", &own.to_string()].concat())
        }
        Some(_) | None => Decision::Chosen(Vec::new()),
    }
}

/// The named platforms that a list does not have.
pub(super) fn lacking(platforms: &[Platform], source: &Model) -> Vec<Platform> {
    let entries = source.entries();
    let is_missing = |named: &&Platform| {
        let mut own = entries
            .iter()
            .filter_map(|entry| entry.descriptor.platform.as_ref());
        !entries.is_empty() && !own.any(|platform| named.matches(platform))
    };
    platforms.iter().filter(is_missing).cloned().collect()
}

/// What is said of an image that goes whole where platforms are named.
pub(super) fn of_image(platforms: &[Platform], source: &Model) -> Option<String> {
    if platforms.is_empty() || source.root().done()?.list().is_some() {
        return None;
    }
    let words = match platform(source) {
        Some(own) if !takes(platforms, &own) => return None,
        Some(_) => "no list: it goes whole",
        None => "no list, and it names no platform: it goes whole",
    };
    Some(words.to_owned())
}
