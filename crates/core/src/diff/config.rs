//! The configs of two images beside each other.

use std::fmt::Write as _;

use super::align::align;
use super::{Change, Gathering, Kind, Section, array};
use crate::annotation::Annotations;
use crate::config::{HealthCheck, HistoryStep, ImageConfig};

/// What differs in two configs, kind by kind.
pub(super) fn compare(left: &ImageConfig, right: &ImageConfig, sections: &mut Vec<Section>) {
    settings(left, right).finish(sections);
    variables(&left.environment, &right.environment).finish(sections);
    let mut labels = Gathering::of(Kind::Label);
    labels.put_maps(&left.labels, &right.labels);
    labels.finish(sections);
    steps(&left.history, &right.history).finish(sections);
}

fn settings(left: &ImageConfig, right: &ImageConfig) -> Gathering {
    let mut found = Gathering::of(Kind::Setting);
    let platform = |config: &ImageConfig| config.platform().map(ToString::to_string);
    found.put("platform", platform(left), platform(right));
    let mut put = |name, of: fn(&ImageConfig) -> Option<String>| {
        found.put(name, of(left), of(right));
    };
    put("created", |config| config.created.clone());
    put("author", |config| config.author.clone());
    put("entrypoint", |config| array(&config.entrypoint));
    put("command", |config| array(&config.command));
    put("user", |config| config.user.clone());
    put("working directory", |config| {
        config.working_directory.clone()
    });
    put("ports", |config| sorted(&config.ports));
    put("volumes", |config| sorted(&config.volumes));
    put("stop signal", |config| config.stop_signal.clone());
    put("health check", |config| {
        config.health_check.as_ref().map(health_check)
    });
    put("shell", |config| array(&config.shell));
    put("on build", |config| array(&config.on_build));
    let unknown = |config: &ImageConfig| Annotations::from(config.unknown.clone());
    found.put_maps(&unknown(left), &unknown(right));
    found
}

/// What is a set in a config: its order means nothing.
fn sorted(texts: &[String]) -> Option<String> {
    let mut texts = texts.to_vec();
    texts.sort();
    array(&texts)
}

fn health_check(check: &HealthCheck) -> String {
    let mut text = array(&check.test).unwrap_or_else(|| "[]".to_owned());
    let seconds = |nanoseconds: u64| {
        let (whole, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let rest = format!("{rest:09}");
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        format!("{whole}{point}{rest} s")
    };
    let durations = [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start period", check.start_period),
    ];
    for (name, duration) in durations {
        if let Some(duration) = duration {
            // Writing to a text does not fail.
            let _ = write!(text, ", {name} {}", seconds(duration));
        }
    }
    if let Some(retries) = check.retries {
        let _ = write!(text, ", retries {retries}");
    }
    text
}

/// Compares by name; `PATH=a` and `PATH=b` are one variable. Of a name that stands twice the
/// last counts, as it does for a container.
fn variables(left: &[String], right: &[String]) -> Gathering {
    let mut found = Gathering::of(Kind::Variable);
    let (left, right) = (by_name(left), by_name(right));
    found.put_maps(&left, &right);
    let order = |of: &Annotations, other: &Annotations| {
        let names = of.iter().map(|(name, _)| name.clone());
        names
            .filter(|name| other.get(name).is_some())
            .collect::<Vec<_>>()
    };
    let (one, other) = (order(&left, &right), order(&right, &left));
    if one != other {
        found.0.changes.push(Change {
            name: "their order".to_owned(),
            left: array(&one),
            right: array(&other),
        });
    }
    found
}

fn by_name(variables: &[String]) -> Annotations {
    let mut named: Vec<(String, String)> = Vec::with_capacity(variables.len());
    for variable in variables {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        named.retain(|(known, _)| known != name);
        named.push((name.to_owned(), value.to_owned()));
    }
    named.into()
}

/// Compares histories: steps with one text are the same one, in their order. When they ran is
/// not compared: it differs with each build.
fn steps(left: &[HistoryStep], right: &[HistoryStep]) -> Gathering {
    let mut found = Gathering::of(Kind::Step);
    let texts = |steps: &[HistoryStep]| -> Vec<String> {
        steps.iter().map(HistoryStep::instruction).collect()
    };
    let (left, right) = (texts(left), texts(right));
    let keys = |texts: &[String]| -> Vec<Vec<String>> {
        texts.iter().map(|text| vec![text.clone()]).collect()
    };
    for pair in align(&keys(&left), &keys(&right)) {
        let (name, one, other) = match pair {
            (Some(_), Some(_)) => {
                found.0.equal += 1;
                continue;
            }
            (one, other) => {
                let step = one.or(other).unwrap_or_default() + 1;
                let text = |texts: &[String], place: Option<usize>| {
                    place.map(|place| texts[place].clone())
                };
                (
                    format!("step {step}"),
                    text(&left, one),
                    text(&right, other),
                )
            }
        };
        found.0.changes.push(Change {
            name,
            left: one,
            right: other,
        });
    }
    found
}
