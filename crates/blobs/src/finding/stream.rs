//! The stream of one layer: its compression, and the archive as a whole.

use waybill_core::media_type::MediaType;

use super::{Code, Findings, Stream};
use crate::layer::Found;
use crate::listing::Listing;
use crate::path::{Cleaned, clean};
use crate::sniff::Compression;
use crate::tar;
use crate::tree::is_format;
use crate::unpack::UnpackError;

/// From how many unpacked bytes on a ratio is told, and which.
const RATIO_BYTES: u64 = 1 << 30;
const RATIO: u64 = 200;

/// `is_estargz` says whether a table of contents may stand behind the archive's end.
pub(super) fn check(stream: Stream<'_>, is_estargz: bool, findings: &mut Findings) {
    let Some(found) = stream.found else {
        return;
    };
    if let Some(media_type) = stream.media_type {
        check_type(media_type, found.compression, findings);
    }
    let times = found.unpacked_size / found.size.max(1);
    if found.unpacked_size > RATIO_BYTES && times > RATIO {
        findings.add(Code::Ratio, b"", || {
            format!(
                "{} bytes unpack to {}, {times} times as many",
                found.size, found.unpacked_size
            )
        });
    }
    match &found.diff_id {
        Ok(_) => {
            check_behind(found, findings);
            check_archive(found, is_estargz, findings);
        }
        // The archive ends where its stream does: one fault, not two.
        Err(error) => check_error(error, found, findings),
    }
}

/// Compares what the media type says with what the bytes are; a type that is no layer's, or that
/// says nothing of a compression, is not judged.
fn check_type(media_type: &MediaType, found: Compression, findings: &mut Findings) {
    if !media_type.is_layer() {
        return;
    }
    let text = media_type.as_str().to_ascii_lowercase();
    let says = match text.rsplit(['.', '+']).next() {
        Some("gzip") => Compression::Gzip,
        Some("zstd") => Compression::Zstd,
        Some("tar") => Compression::None,
        Some(_) | None => return,
    };
    if says != found {
        findings.add(Code::MediaTypeDiffers, b"", || {
            format!(
                "{media_type} says {}, the bytes are {}",
                name(says),
                name(found)
            )
        });
    }
}

fn name(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "not compressed",
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::Bzip2 => "bzip2",
        Compression::Xz => "xz",
    }
}

fn check_behind(found: &Found, findings: &mut Findings) {
    let trailing = found.stream.trailing;
    if trailing > 0 {
        findings.add(Code::BytesBehind, b"", || {
            let bytes = if trailing == 1 { "byte" } else { "bytes" };
            let of = name(found.compression);
            format!("{trailing} {bytes} behind the {of} data; some engines refuse")
        });
    }
}

fn check_error(error: &UnpackError, found: &Found, findings: &mut Findings) {
    let code = match error {
        UnpackError::Corrupt { .. } => Code::StreamBroken,
        UnpackError::EndsEarly => Code::StreamEndsEarly,
        UnpackError::Window(_) => Code::ZstdWindow,
        UnpackError::Unsupported(_) => Code::Compression,
        UnpackError::Stopped(_) => Code::Ratio,
    };
    let unpacked = found.unpacked_size;
    findings.add(code, b"", || match error {
        UnpackError::Corrupt { .. } | UnpackError::EndsEarly => {
            format!("{error}; {unpacked} bytes were unpacked before")
        }
        UnpackError::Window(bytes) => format!(
            "it needs a window of {} MiB: the digest is checked, the list and the diff_id are not",
            bytes.div_ceil(1 << 20)
        ),
        UnpackError::Unsupported(compression) => format!(
            "it is compressed with {}: moby alone unpacks it, by its first bytes",
            name(*compression)
        ),
        UnpackError::Stopped(_) => format!("{error}: the list and the diff_id are not checked"),
    });
}

fn check_archive(found: &Found, is_estargz: bool, findings: &mut Findings) {
    match &found.archive {
        Err(error) => {
            // What begins with a header is an archive, though a broken one.
            let is_first = error.offset < 512;
            let code = match error.reason {
                tar::Reason::EndsEarly | tar::Reason::Checksum if is_first => Code::NotTar,
                tar::Reason::EndsEarly => Code::ArchiveEndsEarly,
                tar::Reason::Checksum
                | tar::Reason::ZeroBlock
                | tar::Reason::Number
                | tar::Reason::NegativeSize
                | tar::Reason::Record
                | tar::Reason::TooLong
                | tar::Reason::Sparse
                | tar::Reason::SparseData => Code::ArchiveBroken,
            };
            findings.add(code, b"", || {
                if code == Code::NotTar {
                    "what it holds is not a tar".to_owned()
                } else {
                    format!("{error}; engines refuse the layer")
                }
            });
        }
        Ok(end) => {
            if end.zero_blocks < 2 {
                findings.add(Code::EndBlocks, b"", || {
                    let blocks = if end.zero_blocks == 0 {
                        "no block"
                    } else {
                        "one block"
                    };
                    format!("{blocks} of zeros marks the end; the standard asks for two")
                });
            }
            // The table of eStargz stands there: nothing to know.
            if end.content > 0 && !is_estargz {
                findings.add(Code::DataBehindEnd, b"", || {
                    format!(
                        "{} bytes behind the archive's end, which no engine reads",
                        end.trailing
                    )
                });
            }
        }
    }
}

/// Whether a layer has what eStargz puts into each.
pub(super) fn is_estargz(listing: &Listing) -> bool {
    let mut entries = listing.entries();
    entries.any(|entry| matches!(clean(entry.name), Cleaned::Path(path) if is_format(&path)))
}
