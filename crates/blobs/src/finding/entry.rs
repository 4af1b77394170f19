//! One entry, by itself: its name, its type, its time, and what others read otherwise.

use super::{Code, Findings};
use crate::listing::{EntryView, Kind};
use crate::path::{self, Cleaned, escape};
use crate::tar::Quirk;
use crate::tree::{DEPTH, Marker, marker};

/// How many bytes a part of a path has at most on Linux.
const PART_BYTES: usize = 255;

/// Where an entry stands, or what it marks.
pub(super) enum Stands {
    /// At a path.
    At(Vec<u8>),
    /// Nowhere, as a marker: of what is gone below.
    Marks(Marker),
    /// Nowhere.
    Nowhere,
}

/// Checks an entry, and says where it stands.
pub(super) fn check(entry: &EntryView<'_>, findings: &mut Findings) -> Stands {
    if entry.kind == Kind::GlobalHeader {
        findings.add(Code::GlobalHeader, b"", || {
            "engines apply it to nothing, GNU tar to all entries behind it; dive fails".to_owned()
        });
        return Stands::Nowhere;
    }
    let name = entry.name;
    let path = match path::clean(name) {
        _ if name.is_empty() => {
            findings.add(Code::NameEmpty, b"", || {
                format!("an entry has no name, at byte {}", entry.offset)
            });
            return Stands::Nowhere;
        }
        Cleaned::Outside => {
            findings.add(Code::NameOutside, name, || {
                let name = escape(name);
                format!(
                    "{name} leads out of the root: moby and crane export refuse it, containerd \
                     and dive place it at the root"
                )
            });
            return Stands::Nowhere;
        }
        Cleaned::Path(path) => path,
    };
    check_name(name, &path, findings);
    check_quirks(entry, &path, findings);
    if let Kind::Other(byte) = entry.kind {
        findings.add(Code::TypeUnknown, &path, || {
            let kind = escape(&[byte]);
            format!("type {kind}: containerd and moby refuse the layer, crane export writes it")
        });
    }
    if entry.modified.seconds < 0 {
        findings.add(Code::TimeBefore1970, &path, || {
            let seconds = entry.modified.seconds;
            format!("its time is {seconds} seconds from 1970: containerd and moby set 1970")
        });
    }
    if path.split(|byte| *byte == b'/').nth(DEPTH).is_some() {
        findings.add(Code::TooDeep, &path, || {
            format!("it lies deeper than {DEPTH} directories")
        });
        return Stands::Nowhere;
    }
    match marker(&path) {
        Some(marker) => {
            check_marker(entry, &path, &marker, findings);
            Stands::Marks(marker)
        }
        None if path.is_empty() && entry.kind != Kind::Directory => {
            findings.add(Code::NameEmpty, name, || {
                "it would stand at the root and is no directory".to_owned()
            });
            Stands::Nowhere
        }
        None => Stands::At(path),
    }
}

fn check_name(name: &[u8], path: &[u8], findings: &mut Findings) {
    if name.starts_with(b"/") {
        findings.add(Code::NameAbsolute, path, || {
            let name = escape(name);
            format!(
                "{name} is absolute: crane export writes it so, engines place it below the root"
            )
        });
    }
    if name.split(|byte| *byte == b'/').any(|part| part == b"..") {
        findings.add(Code::NameDots, path, || {
            format!("{} leads to {}", escape(name), escape(path))
        });
    }
    let long = path.split(|byte| *byte == b'/').map(<[u8]>::len).max();
    if let Some(long) = long.filter(|long| *long > PART_BYTES) {
        findings.add(Code::NameLong, path, || {
            format!("a part of it has {long} bytes, file systems take {PART_BYTES}")
        });
    }
    let mut above = path::parent(path).split(|byte| *byte == b'/');
    if above.any(|part| part.starts_with(b".wh.") && !part.starts_with(b".wh..wh.")) {
        findings.add(Code::WhiteoutInPath, path, || {
            "a directory above it is called as a whiteout is: containerd, moby and crane export \
             keep it as a path, dive shows a whiteout"
                .to_owned()
        });
    }
}

fn check_quirks(entry: &EntryView<'_>, path: &[u8], findings: &mut Findings) {
    if entry.quirks.is_empty() {
        return;
    }
    for quirk in Quirk::ALL {
        if !entry.quirks.has(quirk) {
            continue;
        }
        let code = match quirk {
            Quirk::Size => Code::PaxSize,
            Quirk::Name => Code::GnuName,
            Quirk::Link => Code::GnuLink,
            Quirk::EmptyName => Code::PaxNameEmpty,
            Quirk::Bytes => Code::SizeWithoutData,
            Quirk::Slash => Code::FileWithSlash,
            Quirk::Attributes => Code::AttributesLost,
        };
        let size = entry.size;
        findings.add(code, path, || match quirk {
            Quirk::Size => format!(
                "engines read {size} bytes, as its PAX header says; its header says another size"
            ),
            Quirk::Name => format!(
                "engines read {}, GNU tar reads {}",
                escape(entry.name),
                escape(entry.gnu_name)
            ),
            Quirk::Link => format!(
                "engines read a link to {}, GNU tar reads one to {}",
                escape(entry.link),
                escape(entry.gnu_link)
            ),
            Quirk::EmptyName => {
                "its PAX header gives an empty name: GNU tar reads no name".to_owned()
            }
            Quirk::Bytes => format!(
                "its size is {size} and engines read no bytes; GNU tar goes over so many first"
            ),
            Quirk::Slash => "a file for engines; GNU tar reads a directory".to_owned(),
            Quirk::Attributes => {
                "its extended attributes stand under LIBARCHIVE.xattr only: no engine applies them"
                    .to_owned()
            }
        });
    }
}

/// Checks the form of a marker: what it does to the layers is seen elsewhere.
fn check_marker(entry: &EntryView<'_>, path: &[u8], marker: &Marker, findings: &mut Findings) {
    match marker {
        Marker::Invalid => findings.add(Code::WhiteoutInvalid, path, || {
            let directory = path::parent(path);
            let deleted = match path::base(path) {
                b".wh..." => path::parent(directory),
                _ => directory,
            };
            let deleted = if deleted.is_empty() {
                "the root".to_owned()
            } else {
                escape(deleted)
            };
            format!(
                "it names nothing: containerd refuses it, moby's vfs and crane export delete \
                 {deleted}, dive keeps it"
            )
        }),
        Marker::Aufs => findings.add(Code::AufsMetadata, path, || "engines skip it".to_owned()),
        Marker::Whiteout(target) if entry.kind == Kind::Directory => {
            findings.add(Code::WhiteoutDirectory, path, || {
                let target = escape(target);
                format!("it is a directory: crane export keeps {target}, all others hide it")
            });
        }
        Marker::Whiteout(_) | Marker::Opaque(_) => {
            if entry.kind != Kind::File || entry.size > 0 {
                findings.add(Code::WhiteoutKind, path, || {
                    "engines go by its name alone".to_owned()
                });
            }
        }
    }
}
