//! The limits of the page: what is drawn at once, opened, kept in the tab, and put into a link. Those of formats and of
//! safety are core's.

/// How many entries of a list are drawn at once: a page of them.
pub const ROWS_DRAWN: usize = 50;

/// How many lines of content are drawn at once: a page of them.
pub const LINES_DRAWN: usize = 500;

/// How many findings are drawn: a hostile list may have one for each of 15,000 entries.
pub const FINDINGS_DRAWN: usize = 100;

/// How many layers, steps of a history, names and values are drawn in one place.
pub const ITEMS_DRAWN: usize = 200;

/// The longest text from a registry that is shown without being asked for, in characters.
pub const SHOWN_CHARACTERS: usize = 2_000;

/// How many marks of characters that do not show are drawn in one text, a run of the same being one; the rest of them
/// are written out. Each mark is elements of the page, and a text of 4 MiB has room for two million.
pub const MARKS_DRAWN: usize = 8;

/// The longest text that a tab keeps of a composition, in characters: browsers give a page some five million in all.
pub const KEPT_CHARACTERS: usize = 5_000_000;

/// How many bytes of opened files are kept for going back and for loading the page again (8 MiB).
pub const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// From which length on a link with content is cut by some programs, in characters.
pub const LINK_CUT_CHARACTERS: usize = 8_000;

/// The longest link with content that is made, in characters.
pub const LINK_CHARACTERS: usize = 100_000;

/// The largest file that is opened, in bytes (32 MiB). What is above [`MANIFEST_BYTES`](waybill_core::limits::MANIFEST_BYTES) is opened with a warning.
pub const OPENED_BYTES: usize = 32 * 1024 * 1024;

/// How many files are opened at once.
pub const FILES_OPENED: usize = 200;

/// From so many bytes on a warning stands beside a file that the browser gathers in memory before it saves it
/// (256 MiB).
pub const MEMORY_BYTES: u64 = 256 * 1024 * 1024;
