//! Every limit of Waybill, in one place, used by the page and by the proxy alike.

/// The largest manifest or image config that is read, in bytes (4 MiB).
///
/// Registries must accept manifests of at least this size (distribution-spec, "Pushing Manifests"), and
/// clients such as containers/image refuse larger ones.
pub const MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// How deep JSON may nest: arrays and objects inside each other. The deepest real manifest nests 5 of them.
pub const DEPTH: usize = 128;

/// How many findings of one code are listed of one manifest or config; the rest are counted.
///
/// A hostile list has room for 80,000 entries, each wrong in the same ways.
pub const FINDINGS_OF_A_CODE: usize = 100;

/// The largest answer of a token endpoint that is read, in bytes (1 MiB).
pub const TOKEN_BYTES: usize = 1024 * 1024;

/// The largest body of an error answer that is read, in bytes (1 MiB).
pub const ERROR_BYTES: usize = 1024 * 1024;

/// How many requests an inspection keeps under way at once.
pub const REQUESTS_AT_ONCE: usize = 8;

/// How many requests a push keeps under way at once, of which each copy of a blob is one.
pub const PUSH_REQUESTS_AT_ONCE: usize = 4;

/// How many layers are read at once: a browser has six connections to one server of HTTP/1.1, and the page needs some
/// for itself.
pub const LAYERS_AT_ONCE: usize = 4;

/// The piece in which a blob is read from one registry and written to another, in bytes (8 MiB): two are in memory of
/// it, the one that is written and the one behind it. What fits in one piece is written at once.
pub const PIECE_BYTES: usize = 8 * 1024 * 1024;

/// The largest piece that a registry may ask for with `OCI-Chunk-Min-Length`, in bytes (64 MiB).
pub const LARGEST_PIECE_BYTES: usize = 64 * 1024 * 1024;

/// How many manifests and blobs a push handles: more than any list of 4 MiB whose images share their layers.
pub const PUSHED_STEPS: usize = 100_000;

/// How many images are copied in one run.
pub const COPIED_IMAGES: usize = 500;

/// Of how many of several images source and target are asked at once.
pub const IMAGES_PLANNED_AT_ONCE: usize = 4;

/// How many children of an index are fetched without being asked for.
///
/// An index may name 15,000 manifests; nobody reads so many rows, and a registry would answer 429 long before.
pub const CHILDREN_FETCHED: usize = 64;

/// How many lists may lie in each other where what they name is checked. No digest can name a list
/// that names it again, so this is only for those that a registry makes up as it is asked.
pub const LISTS_DEEP: usize = 32;

/// How many entries of lists in lists are fetched to be checked, together. What is behind them is
/// checked where its list is opened by itself.
pub const ENTRIES_BELOW: usize = 5_000;

/// How many signatures of a manifest are read and checked: each is checked over the whole payload.
///
/// Docker signed with one key.
pub const SIGNATURES_READ: usize = 16;

/// How many bytes content may have once it is indented for reading: 4 MiB nested 127 deep would be 500 MB.
pub const INDENTED_BYTES: usize = 32 * 1024 * 1024;

/// How many redirects the proxy follows for one blob.
pub const REDIRECTS: usize = 5;

/// How long a page waits for the head of a registry's answer, and then for each next piece of its body, in seconds: as
/// long as the proxy does.
pub const WAIT_SECONDS: u32 = 30;

/// The same where it asks the proxy, which has to connect first and says itself what it waited for in vain.
pub const PROXY_WAIT_SECONDS: u32 = 60;

/// The slowest upload that a page waits for, in bytes a second (32 KiB): 4 minutes for a piece.
pub const UPLOAD_BYTES_A_SECOND: usize = 32 * 1024;

/// How many answers by digest are kept for the session, in bytes of their bodies together (32 MiB).
pub const SESSION_BYTES: usize = 32 * 1024 * 1024;

/// How much of an error body that is not the registry API's JSON is kept as evidence, in characters.
pub const EVIDENCE_CHARACTERS: usize = 500;

/// How many candidates are hashed to find out why a digest differs.
pub const CAUSE_HASHES: usize = 600;

/// How many bytes are hashed to find out why a digest differs (24 MiB), so that it takes well under a second: of a
/// large content fewer candidates are tried.
pub const CAUSE_BYTES: usize = 24 * 1024 * 1024;

/// The largest page of a list of tags that is read, in bytes (16 MiB): 100,000 tags are 2 MB, and Google's registries tell
/// 250 bytes of each manifest besides. Also the largest answer of an API that tells digests of tags.
pub const TAG_LIST_BYTES: usize = 16 * 1024 * 1024;

/// How many tags are asked for in one page, through the proxy. ECR answers an error above it; others send fewer.
pub const TAGS_IN_A_PAGE: usize = 1000;

/// How many pages of a list of tags are asked for one after the other, before a person has to ask for more.
pub const TAG_PAGES: usize = 50;

/// How many tags of one repository are kept; the rest are counted.
pub const TAGS_LISTED: usize = 250_000;

/// How many answers that tell the digests of many tags are asked for without being asked to.
pub const TAG_DETAIL_PAGES: usize = 5;

/// How many repositories below one are listed with its tags.
pub const TAG_CHILDREN: usize = 1000;

/// How many platforms of a tag are kept.
pub const PLATFORMS_OF_A_TAG: usize = 64;

/// How many referrers of one manifest are kept; the rest are counted. Also how many images of an index are asked about.
pub const REFERRERS_OF_A_SUBJECT: usize = 64;

/// How many referrers are looked at around one manifest, together.
pub const REFERRERS_IN_ALL: usize = 256;

/// How many steps away from what is looked at referrers are asked for: an index, its image, an attestation, what signs
/// that.
pub const REFERRERS_DEEP: usize = 4;

/// How many pages of a list of referrers are asked for.
pub const REFERRER_PAGES: usize = 16;

/// How much of a registry's warnings is read, in bytes.
pub const WARNING_BYTES: usize = 4096;

/// How many documents of one referrer are listed.
pub const DOCUMENTS_LISTED: usize = 64;

/// The largest document around an image that is read, in bytes (40 MiB): `BuildKit` makes no larger one.
pub const DOCUMENT_BYTES: usize = 40 * 1024 * 1024;

/// The largest document that is read without being asked for, in bytes (4 MiB).
pub const DOCUMENT_READ_BYTES: u64 = 4 * 1024 * 1024;

/// From how many bytes on a document is long (512 KiB): a worker reads it, so that the page is not
/// busy for long.
pub const LONG_DOCUMENT_BYTES: usize = 512 * 1024;

/// How much of a long document the page itself has, to show it, in bytes (256 KiB).
pub const LONG_DOCUMENT_SHOWN_BYTES: usize = 256 * 1024;

/// How much of a payload is read as one of simple signing, in bytes (64 KiB).
pub const PAYLOAD_BYTES: usize = 64 * 1024;

/// How many packages, subjects, materials and other rows of one document are kept; the rest are counted.
pub const DOCUMENT_ROWS: usize = 100_000;

/// How many values of a column are told with how many rows have each; the rest are counted.
pub const VALUES_COUNTED: usize = 100;

/// How many signatures of an envelope are listed; the rest are counted.
pub const SIGNATURES_LISTED: usize = 16;

/// How much of a platform's name is kept, in characters.
pub const PLATFORM_CHARACTERS: usize = 60;
