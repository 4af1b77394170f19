//! The platform of the machine that the page is on, as far as the browser tells it.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Asks the browser for the platform of this machine, as containers see it: on a Mac and on Windows docker runs Linux.
/// `None` where the browser does not tell the processor.
pub async fn of_this_machine() -> Option<&'static str> {
    let navigator = web_sys::window()?.navigator();
    if let Some((architecture, bitness)) = hints(&navigator).await {
        return from_hints(&architecture, &bitness);
    }
    let told = navigator.platform().unwrap_or_default();
    from_texts(&told, &navigator.user_agent().unwrap_or_default())
}

/// Asks for the two hints that name the processor; `None` where the browser has no such hints.
async fn hints(navigator: &web_sys::Navigator) -> Option<(String, String)> {
    let data = Reflect::get(navigator, &"userAgentData".into()).ok()?;
    let ask = Reflect::get(&data, &"getHighEntropyValues".into()).ok()?;
    let names: Array = ["architecture", "bitness"]
        .map(JsValue::from)
        .into_iter()
        .collect();
    let promise = ask.dyn_ref::<Function>()?.call1(&data, &names).ok()?;
    let values = JsFuture::from(promise.dyn_into::<Promise>().ok()?)
        .await
        .ok()?;
    let value = |name: &str| Reflect::get(&values, &name.into()).ok()?.as_string();
    Some((value("architecture")?, value("bitness")?))
}

fn from_hints(architecture: &str, bitness: &str) -> Option<&'static str> {
    match (architecture, bitness) {
        ("x86", "64") => Some("linux/amd64"),
        ("x86", "32") => Some("linux/386"),
        ("arm", "64") => Some("linux/arm64"),
        // Which variant of 32 bit it is, the hints do not tell.
        _ => None,
    }
}

/// Reads `navigator.platform` and the user agent, of which browsers without hints freeze much: a Mac says Intel
/// whatever it is.
fn from_texts(platform: &str, user_agent: &str) -> Option<&'static str> {
    let said = |text: &str| platform.contains(text) || user_agent.contains(text);
    if said("Mac") || said("iPhone") || said("iPad") {
        None
    } else if said("aarch64") {
        Some("linux/arm64")
    } else if said("armv7l") {
        Some("linux/arm/v7")
    } else if said("armv6l") {
        Some("linux/arm/v6")
    } else if said("x86_64") || said("Win64; x64") {
        Some("linux/amd64")
    } else if said("ppc64le") {
        Some("linux/ppc64le")
    } else if said("s390x") {
        Some("linux/s390x")
    } else if said("riscv64") {
        Some("linux/riscv64")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_tell_the_processor_gives_nothing() {
        assert_eq!(from_hints("x86", "64"), Some("linux/amd64"));
        assert_eq!(from_hints("arm", "64"), Some("linux/arm64"));
        assert_eq!(from_hints("arm", "32"), None);
        assert_eq!(from_hints("", ""), None);
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(from_texts("Linux x86_64", firefox), Some("linux/amd64"));
        let mac =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(from_texts("MacIntel", mac), None);
        let windows =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(from_texts("Win32", windows), Some("linux/amd64"));
        assert_eq!(
            from_texts(
                "Linux aarch64",
                "Mozilla/5.0 (X11; Linux aarch64; rv:140.0)"
            ),
            Some("linux/arm64")
        );
        assert_eq!(from_texts("", ""), None);
    }
}
