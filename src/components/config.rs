//! An image's config as a person reads it.

use waybill_core::config::{HealthCheck, ImageConfig};
use yew::{Html, html};

use super::digest::copy;
use super::text::{field, text, text_or_link, wide_field};

/// How the image runs.
pub fn fields(config: &ImageConfig, platform: Html) -> Html {
    let command = [config.entrypoint.clone(), config.command.clone()].concat();
    let line = command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let words = |list: &[String]| text(&list.join(", "));
    let or_none = |list: &[String], none: &'static str| {
        if list.is_empty() {
            html! { <span class="quiet">{ none }</span> }
        } else {
            words(list)
        }
    };
    html! {
        <>
            { field("Platform", platform) }
            { field("Created", config.created.as_deref().map_or_else(|| quiet("not stated"), |time| text(&readable_time(time)))) }
            { field("User", config.user.as_deref().map_or_else(|| html! { "root" }, text)) }
            { wide_field("Runs", if line.is_empty() { quiet("nothing: no entrypoint and no command") } else { html! { <span class="with-copy"><code>{ text(&line) }</code>{ copy(&line, "command") }</span> } }) }
            { field("Ports", or_none(&config.ports, "none")) }
            { field("Working directory", config.working_directory.as_deref().map_or_else(|| html! { <code>{ "/" }</code> }, |path| html! { <code>{ text(path) }</code> })) }
            { field("Stop signal", config.stop_signal.as_deref().map_or_else(|| quiet("SIGTERM, the default"), text)) }
            if !config.volumes.is_empty() { { field("Volumes", words(&config.volumes)) } }
            if let Some(author) = &config.author { { field("Author", text(author)) } }
            if let Some(check) = &config.health_check { { wide_field("Health check", health(check)) } }
            if !config.shell.is_empty() { { field("Shell", html! { <code>{ text(&config.shell.join(" ")) }</code> }) } }
            if !config.on_build.is_empty() { { wide_field("On build", lines(&config.on_build)) } }
            if !config.environment.is_empty() { { wide_field("Environment", lines(&config.environment)) } }
            if !config.labels.is_empty() { { wide_field("Labels", pairs(&config.labels)) } }
            { for config.unknown.iter().map(|(name, value)| html! {
                <div class="wide"><span class="label">{ text(name) }</span><code>{ text(value) }</code></div>
            }) }
        </>
    }
}

/// Names and values, values as links where they are addresses.
pub fn pairs(pairs: &[(String, String)]) -> Html {
    let rows = pairs.iter().map(|(name, value)| html! { <><dt>{ text(name) }</dt><dd>{ text_or_link(value) }</dd></> });
    html! { <dl>{ for rows }</dl> }
}

fn quiet(words: &'static str) -> Html {
    html! { <span class="quiet">{ words }</span> }
}

fn lines(list: &[String]) -> Html {
    html! { <ul class="lines">{ for list.iter().map(|line| html! { <li><code>{ text(line) }</code></li> }) }</ul> }
}

fn health(check: &HealthCheck) -> Html {
    let seconds = |name: &str, nanoseconds: Option<u64>| nanoseconds.map(|time| format!("{name} {}", duration(time)));
    let test = match check.test.split_first() {
        Some((kind, rest)) if kind == "CMD-SHELL" || kind == "CMD" => rest.join(" "),
        Some((kind, _)) if kind == "NONE" => "switched off".to_owned(),
        _ => check.test.join(" "),
    };
    let retries = check.retries.map(|retries| format!("{retries} retries"));
    let times = [
        seconds("every", check.interval),
        seconds("timeout", check.timeout),
        seconds("start period", check.start_period),
        retries,
    ];
    let times: Vec<String> = times.into_iter().flatten().collect();
    html! { <><code>{ text(&test) }</code>{ " " }<span class="quiet">{ times.join(", ") }</span></> }
}

/// Nanoseconds in the largest unit that leaves a whole number.
fn duration(nanoseconds: u64) -> String {
    let units = [(60_000_000_000, "min"), (1_000_000_000, "s"), (1_000_000, "ms")];
    let unit = units.into_iter().find(|(size, _)| nanoseconds.is_multiple_of(*size));
    unit.map_or_else(|| format!("{nanoseconds} ns"), |(size, name)| format!("{} {name}", nanoseconds / size))
}

/// `2026-11-04T09:12:33.1Z` as `2026-11-04 09:12:33 UTC`; anything else as it is.
fn readable_time(time: &str) -> String {
    match (time.get(..10), time.get(10..11), time.get(11..19)) {
        (Some(day), Some("T"), Some(clock)) if time.ends_with('Z') => format!("{day} {clock} UTC"),
        _ => time.to_owned(),
    }
}

/// A word as it has to be typed in a shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_times_are_written_for_people() {
        assert_eq!(quoted("/bin/sh"), "/bin/sh");
        assert_eq!(quoted("daemon off;"), "'daemon off;'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(readable_time("2026-11-04T09:12:33.123Z"), "2026-11-04 09:12:33 UTC");
        assert_eq!(duration(30_000_000_000), "30 s");
        assert_eq!(duration(120_000_000_000), "2 min");
        assert_eq!(duration(1), "1 ns");
        assert_eq!(readable_time("yesterday"), "yesterday");
        assert_eq!(readable_time("2026-11-04T09:12:33+02:00"), "2026-11-04T09:12:33+02:00");
    }
}
