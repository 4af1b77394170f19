//! How many manifests a registry still gives, by the headers of its answers.

use super::transport::Response;

/// How many manifests a registry gives in a time.
///
/// Source: docker docs, "Docker Hub pull usage and limits".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many in all.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: u64,
    /// In how many seconds.
    pub window: Option<u64>,
}

impl RateLimit {
    /// Reads `ratelimit-remaining: 99;w=21600` and `ratelimit-limit: 100;w=21600`.
    pub(super) fn of(response: &Response) -> Option<Self> {
        let value = |name| {
            let header: &str = response.header(name)?;
            header.split([',', ';']).next()?.trim().parse().ok()
        };
        let header = response.header("ratelimit-limit").unwrap_or_default();
        let window = header
            .split([',', ';'])
            .find_map(|part| part.trim().strip_prefix("w="));
        Some(Self {
            limit: value("ratelimit-limit"),
            remaining: value("ratelimit-remaining")?,
            window: window.and_then(|window| window.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limits_are_read_as_docker_hub_writes_them() {
        let rate = |headers: &[(&str, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()));
            RateLimit::of(&Response {
                status: 200,
                headers: headers.collect(),
                body: Vec::new(),
                over_limit: false,
            })
        };
        let (limit, remaining) = ("ratelimit-limit", "ratelimit-remaining");
        let hub = rate(&[(limit, "100;w=21600"), (remaining, "99;w=21600")]);
        let expected = RateLimit {
            limit: Some(100),
            remaining: 99,
            window: Some(21600),
        };
        assert_eq!(hub, Some(expected));
        assert_eq!(
            rate(&[(remaining, "5")]).map(|rate| (rate.limit, rate.remaining)),
            Some((None, 5))
        );
        assert_eq!(rate(&[(limit, "100;w=21600")]), None);
        assert_eq!(rate(&[(remaining, "many")]), None);
        assert_eq!(rate(&[]), None);
    }
}
