//! What a registry asks for in `WWW-Authenticate`.

/// One challenge: a scheme with its parameters.
///
/// Source: RFC 9110, section 11.6.1. Broken parts are left out and the rest is kept, since
/// registries write this header by hand.
///
/// ```
/// use waybill_core::registry::challenge::Challenge;
///
/// let header = r#"Basic realm="x", Bearer realm="https://auth.example/token",service="registry.example""#;
/// let challenges = Challenge::parse(header);
/// assert!(challenges[0].is("basic"));
/// assert_eq!(challenges[1].parameter("service"), Some("registry.example"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme in lower case, such as `bearer`.
    pub scheme: String,
    /// Names in lower case, with values, in the order of the header.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Every challenge of one header line. Names that follow a comma without a value read as
    /// schemes of their own.
    ///
    /// A token in place of parameters, as in `Negotiate YII==`, reads as a parameter or is
    /// left out; nothing here asks for it. `Basic, BEARER realm=a` are two challenges, the
    /// first without parameters.
    #[must_use]
    pub fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = header;
        loop {
            let separators = rest.len() - rest.trim_start_matches([' ', '\t', ',']).len();
            // A scheme stands first or behind a comma; anything else without `=` is a token68,
            // which none needs.
            let (before, behind) = rest.split_at(separators);
            let may_be_scheme = challenges.is_empty() || before.contains(',');
            rest = behind;
            let Some(first) = rest.chars().next() else {
                return challenges;
            };
            let name = take(&mut rest, |c| c.is_ascii_graphic() && !",=\"".contains(c))
                .to_ascii_lowercase();
            let behind = rest.trim_start_matches([' ', '\t']);
            if let Some(value) = behind.strip_prefix('=') {
                rest = value.trim_start_matches([' ', '\t']);
                let value = match rest.strip_prefix('"') {
                    Some(quoted) => {
                        rest = quoted;
                        take_quoted(&mut rest)
                    }
                    None => Some(take(&mut rest, |c| !", \t".contains(c)).to_owned())
                        .filter(|value| !value.is_empty()),
                };
                if let (Some(challenge), Some(value)) = (challenges.last_mut(), value) {
                    challenge.parameters.push((name, value));
                }
            } else if name.is_empty() {
                // Not a character that belongs here; go on behind it.
                rest = rest.strip_prefix(first).unwrap_or_default();
            } else if may_be_scheme {
                challenges.push(Self {
                    scheme: name,
                    parameters: Vec::new(),
                });
            }
        }
    }

    /// Whether this is a challenge of that scheme (lower case).
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// The first parameter of that name (lower case).
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Cuts the longest start off whose characters all are `wanted`.
pub(super) fn take<'a>(rest: &mut &'a str, wanted: impl Fn(char) -> bool) -> &'a str {
    let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    let (start, behind) = rest.split_at(end);
    *rest = behind;
    start
}

/// Cuts a quoted string off, behind its first quote; `None` where it does not end.
pub(super) fn take_quoted(rest: &mut &str) -> Option<String> {
    let mut value = String::new();
    let mut characters = rest.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                *rest = characters.as_str();
                return Some(value);
            }
            '\\' => value.extend(characters.next()),
            _ => value.push(c),
        }
    }
    *rest = "";
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: &str) -> String {
        let one = |c: &Challenge| {
            let parameters: Vec<_> = c
                .parameters
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{}({})", c.scheme, parameters.join(";"))
        };
        Challenge::parse(header)
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn several_challenges_in_one_line() {
        assert_eq!(
            shown("Basic, BEARER realm=a, b=\"c,d\""),
            "basic() bearer(realm=a;b=c,d)"
        );
        assert_eq!(
            shown("Negotiate YII==, Basic realm=\"r\""),
            "negotiate(yii==) basic(realm=r)"
        );
        assert_eq!(shown("Digest abc Bearer realm=x"), "digest(realm=x)");
        assert_eq!(
            shown("Bearer realm=\"https://gcr.io/v2/token\",service=gcr.io"),
            "bearer(realm=https://gcr.io/v2/token;service=gcr.io)"
        );
    }

    #[test]
    fn broken_parts_are_left_out() {
        assert_eq!(shown(""), "");
        assert_eq!(shown(" ,, \t"), "");
        assert_eq!(shown("=x"), "");
        assert_eq!(shown("Bearer \u{e9} realm=a"), "bearer(realm=a)");
        assert_eq!(shown("Bearer \"stray\" realm=a"), "bearer(realm=a)");
        assert_eq!(shown("Bearer realm=\"a\\"), "bearer()");
        assert_eq!(
            shown("Bearer realm=\"\u{e9}\\\"b\""),
            "bearer(realm=\u{e9}\"b)"
        );
    }
}
