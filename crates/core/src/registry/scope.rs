//! Token scopes: `type:name:actions`.

/// The scope that reading a repository needs.
#[must_use]
pub fn pull(repository: &str) -> String {
    ["repository:", repository, ":pull"].concat()
}

/// Scopes in one order, each resource once, its actions sorted and each once; `*` stands for all actions.
///
/// A resource without actions asks for nothing and is left out. What is not of the form `type:name:actions` is kept
/// as it is. The name may hold a port, so the type ends at the first colon and the actions begin behind the last.
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
        let (resource, actions) = match (scope.find(':'), scope.rfind(':')) {
            (Some(first), Some(last)) if first < last => (&scope[..last], Some(&scope[last + 1..])),
            _ => (scope, None),
        };
        let actions = actions.map(|actions| actions.split(',').filter(|action| !action.is_empty()).collect());
        let same = resources.iter_mut().find(|(known, had)| *known == resource && had.is_some() == actions.is_some());
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
            Some(actions) if actions.contains(&"*") => insert(&mut cleaned, [resource, ":*"].concat()),
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

/// Puts a text in its place, once. These lists are short, and a whole sort weighs more than the rest of this file.
fn insert(sorted: &mut Vec<String>, text: String) {
    if let Err(place) = sorted.binary_search(&text) {
        sorted.insert(place, text);
    }
}

/// What to ask a token for when only reading: the repository's own scope and those of the challenge (separated by
/// spaces), of which only `pull` is kept, so that no token can do more than this client does.
#[must_use]
pub fn to_pull(repository: &str, challenge: &str) -> Vec<String> {
    let narrowed = |scope: &str| match scope.rsplit_once(':') {
        Some((resource, _)) if resource.starts_with("repository:") => [resource, ":pull"].concat(),
        _ => scope.to_owned(),
    };
    let mut scopes: Vec<String> = challenge.split(' ').map(narrowed).collect();
    scopes.push(pull(repository));
    clean(scopes.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_asks_for_no_more_than_pull() {
        assert_eq!(to_pull("a", ""), ["repository:a:pull"]);
        assert_eq!(to_pull("a", "repository:a:pull,push repository:b:*"), ["repository:a:pull", "repository:b:pull"]);
        assert_eq!(to_pull("a", "aws"), ["aws", "repository:a:pull"]);
        assert_eq!(to_pull("a", "*  "), ["*", "repository:a:pull"]);
    }

    #[test]
    fn the_same_name_with_and_without_actions_stays_two_scopes() {
        assert_eq!(clean(["a:b", "a:b:c", "a:b"]), ["a:b", "a:b:c"]);
        assert_eq!(clean(["a:b:c", "a:b"]), ["a:b", "a:b:c"]);
    }
}
