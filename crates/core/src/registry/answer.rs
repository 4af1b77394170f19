//! What a registry answered with.

use crate::media_type::MediaType;

use super::transport::Via;

/// A manifest or a blob, as a registry sent it. Nothing about it is checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The body, exactly as it was received; never cut.
    pub bytes: Vec<u8>,
    /// `Content-Type`.
    pub content_type: Option<MediaType>,
    /// `Docker-Content-Digest` as it was sent; across origins a browser often hides it.
    pub docker_content_digest: Option<String>,
    /// The way it was read.
    pub via: Via,
    /// Whether it was read earlier in this session, by its digest, so that no request was sent
    /// for it now.
    pub from_session: bool,
}
