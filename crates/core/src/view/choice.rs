//! What each client takes of a list, in words; clients that agree share a sentence.

use crate::descriptor::Descriptor;
use crate::humanize::number;
use crate::manifest::choice::{Choice, Client, Reason, choose};
use crate::manifest::{Format, List};
use crate::platform::Platform;

/// What some clients take of a list for a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceWords {
    /// The place of the entry that they take; `None` where they take none.
    pub entry: Option<usize>,
    /// Their names: `docker and containerd`.
    pub clients: String,
    /// What they take, as a sentence: `docker and containerd take entry 3, linux/arm/v6: the
    /// nearest that the machine runs.`
    pub sentence: String,
}

/// Tells what each client takes of a list for a machine of that platform, docker's first.
#[must_use]
pub fn choices(format: Format, list: &List, machine: &Platform) -> Vec<ChoiceWords> {
    let mut groups: Vec<(Choice, Vec<Client>)> = Vec::new();
    for client in Client::ALL {
        let choice = choose(client, format, list, machine);
        match groups.iter_mut().find(|(known, _)| {
            // Below a list they part.
            *known == choice && !(client == Client::Podman && is_list(list, choice))
        }) {
            Some((_, clients)) => clients.push(client),
            None => groups.push((choice, vec![client])),
        }
    }
    let words = |(choice, clients): (Choice, Vec<Client>)| {
        let names: Vec<_> = clients.iter().map(|client| client.name()).collect();
        let clients = match &names[..] {
            [] => String::new(),
            [name] => (*name).to_owned(),
            [names @ .., last] => [&names.join(", "), " and ", last].concat(),
        };
        let sentence = sentence(&clients, names.len() > 1, list, choice);
        ChoiceWords {
            entry: choice.entry,
            clients,
            sentence,
        }
    };
    groups.into_iter().map(words).collect()
}

fn entry(list: &List, choice: Choice) -> Option<(usize, &Descriptor)> {
    let place = choice.entry?;
    Some((place, list.entries.get(place)?))
}

fn is_list(list: &List, choice: Choice) -> bool {
    let media_type = |(_, entry): (usize, &Descriptor)| entry.media_type.clone();
    entry(list, choice)
        .and_then(media_type)
        .is_some_and(|it| it.is_list())
}

fn sentence(clients: &str, are_several: bool, list: &List, choice: Choice) -> String {
    let s = if are_several { "" } else { "s" };
    let Some((place, entry)) = entry(list, choice) else {
        return [clients, " take", s, " none: no entry is for it."].concat();
    };
    let why = match choice.reason {
        Reason::Only | Reason::Nothing => "the only one for it",
        Reason::First => "the first of those for it",
        Reason::Zstd => "of those for it the first with layers of zstd",
        Reason::Features => "of those for it the one that uses most of its features",
        Reason::SameBuild => "the first of its own build",
        Reason::Newest => "the highest version that it runs",
        Reason::Older => "none is for it, and this is the nearest that it runs",
        Reason::NoPlatform => "it names no platform, and no other fits",
    };
    let platform = entry.platform.as_ref().map(ToString::to_string);
    let platform = platform.map(|it| [", ", &it].concat()).unwrap_or_default();
    let inside = if is_list(list, choice) {
        if clients == Client::Podman.name() {
            " It is a list, and podman does not look inside."
        } else {
            " It is a list: they choose again inside."
        }
    } else if entry.artifact_type.is_some() {
        " It is an artifact, no image."
    } else {
        ""
    };
    let place = number(place as u64 + 1);
    [
        clients, " take", s, " entry ", &place, &platform, ": ", why, ".", inside,
    ]
    .concat()
}
