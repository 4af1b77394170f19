//! An image's config as a person reads it.

use waybill_core::command_line::Line;
use waybill_core::config::{HealthCheck, ImageConfig};
use waybill_core::humanize::number;
use waybill_core::time::in_utc;

use super::commands::{command, note};
use super::element::{Element, el};
use super::text::{code, field, pair, quiet, text, text_or_link, wide_field, words};
use crate::limits::ITEMS_DRAWN;

/// Puts how the image runs into a box of fields; `platform` is the field of its platform.
pub fn fields(parent: Element, config: &ImageConfig, platform: Element) -> Element {
    // What is not readable has no default: clients refuse it, or read something else.
    let readable = |name: &str, drawn: Element| {
        if config.is_readable(name) {
            drawn
        } else {
            quiet("not readable")
        }
    };
    let words = [config.entrypoint.as_slice(), &config.command].concat();
    let runs = if !config.is_readable("/config/Entrypoint") || !config.is_readable("/config/Cmd") {
        quiet("not readable")
    } else if words.is_empty() {
        quiet("nothing: no entrypoint and no command")
    } else {
        let mut line = Line::default();
        for word in &words {
            line.word(word);
        }
        let line = line.finish();
        command(el("span").class("with-copy"), line.as_deref()).child(note(&line))
    };
    let created = match config.created.as_deref().and_then(in_utc) {
        Some(time) => text(&time),
        None => quiet("not stated"),
    };
    let windows = config.platform.os == "windows";
    let user = match &config.user {
        Some(user) => text(user),
        None if windows => quiet("the default"),
        None => el("span").child("root"),
    };
    let ports = match config.ports.as_slice() {
        [] => quiet("none"),
        ports => text(&ports.join(", ")),
    };
    let folder = match &config.working_directory {
        Some(path) => code(path),
        None => el("code").child("/"),
    };
    let signal = match &config.stop_signal {
        Some(signal) => text(signal),
        None if windows => quiet("the default"),
        None => quiet("SIGTERM, the default"),
    };
    // Of a list what can be read is drawn, and that there is more.
    let listed =
        |name: &str, field: &dyn Fn() -> Element, is_there: bool, drawn: &dyn Fn() -> Element| {
            let rest = (!config.is_readable(name)).then(|| quiet("not readable"));
            let drawn = is_there.then(drawn);
            (drawn.is_some() || rest.is_some()).then(|| field().child(drawn).child(rest))
        };
    parent
        .child(platform)
        .child(field("Created").child(readable("/created", created)))
        .child(field("User").child(readable("/config/User", user)))
        .child(wide_field("Runs").child(runs))
        .child(field("Ports").child(readable("/config/ExposedPorts", ports)))
        .child(field("Working directory").child(readable("/config/WorkingDir", folder)))
        .child(field("Stop signal").child(readable("/config/StopSignal", signal)))
        .child(listed(
            "/config/Volumes",
            &|| field("Volumes"),
            !config.volumes.is_empty(),
            &|| text(&config.volumes.join(", ")),
        ))
        .child(listed(
            "/author",
            &|| field("Author"),
            config.author.is_some(),
            &|| text(config.author.as_deref().unwrap_or_default()),
        ))
        .child(config.health_check.as_ref().map(health))
        .child(
            (!config.is_readable("/config/Healthcheck"))
                .then(|| field("Health check").child(quiet("not readable"))),
        )
        .child(listed(
            "/config/Shell",
            &|| field("Shell"),
            !config.shell.is_empty(),
            &|| code(&config.shell.join(" ")),
        ))
        .child(listed(
            "/config/OnBuild",
            &|| wide_field("On build"),
            !config.on_build.is_empty(),
            &|| lines(&config.on_build),
        ))
        .child(listed(
            "/config/Env",
            &|| wide_field("Environment"),
            !config.environment.is_empty(),
            &|| lines(&config.environment),
        ))
        .child(listed(
            "/config/Labels",
            &|| wide_field("Labels"),
            !config.labels.is_empty(),
            &|| pairs(&config.labels),
        ))
        .children(
            config
                .unknown
                .iter()
                .take(ITEMS_DRAWN)
                .map(|(name, value)| {
                    el("div")
                        .class("wide")
                        .child(el("span").class("label").child(text(name)))
                        .child(code(value))
                }),
        )
}

/// Draws names and values, values as links where they are addresses.
pub fn pairs(pairs: &[(String, String)]) -> Element {
    let drawn = pairs.iter().take(ITEMS_DRAWN);
    let list = drawn.fold(el("dl"), |list, (name, value)| {
        pair(list, text(name), text_or_link(value))
    });
    let Some(words) = more(pairs.len()) else {
        return list;
    };
    pair(list, "…", words)
}

fn lines(list: &[String]) -> Element {
    let list_of = el("ul").class("lines").children(
        list.iter()
            .take(ITEMS_DRAWN)
            .map(|line| el("li").child(code(line))),
    );
    list_of.children(more(list.len()).map(|words| el("li").child(words)))
}

/// Says how many of a list are not drawn.
#[must_use]
pub fn more(length: usize) -> Option<Element> {
    let rest = length.saturating_sub(ITEMS_DRAWN);
    (rest > 0).then(|| quiet(format_args!("and {} more, see JSON", number(rest as u64))))
}

fn health(check: &HealthCheck) -> Element {
    let seconds = |name: &str, nanoseconds: Option<u64>| {
        nanoseconds.map(|time| format!("{name} {}", duration(time)))
    };
    let test = match check.test.split_first() {
        Some((kind, rest)) if kind == "CMD-SHELL" || kind == "CMD" => code(&rest.join(" ")),
        Some((kind, _)) if kind == "NONE" => el("code").child(words("switched off")),
        _ => code(&check.test.join(" ")),
    };
    let times = [
        seconds("every", check.interval),
        seconds("timeout", check.timeout),
        seconds("start period", check.start_period),
        check.retries.map(|retries| format!("{retries} retries")),
    ];
    let times: Vec<String> = times.into_iter().flatten().collect();
    wide_field("Health check")
        .child(test)
        .child(" ")
        .child(quiet(times.join(", ")))
}

/// Writes nanoseconds in the largest unit that leaves a whole number.
fn duration(nanoseconds: u64) -> String {
    let units = [
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
    ];
    let unit = units
        .into_iter()
        .find(|(size, _)| nanoseconds.is_multiple_of(*size));
    unit.map_or_else(
        || format!("{nanoseconds} ns"),
        |(size, name)| format!("{} {name}", nanoseconds / size),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        assert_eq!(duration(30_000_000_000), "30 s");
        assert_eq!(duration(120_000_000_000), "2 min");
        assert_eq!(duration(1), "1 ns");
    }
}
