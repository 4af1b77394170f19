//! Token scopes: `type:name:actions`.

use std::fmt;

/// What a request needs of its token: one scope, or several separated by spaces.
///
/// Tokens are kept by it, so a token that can only read is never one that writes, and the
/// other way round.
///
/// Source: distribution `docs/content/spec/auth/scope.md`.
///
/// ```
/// use waybill_core::registry::scope::Scope;
///
/// assert_eq!(Scope::pull("team/app").as_str(), "repository:team/app:pull");
/// let mount = Scope::push("team/app", Some("base"));
/// assert_eq!(mount.as_str(), "repository:team/app:pull,push repository:base:pull");
/// // A challenge that asks for more gets no token that can do more.
/// assert_eq!(Scope::pull("team/app").to_ask("repository:team/app:*"), ["repository:team/app:pull"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

impl Scope {
    /// What reading a repository needs.
    #[must_use]
    pub fn pull(repository: &str) -> Self {
        Self(["repository:", repository, ":pull"].concat())
    }

    /// What listing the repositories of a registry needs.
    #[must_use]
    pub fn catalog() -> Self {
        Self("registry:catalog:*".to_owned())
    }

    /// What writing to a repository needs, and reading another one to mount its blobs.
    #[must_use]
    pub fn push(repository: &str, mounted_from: Option<&str>) -> Self {
        let push = ["repository:", repository, ":pull,push"].concat();
        match mounted_from {
            Some(from) => Self([&push, " ", Self::pull(from).as_str()].concat()),
            None => Self(push),
        }
    }

    /// What to ask a token for: this, and the scopes of the challenge (separated by spaces).
    /// Of actions only `pull` is kept, whatever the resource is, so that a challenge adds no right
    /// to write or delete (`repository(plugin):a:push`), nor to list (`registry:catalog:*`):
    /// reading needs none of them. A scope without actions (`aws`, `*`) is kept as it is: there
    /// is nothing to take off, and a service that wants it gives no token without.
    ///
    /// Where both name one repository, their actions are joined: a push asks for `pull,push`
    /// whatever the challenge says.
    #[must_use]
    pub fn to_ask(&self, challenge: &str) -> Vec<String> {
        let narrowed = |scope: &str| match scope.rsplit_once(':') {
            Some((resource, _)) if resource.contains(':') => [resource, ":pull"].concat(),
            _ => scope.to_owned(),
        };
        let mut scopes: Vec<String> = challenge.split(' ').map(narrowed).collect();
        scopes.extend(self.0.split(' ').map(str::to_owned));
        clean(scopes.iter().map(String::as_str))
    }

    /// Returns the text, as it stands in the query of a token request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Scopes in one order, each resource once, its actions sorted and each once; `*` stands for
/// all actions.
///
/// A resource without actions asks for nothing and is left out. What is not of the form
/// `type:name:actions` is kept as it is. The name may hold a port, so the type ends at the
/// first colon and the actions begin behind the last.
///
/// Source: distribution `docs/content/spec/auth/scope.md`.
///
/// ```
/// use waybill_core::registry::scope::clean;
///
/// assert_eq!(clean(["repository:host:5000/a:push,pull,pull", "repository:host:5000/a:pull"]), [
///     "repository:host:5000/a:pull,push"
/// ]);
/// ```
#[must_use]
pub fn clean<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    // Each resource with its actions; `None` where the scope is not of the usual form.
    let mut resources: Vec<(&str, Option<Vec<&str>>)> = Vec::new();
    for scope in scopes {
        let (resource, actions) = match scope.rsplit_once(':') {
            Some((resource, actions)) if resource.contains(':') => (resource, Some(actions)),
            _ => (scope, None),
        };
        let actions = actions.map(|actions| {
            actions
                .split(',')
                .filter(|action| !action.is_empty())
                .collect()
        });
        let same = resources
            .iter_mut()
            .find(|(known, had)| *known == resource && had.is_some() == actions.is_some());
        match (same, actions) {
            (None, actions) => resources.push((resource, actions)),
            (Some((_, Some(had))), Some(actions)) => had.extend::<Vec<_>>(actions),
            (Some(_), _) => {}
        }
    }
    let mut cleaned = Vec::new();
    for (resource, actions) in resources {
        match actions {
            None if resource.is_empty() => {}
            None => insert(&mut cleaned, resource.to_owned()),
            Some(actions) if actions.is_empty() => {}
            Some(actions) if actions.contains(&"*") => {
                insert(&mut cleaned, [resource, ":*"].concat());
            }
            Some(actions) => {
                let mut sorted = Vec::new();
                for action in actions {
                    insert(&mut sorted, action.to_owned());
                }
                insert(&mut cleaned, [resource, ":", &sorted.join(",")].concat());
            }
        }
    }
    cleaned
}

/// Puts a text in its place, once. These lists are short, and a whole sort weighs more than
/// the rest of this file.
fn insert(sorted: &mut Vec<String>, text: String) {
    if let Err(place) = sorted.binary_search(&text) {
        sorted.insert(place, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_asks_for_no_more_than_pull() {
        let to_pull = |challenge| Scope::pull("a").to_ask(challenge);
        assert_eq!(to_pull(""), ["repository:a:pull"]);
        assert_eq!(
            to_pull("repository:a:pull,push repository:b:*"),
            ["repository:a:pull", "repository:b:pull"]
        );
        assert_eq!(to_pull("aws"), ["aws", "repository:a:pull"]);
        assert_eq!(to_pull("*  "), ["*", "repository:a:pull"]);
        // Whatever the kind of the resource: only what has no actions is kept as it is.
        for (challenge, asked) in [
            ("repository(plugin):b:push", "repository(plugin):b:pull"),
            ("registry:catalog:*", "registry:catalog:pull"),
            ("Repository:b:pull,delete", "Repository:b:pull"),
            ("any:host:5000/b:*", "any:host:5000/b:pull"),
            ("any:b:pull", "any:b:pull"),
        ] {
            let mut asked = [asked, "repository:a:pull"];
            asked.sort_unstable();
            assert_eq!(to_pull(challenge), asked);
        }
    }

    #[test]
    fn only_who_lists_repositories_asks_for_that() {
        let asked = ["registry:catalog:*"];
        assert_eq!(Scope::catalog().to_ask("registry:catalog:*"), asked);
        assert_eq!(Scope::catalog().to_ask(""), asked);
    }

    #[test]
    fn a_write_asks_for_push_and_a_mount_for_its_source() {
        assert_eq!(
            Scope::push("a", None).to_ask("repository:a:delete,push"),
            ["repository:a:pull,push"]
        );
        let mount = Scope::push("a", Some("b"));
        assert_eq!(mount.as_str(), "repository:a:pull,push repository:b:pull");
        assert_eq!(
            mount.to_ask("repository:b:*"),
            ["repository:a:pull,push", "repository:b:pull"]
        );
    }

    #[test]
    fn the_same_name_with_and_without_actions_stays_two_scopes() {
        assert_eq!(clean(["a:b", "a:b:c", "a:b"]), ["a:b", "a:b:c"]);
        assert_eq!(clean(["a:b:c", "a:b"]), ["a:b", "a:b:c"]);
    }
}
