//! Platforms as text: `os[(version+feature…)]/architecture[/variant]`.
//!
//! Source: containerd/platforms `platforms.go`, `Parse` and `FormatAll`.
//!
//! Texts are read generously and written in one form, containerd's.

use std::fmt;
use std::str::FromStr;

use super::{
    Platform, PlatformError, is_known_architecture, is_known_os, sorted, usual_architecture,
    usual_os,
};

impl FromStr for Platform {
    type Err = PlatformError;

    /// Reads a platform that a person typed.
    ///
    /// Names are put into their usual form, and a variant that goes without saying is left out
    /// (`arm/v7` is `arm`) unless the text has it (`arm64/v8`). The default of the other half is
    /// fixed, so one text means the same on every machine.
    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let name = text.split(':').next().unwrap_or_default();
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > 3 {
            return Err(PlatformError::Parts { found: parts.len() });
        }
        let mut platform = Self::default();
        read_os(parts[0], &mut platform)?;
        let mut start = 0;
        for pair in parts.windows(2) {
            start += pair[0].len() + 1;
            check_part(pair[1], start, ".")?;
        }
        if let Some((_, version)) = text.split_once(':') {
            let position = name.len() + 1;
            check_part(version, position, ".+")?;
            if platform.os_version.is_some() {
                return Err(PlatformError::SecondVersion { position });
            }
            platform.os_version = Some(version.to_owned());
        }
        let (architecture, variant) = match parts[1..] {
            [] if is_known_os(&platform.os) => (Self::DEFAULT_ARCHITECTURE, ""),
            [] => (parts[0], ""),
            [architecture] => (architecture, ""),
            [architecture, variant, ..] => (architecture, variant),
        };
        let (usual, usual_variant) = usual_architecture(architecture, variant);
        platform.architecture = usual.into_owned();
        platform.variant = Some(usual_variant.into_owned()).filter(|variant| !variant.is_empty());
        if parts.len() == 1 && !is_known_os(&platform.os) {
            if !is_known_architecture(&platform.architecture) {
                return Err(PlatformError::Word {
                    found: text.to_owned(),
                });
            }
            Self::DEFAULT_OS.clone_into(&mut platform.os);
        }
        // v7 is what plain `arm` means and is left out; v8 is kept where the text has it.
        match platform.architecture.as_str() {
            "arm" if variant.is_empty() && platform.variant.as_deref() == Some("v7") => {
                platform.variant = None;
            }
            "arm64" if !variant.is_empty() && platform.variant.is_none() => {
                platform.variant = Some("v8".to_owned());
            }
            _ => {}
        }
        Ok(platform)
    }
}

/// Reads `os[(version+feature…)]`; in the brackets `%28` and the like stand for what the
/// grammar needs itself.
fn read_os(part: &str, platform: &mut Platform) -> Result<(), PlatformError> {
    let Some((os, options)) = part.split_once('(') else {
        check_part(part, 0, "")?;
        platform.os = usual_os(part).into_owned();
        return Ok(());
    };
    let bracket = os.len();
    check_part(os, 0, "")?;
    platform.os = usual_os(os).into_owned();
    let Some(options) = options.strip_suffix(')') else {
        return Err(PlatformError::Bracket { position: bracket });
    };
    let mut start = bracket + 1;
    for option in options.split('+') {
        if start == bracket + 1 {
            if !option.is_empty() {
                platform.os_version = Some(read_option(option, start)?);
            }
        } else {
            platform.os_features.push(read_option(option, start)?);
        }
        start += option.len() + 1;
    }
    Ok(())
}

/// Reads a version or feature, and undoes its escapes.
fn read_option(option: &str, start: usize) -> Result<String, PlatformError> {
    check_part(option, start, ".%")?;
    let mut bytes = Vec::with_capacity(option.len());
    let mut pieces = option.split('%');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    let mut position = start + bytes.len();
    for piece in pieces {
        let byte = piece
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or(PlatformError::Escape { position })?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
        position += piece.len() + 1;
    }
    String::from_utf8(bytes).map_err(|_| PlatformError::Escape { position: start })
}

/// Only letters, digits, `_`, `-` and `also` may stand in a part.
///
/// An empty part is an error too: `linux//v8` names no architecture.
fn check_part(part: &str, start: usize, also: &'static str) -> Result<(), PlatformError> {
    if part.is_empty() {
        return Err(PlatformError::EmptyPart { position: start });
    }
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || also.contains(c);
    match part.find(|c| !is_allowed(c)) {
        Some(position) => Err(PlatformError::Character {
            position: start + position,
        }),
        None => Ok(()),
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |text: &str| if text.is_empty() { "unknown" } else { text }.to_owned();
        let mut text = or_unknown(&self.os);
        let version = self.os_version.as_deref().unwrap_or_default();
        let features = sorted(&self.os_features);
        if !version.is_empty() || !features.is_empty() {
            text.push('(');
            push_option(&mut text, version);
            for feature in &features {
                text.push('+');
                push_option(&mut text, feature);
            }
            text.push(')');
        }
        text.push('/');
        text.push_str(&or_unknown(&self.architecture));
        if let Some(variant) = self
            .variant
            .as_deref()
            .filter(|variant| !variant.is_empty())
        {
            text.push('/');
            text.push_str(variant);
        }
        f.write_str(&text)
    }
}

/// Writes a version or feature, with what the grammar needs itself as `%28` and the like.
///
/// A text with such characters reads back as it was.
fn push_option(text: &mut String, option: &str) {
    for c in option.chars() {
        match c {
            '%' => text.push_str("%25"),
            '+' => text.push_str("%2B"),
            '(' => text.push_str("%28"),
            ')' => text.push_str("%29"),
            '/' => text.push_str("%2F"),
            _ => text.push(c),
        }
    }
}
