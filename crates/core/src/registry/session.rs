//! What is remembered while the page is open. Nothing of it is ever written anywhere.
//!
//! There are two memories. One is by registry (`Remembered`): settings, tokens, the way that
//! worked. It is shared with each request under way, and replaced as a whole when the settings
//! change. The other holds answers by their address, whichever registry they are of, and drops
//! the oldest where they get too many. Only answers by digest are kept, so nothing in it goes
//! out of date.
//!
//! Longer than most files: all that is known of registries for a time stands in one place, so
//! that forgetting it misses nothing.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::answer::Fetched;
use super::auth_policy::{AuthScheme, TokenRequest};
use super::endpoints::Origin;
use super::rate_limit::RateLimit;
use super::redact::Secrets;
use super::scope::Scope;
use super::settings::{Credentials, ProxyFirst, RegistrySettings};
use crate::limits;
use crate::reference::RegistryHost;

/// Everything remembered: by registry, and answers by their address.
#[derive(Default)]
pub(super) struct Session {
    /// By the host in lower case, as a person writes it: `docker.io`, not
    /// `registry-1.docker.io`. An entry is never taken away, only emptied.
    registries: Vec<(String, Memory)>,
    /// The oldest first.
    answers: VecDeque<Kept>,
    /// The bytes of all bodies in `answers` together; at most
    /// [`SESSION_BYTES`](limits::SESSION_BYTES).
    answer_bytes: usize,
    pub(super) proxy_first: ProxyFirst,
}

/// What is remembered of one registry, as its requests share it. Each goes on with the one it
/// began with: what it learns under settings that are replaced meanwhile is learned by nobody
/// else.
pub(super) type Memory = Rc<RefCell<Remembered>>;

/// An answer that is kept, with the registry that it is forgotten with.
struct Kept {
    registry: String,
    url: String,
    answer: Fetched,
}

/// What is remembered of one registry. It is never cleared member by member, only replaced as
/// a whole.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) settings: RegistrySettings,
    /// Where token endpoints are that may see the credentials, since the person said so.
    pub(super) confirmed: Vec<Origin>,
    /// The way on which it answered.
    pub(super) way: Option<Way>,
    /// How many more manifests it gives, as its last answer said.
    pub(super) rate_limit: Option<RateLimit>,
    /// How it wants to be asked.
    pub(super) scheme: Option<AuthScheme>,
    /// At most one for each scope.
    pub(super) tokens: Vec<Token>,
    /// The repositories of which it answered 404 when it was asked for referrers.
    pub(super) without_referrers: Vec<String>,
    /// Whether the person had it forgotten: what is under way with it ends there.
    pub(super) forgotten: bool,
}

/// What is known of the ways to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It answered the page itself.
    Direct,
    /// It answered through the proxy, and the page itself did not try.
    Proxy,
    /// It answered through the proxy alone.
    OnlyProxy,
}

/// A token, with the scope that it was asked for.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) scope: Scope,
    /// What it was asked with, to ask for it again once it has expired.
    pub(super) bearer: TokenRequest,
    /// What goes behind `Bearer`.
    pub(super) text: String,
}

impl Session {
    /// What is remembered of that registry, new where it was never met.
    pub(super) fn memory(&mut self, host: &RegistryHost) -> Memory {
        Rc::clone(self.place(host))
    }

    /// Returns the entry of a registry, to be read or replaced; a new one is put where it was
    /// never met.
    fn place(&mut self, host: &RegistryHost) -> &mut Memory {
        let key = key(host);
        let place = self
            .registries
            .iter()
            .position(|(known, _)| *known == key)
            .unwrap_or_else(|| {
                self.registries.push((key, Memory::default()));
                self.registries.len() - 1
            });
        &mut self.registries[place].1
    }

    /// Takes new settings; what was learned with the old ones is learned anew. What was
    /// confirmed is of the registry's scheme, host and port, and stays as long as those do.
    pub(super) fn configure(&mut self, host: &RegistryHost, settings: RegistrySettings) {
        let memory = self.place(host);
        let confirmed = {
            let before = memory.borrow();
            let same = before.settings.origin(host) == settings.origin(host);
            before.confirmed.iter().filter(|_| same).cloned().collect()
        };
        *memory = Rc::new(RefCell::new(Remembered {
            settings,
            confirmed,
            ..Remembered::default()
        }));
    }

    /// Forgets everything of a registry. What is under way sees nothing of it any more, and
    /// nobody sees what it brings.
    ///
    /// The memory that requests hold is emptied and marked, which ends them as cancelled; the
    /// session gets another one, which is not marked.
    pub(super) fn forget(&mut self, host: &RegistryHost) {
        let memory = std::mem::take(self.place(host));
        memory.replace(Remembered {
            forgotten: true,
            ..Remembered::default()
        });
        let key = key(host);
        self.answers.retain(|kept| kept.registry != key);
        self.answer_bytes = self
            .answers
            .iter()
            .map(|kept| kept.answer.bytes.len())
            .sum();
    }

    /// The answer that was kept for that address, marked as one of the session; its `via` says
    /// how it was read then.
    pub(super) fn answer(&self, url: &str) -> Option<Fetched> {
        let kept = self.answers.iter().find(|kept| kept.url == url)?;
        Some(Fetched {
            from_session: true,
            ..kept.answer.clone()
        })
    }

    /// Keeps an answer; the oldest make room for it. Where one is kept for that address
    /// already, nothing changes: both have the digest in the address.
    pub(super) fn keep(&mut self, host: &RegistryHost, url: &str, answer: &Fetched) {
        if self.answers.iter().any(|kept| kept.url == url) {
            return;
        }
        self.answer_bytes += answer.bytes.len();
        self.answers.push_back(Kept {
            registry: key(host),
            url: url.to_owned(),
            answer: answer.clone(),
        });
        while self.answer_bytes > limits::SESSION_BYTES {
            let Some(oldest) = self.answers.pop_front() else {
                break;
            };
            self.answer_bytes -= oldest.answer.bytes.len();
        }
    }
}

/// The name by which a registry is remembered: hosts are the same in any case, ports stand as
/// they are written.
fn key(host: &RegistryHost) -> String {
    host.as_str().to_ascii_lowercase()
}

impl Remembered {
    /// What hides everything of it that no text may show, and what was sent.
    pub(super) fn secrets(&self, sent: &str) -> Secrets {
        let credentials = self.settings.credentials.as_ref();
        let encoded = credentials.map(Credentials::encoded).unwrap_or_default();
        let password = credentials.map_or("", |credentials| &credentials.password);
        let mut secrets = vec![sent, &encoded, password];
        secrets.extend(self.tokens.iter().map(|token| token.text.as_str()));
        Secrets::new(&secrets)
    }

    /// The token that was asked for with exactly these scopes. One that could do more is not
    /// taken for them.
    pub(super) fn token(&self, scope: &Scope) -> Option<&Token> {
        self.tokens.iter().find(|token| token.scope == *scope)
    }

    /// Keeps a token in place of the one of the same scopes.
    pub(super) fn keep_token(&mut self, token: Token) {
        self.tokens.retain(|known| known.scope != token.scope);
        self.tokens.push(token);
    }

    /// Drops that token, unless another took its place meanwhile.
    pub(super) fn drop_token(&mut self, token: &Token) {
        self.tokens
            .retain(|known| known.scope != token.scope || known.text != token.text);
    }
}

impl fmt::Debug for Session {
    /// Shows no credentials and no tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} registries, {} answers",
            self.registries.len(),
            self.answers.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::settings::Access;
    use crate::registry::transport::Via;

    #[test]
    fn the_oldest_answers_make_room() {
        let mut session = Session::default();
        let eighth = limits::SESSION_BYTES / 8;
        let answer = |length| Fetched {
            bytes: vec![0; length],
            content_type: None,
            docker_content_digest: None,
            via: Via::Direct,
            from_session: false,
        };
        let host = "r.example".parse().expect("a host");
        for number in 0..8 {
            session.keep(&host, &number.to_string(), &answer(eighth));
        }
        // The same answer, read twice side by side, counts once.
        session.keep(&host, "7", &answer(eighth));
        assert!((0..8).all(|number| {
            session
                .answer(&number.to_string())
                .is_some_and(|answer| answer.from_session)
        }));
        session.keep(&host, "8", &answer(eighth + 1));
        let kept: Vec<bool> = (0..9)
            .map(|number| session.answer(&number.to_string()).is_some())
            .collect();
        assert_eq!(
            kept,
            [false, false, true, true, true, true, true, true, true]
        );
        // One that is too long for the whole session leaves nothing behind, not even itself.
        session.keep(&host, "9", &answer(limits::SESSION_BYTES + 1));
        assert_eq!((session.answers.len(), session.answer_bytes), (0, 0));
    }

    #[test]
    fn debug_shows_no_secret() {
        let host = "r.example".parse().expect("a host");
        let mut session = Session::default();
        let bearer = TokenRequest {
            realm: String::new(),
            service: String::new(),
            scopes: Vec::new(),
        };
        let token = Token {
            scope: Scope::pull("a"),
            bearer,
            text: "t0ken".into(),
        };
        session.memory(&host).borrow_mut().keep_token(token);
        assert_eq!(format!("{session:?}"), "1 registries, 0 answers");
    }

    #[test]
    fn a_registry_is_the_same_however_it_is_spelled() {
        let mut session = Session::default();
        session
            .memory(&"R.example".parse().expect("a host"))
            .borrow_mut()
            .way = Some(Way::OnlyProxy);
        let memory = session.memory(&"r.EXAMPLE".parse().expect("a host"));
        assert_eq!(memory.borrow().way, Some(Way::OnlyProxy));
    }

    /// Everything that can be remembered of a registry.
    fn full() -> Remembered {
        let credentials = Some(Credentials {
            username: "user".into(),
            password: "s3cret".into(),
        });
        let settings = RegistrySettings {
            access: Access::Proxy,
            plain_http: true,
            credentials,
        };
        let bearer = TokenRequest {
            realm: "https://a.example/".into(),
            service: String::new(),
            scopes: Vec::new(),
        };
        Remembered {
            settings,
            confirmed: Origin::parse("https://a.example").into_iter().collect(),
            way: Some(Way::OnlyProxy),
            rate_limit: Some(RateLimit {
                limit: None,
                remaining: 1,
                window: None,
            }),
            scheme: Some(AuthScheme::Basic),
            tokens: vec![Token {
                scope: Scope::pull("a"),
                bearer,
                text: "t0ken".into(),
            }],
            without_referrers: vec!["a".into()],
            forgotten: false,
        }
    }

    /// Whether nothing is remembered. No `..` here: a new member has to be judged before this
    /// compiles.
    fn is_empty(remembered: &Remembered) -> bool {
        let Remembered {
            settings,
            confirmed,
            way,
            rate_limit,
            scheme,
            tokens,
            without_referrers,
            forgotten: _,
        } = remembered;
        let RegistrySettings {
            access,
            plain_http,
            credentials,
        } = settings;
        *access == Access::Automatic
            && !plain_http
            && credentials.is_none()
            && confirmed.is_empty()
            && way.is_none()
            && rate_limit.is_none()
            && scheme.is_none()
            && tokens.is_empty()
            && without_referrers.is_empty()
    }

    fn answered() -> Fetched {
        Fetched {
            bytes: vec![0; 3],
            content_type: None,
            docker_content_digest: None,
            via: Via::Direct,
            from_session: false,
        }
    }

    #[test]
    fn everything_of_a_registry_is_forgotten_at_once() {
        let (host, other) = (
            "r.example".parse().expect("a host"),
            "other.example".parse().expect("a host"),
        );
        let mut session = Session::default();
        for (host, url) in [
            (&host, "https://r.example/a"),
            (&other, "https://other.example/a"),
        ] {
            session.memory(host).replace(full());
            session.keep(host, url, &answered());
        }
        let under_way = session.memory(&host);
        session.forget(&host);
        // Of the session: a new member has to be judged here.
        let Session {
            registries,
            answers,
            answer_bytes,
            proxy_first: _,
        } = &session;
        assert_eq!((registries.len(), answers.len(), *answer_bytes), (2, 1, 3));
        assert!(session.answer("https://r.example/a").is_none());
        assert!(session.answer("https://other.example/a").is_some());
        // What is under way lost it too, and teaches nothing any more.
        assert!(under_way.borrow().forgotten && is_empty(&under_way.borrow()));
        under_way.replace(full());
        let now = session.memory(&host);
        assert!(!now.borrow().forgotten && is_empty(&now.borrow()));
        assert!(!is_empty(&session.memory(&other).borrow()));
    }

    #[test]
    fn what_was_learned_or_confirmed_with_other_settings_is_not_kept() {
        let host = "r.example".parse().expect("a host");
        let mut session = Session::default();
        session.memory(&host).replace(full());
        let under_way = session.memory(&host);
        session.configure(
            &host,
            RegistrySettings {
                plain_http: true,
                ..RegistrySettings::default()
            },
        );
        under_way.borrow_mut().scheme = Some(AuthScheme::Basic);
        let memory = session.memory(&host);
        assert_eq!(
            (
                memory.borrow().confirmed.len(),
                memory.borrow().tokens.len()
            ),
            (1, 0)
        );
        assert_eq!(memory.borrow().scheme, None);
        // Another scheme is another place.
        session.configure(&host, RegistrySettings::default());
        assert!(is_empty(&session.memory(&host).borrow()));
    }
}
