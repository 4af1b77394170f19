//! What is set for each registry: by the settings, by the button of an error, by an address.

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::settings::{Access, RegistrySettings};
use waybill_core::view::Action;

use super::message::Effect;
use super::state::{PageKind, SETTINGS, State};
use crate::route::PartPage;
use crate::shell::{Choice, PageCommand};
use crate::{compose, inspect};

/// Said where credentials went with the scheme that they were entered for.
pub const ENTER_AGAIN: &str = "The credentials were for another scheme: enter them again";

impl State {
    pub(super) fn open_settings(&mut self, host: Option<RegistryHost>) -> Vec<Effect> {
        self.settings_for = host.map(|host| host.to_string()).unwrap_or_default();
        self.settings_error = None;
        vec![Effect::OpenDialog(SETTINGS)]
    }

    /// Does to a registry what the button of an error says. Asking again is for who was refused: the page that is shown.
    pub(super) fn act(&mut self, host: RegistryHost, action: Action) -> Vec<Effect> {
        let mut effects = match action {
            Action::UseProxy => {
                self.choice(&host).access = Access::Proxy;
                vec![Effect::SetAccess(host, Access::Proxy)]
            }
            Action::UsePlainHttp => vec![self.set_plain_http(host)],
            Action::AskCredentials => return self.open_settings(Some(host)),
            Action::ConfirmRealm { realm, .. } => vec![Effect::ConfirmRealm(host, realm)],
            Action::Retry => Vec::new(),
        };
        effects.extend(match PageKind::at(&self.route) {
            Some(PageKind::Inspect) => self.tell_inspect(inspect::Command::Retry),
            Some(PageKind::Compose) => self.tell_compose(compose::Command::Retry),
            Some(PageKind::Part(page)) => self.tell_part(page, PageCommand::Retry),
            Some(PageKind::Verify) | None => Vec::new(),
        });
        effects
    }

    /// Finds or makes what is set for a registry, to be changed.
    fn choice(&mut self, host: &RegistryHost) -> &mut Choice {
        Rc::make_mut(&mut self.registries).entry(host)
    }

    pub(super) fn set_plain_http(&mut self, host: RegistryHost) -> Effect {
        self.set_scheme(&host, true);
        Effect::SetPlainHttp(host)
    }

    /// Sets the scheme. Another scheme is another place: credentials that were entered for the one do not go to the
    /// other.
    fn set_scheme(&mut self, host: &RegistryHost, plain_http: bool) {
        let choice = self.choice(host);
        let same =
            Origin::from_host(host, choice.plain_http) == Origin::from_host(host, plain_http);
        choice.plain_http = plain_http;
        if !same && choice.username.take().is_some() {
            self.notice = ENTER_AGAIN;
        }
    }

    pub(super) fn configure(&mut self, host: &str, settings: RegistrySettings) -> Vec<Effect> {
        let host: RegistryHost = match host.trim().parse() {
            Ok(host) => host,
            Err(error) => {
                self.settings_error = Some(format!("{error}"));
                return vec![Effect::Focus("settings-host")];
            }
        };
        // The form never shows credentials again; left empty, those that were entered before stay.
        if let Some(credentials) = &settings.credentials {
            let username = Some(credentials.username.clone());
            *self.choice(&host) = Choice {
                access: settings.access,
                plain_http: settings.plain_http,
                username,
            };
        } else {
            self.choice(&host).access = settings.access;
            self.set_scheme(&host, settings.plain_http);
        }
        self.settings_error = None;
        let mut effects = vec![
            Effect::Configure(host.clone(), settings),
            Effect::CloseDialog(SETTINGS),
        ];
        effects.extend(self.tell_inspect(inspect::Command::SettingsChanged(host)));
        if self.compose.is_mounted() {
            effects.extend(self.tell_compose(compose::Command::Retry));
        }
        for page in PartPage::ALL {
            if self.part(page).is_mounted() {
                effects.extend(self.tell_part(page, PageCommand::Retry));
            }
        }
        effects
    }

    /// Forgets everything set for a registry. What is looked at there stays; what is still to come of it, or failed, is
    /// asked for without credentials.
    pub(super) fn forget(&mut self, host: RegistryHost) -> Vec<Effect> {
        Rc::make_mut(&mut self.registries).remove(&host);
        self.settings_error = None;
        self.notice = "Everything about this registry is forgotten";
        let mut effects = vec![Effect::Forget(host.clone())];
        effects.extend(self.tell_inspect(inspect::Command::Forgotten(host)));
        effects
    }
}
