//! What is chosen for all images of a run, as it stands in an address.

use crate::conversion::{Compression, Packing};
use crate::platform::Platform;
use crate::workflow::copy::{Choice, Format, Scope};

/// The names of what stands in an address, in their order. `list` says how much of a list goes
/// along, `layers` how they are compressed.
pub const NAMES: [&str; 7] = [
    "list",
    "platforms",
    "format",
    "layers",
    "level",
    "with",
    "without",
];

const ATTESTATIONS: &str = "attestations";
const REFERRERS: &str = "referrers";
const COSIGN: &str = "cosign";

/// Writes a choice, a text for each of [`NAMES`]; empty is what is so unless somebody chooses.
///
/// ```
/// use waybill_core::workflow::copy::several::{NAMES, choice_in, written};
///
/// let texts = ["shrunk", "linux/amd64", "v2s2", "gzip", "9", "", "attestations"].map(str::to_owned);
/// let choice = choice_in(&texts);
/// assert!(!choice.attestations && !choice.is_exact());
/// assert_eq!(written(&choice, &["linux/amd64".parse()?]), texts);
/// # Ok::<(), waybill_core::platform::PlatformError>(())
/// ```
#[must_use]
pub fn written(choice: &Choice, platforms: &[Platform]) -> [String; NAMES.len()] {
    let named = |is_named: bool, name: &str| if is_named { name } else { "" }.to_owned();
    let is_part = choice.scope != Scope::All;
    let platforms = platforms.iter().filter(|_| is_part);
    let platforms: Vec<_> = platforms.map(ToString::to_string).collect();
    let compression = choice.compression;
    let packing = compression.map(|it| it.packing.name().to_owned());
    let level = compression.and_then(|it| it.level);
    let with = [(choice.referrers, REFERRERS), (choice.cosign, COSIGN)];
    let with: Vec<_> = with.iter().filter(|it| it.0).map(|it| it.1).collect();
    [
        named(is_part, choice.scope.name()),
        platforms.join(","),
        named(choice.format != Format::Exact, choice.format.name()),
        packing.unwrap_or_default(),
        level.map(|level| level.to_string()).unwrap_or_default(),
        with.join(","),
        named(!choice.attestations, ATTESTATIONS),
    ]
}

/// Reads what [`written`] wrote, but for the platforms, which a person may have to mend. What has no
/// meaning is left as it is unless somebody chooses.
#[must_use]
pub fn choice_in(texts: &[String; NAMES.len()]) -> Choice {
    let [list, _, format, layers, level, with, without] = texts;
    let packing = Packing::ALL.into_iter().find(|it| it.name() == layers);
    let compression = packing.map(|packing| {
        let compression = Compression::from(packing);
        let levels = 1..=Compression::levels(packing);
        let level = level.parse().ok().filter(|level| levels.contains(level));
        Compression {
            level,
            ..compression
        }
    });
    let scope = Scope::ALL.into_iter().find(|it| it.name() == list);
    let named = Format::ALL.into_iter().find(|it| it.name() == format);
    let with = |name: &str| with.split(',').any(|it| it == name);
    Choice {
        scope: scope.unwrap_or_default(),
        format: named.unwrap_or_default(),
        compression,
        attestations: without != ATTESTATIONS,
        referrers: with(REFERRERS),
        cosign: with(COSIGN),
        ..Choice::default()
    }
}
