//! What is remembered while the page is open. Nothing of it is ever written anywhere.

use std::collections::VecDeque;
use std::fmt;

use super::auth::{Bearer, Scheme};
use super::client::Answer;
use super::settings::RegistrySettings;
use crate::limits;
use crate::reference::RegistryHost;

/// Everything remembered: by registry, and answers by their address.
#[derive(Default)]
pub(super) struct Session {
    registries: Vec<(String, Remembered)>,
    /// The oldest first.
    answers: VecDeque<(String, Answer)>,
    answer_bytes: usize,
}

/// What is remembered of one registry.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) settings: RegistrySettings,
    /// Hosts of token endpoints that may see the credentials, since the person said so.
    pub(super) confirmed: Vec<String>,
    /// Whether only the proxy worked.
    pub(super) through_proxy: bool,
    /// How it wants to be asked.
    pub(super) scheme: Option<Scheme>,
    /// At most one a need.
    pub(super) tokens: Vec<Token>,
}

/// A token, with the scopes that it was needed for.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) need: String,
    pub(super) bearer: Bearer,
    pub(super) text: String,
}

impl Session {
    /// What is remembered of that registry, new where it was never met.
    pub(super) fn of(&mut self, host: &RegistryHost) -> &mut Remembered {
        let key = host.as_str().to_ascii_lowercase();
        let place = self.registries.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.registries.push((key, Remembered::default()));
            self.registries.len() - 1
        });
        &mut self.registries[place].1
    }

    /// The answer that was kept for that address.
    pub(super) fn answer(&self, url: &str) -> Option<Answer> {
        let (_, answer) = self.answers.iter().find(|(known, _)| known == url)?;
        Some(Answer { from_session: true, ..answer.clone() })
    }

    /// Keeps an answer; the oldest make room for it.
    pub(super) fn keep(&mut self, url: &str, answer: &Answer) {
        if self.answers.iter().any(|(known, _)| known == url) {
            return;
        }
        self.answer_bytes += answer.bytes.len();
        self.answers.push_back((url.to_owned(), answer.clone()));
        while self.answer_bytes > limits::SESSION_BYTES {
            let Some((_, oldest)) = self.answers.pop_front() else { break };
            self.answer_bytes -= oldest.bytes.len();
        }
    }
}

impl Remembered {
    /// Takes new settings; what was learned with the old ones is learned anew.
    pub(super) fn configure(&mut self, settings: RegistrySettings) {
        self.settings = settings;
        self.through_proxy = false;
        self.scheme = None;
        self.tokens.clear();
    }

    pub(super) fn token(&self, need: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.need == need)
    }

    pub(super) fn keep_token(&mut self, token: Token) {
        self.tokens.retain(|known| known.need != token.need);
        self.tokens.push(token);
    }

    /// Drops that token, unless another took its place meanwhile.
    pub(super) fn drop_token(&mut self, token: &Token) {
        self.tokens.retain(|known| known.need != token.need || known.text != token.text);
    }
}

impl fmt::Debug for Session {
    /// Shows no credentials and no tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} registries, {} answers", self.registries.len(), self.answers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::transport::Via;

    #[test]
    fn the_oldest_answers_make_room() {
        let mut session = Session::default();
        let eighth = limits::SESSION_BYTES / 8;
        let answer = |length| Answer {
            bytes: vec![0; length],
            content_type: None,
            docker_content_digest: None,
            via: Via::Direct,
            from_session: false,
        };
        for number in 0..8 {
            session.keep(&number.to_string(), &answer(eighth));
        }
        // The same answer, read twice side by side, counts once.
        session.keep("7", &answer(eighth));
        assert!((0..8).all(|number| session.answer(&number.to_string()).is_some_and(|answer| answer.from_session)));
        session.keep("8", &answer(eighth + 1));
        let kept: Vec<bool> = (0..9).map(|number| session.answer(&number.to_string()).is_some()).collect();
        assert_eq!(kept, [false, false, true, true, true, true, true, true, true]);
        // One that is too long for the whole session leaves nothing behind, not even itself.
        session.keep("9", &answer(limits::SESSION_BYTES + 1));
        assert_eq!((session.answers.len(), session.answer_bytes), (0, 0));
    }

    #[test]
    fn debug_shows_no_secret() {
        let host = "r.example".parse().expect("a host");
        let mut session = Session::default();
        let bearer = Bearer { realm: String::new(), service: String::new(), scopes: Vec::new() };
        session.of(&host).keep_token(Token { need: "a".into(), bearer, text: "t0ken".into() });
        assert_eq!(format!("{session:?}"), "1 registries, 0 answers");
    }

    #[test]
    fn a_registry_is_the_same_however_it_is_spelled() {
        let mut session = Session::default();
        session.of(&"R.example".parse().expect("a host")).through_proxy = true;
        assert!(session.of(&"r.EXAMPLE".parse().expect("a host")).through_proxy);
    }
}
