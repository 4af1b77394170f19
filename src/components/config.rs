//! An image's config as a person reads it.

use waybill_core::command_line::Line;
use waybill_core::config::{HealthCheck, ImageConfig};
use waybill_core::humanize::number;

use super::commands::{command, note};
use super::element::{Element, el};
use super::text::{code, field, pair, quiet, text, text_or_link, wide_field};
use crate::limits::ITEMS_DRAWN;

/// Puts how the image runs into a box of fields; `platform` is the field of its platform.
pub fn fields(parent: Element, config: &ImageConfig, platform: Element) -> Element {
    let words = [config.entrypoint.as_slice(), &config.command].concat();
    let runs = if words.is_empty() {
        quiet("nothing: no entrypoint and no command")
    } else {
        let mut line = Line::default();
        for word in &words {
            line.word(word);
        }
        let line = line.finish();
        command(el("span").class("with-copy"), line.as_deref()).child(note(&line))
    };
    let created = match &config.created {
        Some(time) => text(&readable_time(time)),
        None => quiet("not stated"),
    };
    let windows = config.platform.os == "windows";
    let user = match &config.user {
        Some(user) => field("User").child(text(user)),
        None if windows => field("User").child(quiet("the default")),
        None => field("User").child("root"),
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
    let listed = |list: &[String], draw: &dyn Fn() -> Element| (!list.is_empty()).then(draw);
    parent
        .child(platform)
        .child(field("Created").child(created))
        .child(user)
        .child(wide_field("Runs").child(runs))
        .child(field("Ports").child(ports))
        .child(field("Working directory").child(folder))
        .child(field("Stop signal").child(signal))
        .child(listed(&config.volumes, &|| {
            field("Volumes").child(text(&config.volumes.join(", ")))
        }))
        .child(
            config
                .author
                .as_ref()
                .map(|author| field("Author").child(text(author))),
        )
        .child(config.health_check.as_ref().map(health))
        .child(listed(&config.shell, &|| {
            field("Shell").child(code(&config.shell.join(" ")))
        }))
        .child(listed(&config.on_build, &|| {
            wide_field("On build").child(lines(&config.on_build))
        }))
        .child(listed(&config.environment, &|| {
            wide_field("Environment").child(lines(&config.environment))
        }))
        .child(
            (!config.labels.is_empty()).then(|| wide_field("Labels").child(pairs(&config.labels))),
        )
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
        Some((kind, rest)) if kind == "CMD-SHELL" || kind == "CMD" => rest.join(" "),
        Some((kind, _)) if kind == "NONE" => "switched off".to_owned(),
        _ => check.test.join(" "),
    };
    let times = [
        seconds("every", check.interval),
        seconds("timeout", check.timeout),
        seconds("start period", check.start_period),
        check.retries.map(|retries| format!("{retries} retries")),
    ];
    let times: Vec<String> = times.into_iter().flatten().collect();
    wide_field("Health check")
        .child(code(&test))
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

/// `2026-11-04T09:12:33.1Z` as `2026-11-04 09:12:33 UTC`; anything else as it is.
fn readable_time(time: &str) -> String {
    match (time.get(..10), time.get(10..11), time.get(11..19)) {
        (Some(day), Some("T"), Some(clock)) if time.ends_with('Z') => format!("{day} {clock} UTC"),
        _ => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        assert_eq!(
            readable_time("2026-11-04T09:12:33.123Z"),
            "2026-11-04 09:12:33 UTC"
        );
        assert_eq!(duration(30_000_000_000), "30 s");
        assert_eq!(duration(120_000_000_000), "2 min");
        assert_eq!(duration(1), "1 ns");
        assert_eq!(readable_time("yesterday"), "yesterday");
        assert_eq!(
            readable_time("2026-11-04T09:12:33+02:00"),
            "2026-11-04T09:12:33+02:00"
        );
    }
}
