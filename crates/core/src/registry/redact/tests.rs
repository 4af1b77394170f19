use ::base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine as _,
};

use super::*;

fn hidden(secret: &str, text: &str) -> String {
    Secrets::new(&[secret]).hide(text)
}

/// What each of several writers makes of a text.
fn spellings(text: &str) -> Vec<String> {
    let bytes = |one: fn(u8) -> String| text.bytes().map(one).collect::<String>();
    let units = |one: &dyn Fn(u16) -> String| text.encode_utf16().map(one).collect::<String>();
    let characters = |one: fn(char) -> String| text.chars().map(one).collect::<String>();
    let html = |apostrophe: &str| {
        let named = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        named.replace('\'', apostrophe)
    };
    let json = crate::json::Value::String(text.to_owned().into()).to_text();
    let query = text.bytes().map(|byte| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    vec![
        text.to_owned(),
        json.trim_matches('"').to_owned(),
        json.trim_matches('"').replace('/', "\\/"),
        units(&|unit| format!("\\u{unit:04x}")),
        units(&|unit| format!("\\u{unit:04X}")),
        bytes(|byte| format!("\\x{byte:02x}")),
        bytes(|byte| format!("%{byte:02x}")),
        bytes(|byte| format!("%{byte:02X}")),
        query.collect(),
        html("&#39;"),
        html("&#039;"),
        html("&#x27;"),
        html("&apos;"),
        characters(|c| format!("&#{};", u32::from(c))),
        characters(|c| format!("&#X{:X};", u32::from(c))),
        bytes(|byte| format!("{byte:02x}")),
        bytes(|byte| format!("{byte:02X}")),
        BASE64_STANDARD.encode(text),
        BASE64_URL_SAFE.encode(text),
        BASE64_STANDARD_NO_PAD.encode(text),
    ]
}

const SECRETS: [&str; 5] = [
    "s3cr\"et/pa\\ss'w<o>r&d+%41",
    "caf\u{e9} \u{1f511} key",
    "abcd",
    "~~~???>>>",
    "dXNlcjpzM2NyZXQ=",
];

#[test]
fn a_secret_is_found_in_every_spelling() {
    for secret in SECRETS {
        for spelled in spellings(secret) {
            let told = hidden(secret, &format!("before: {spelled} :behind"));
            let rest = told.replace('=', "");
            assert_eq!(rest, "before: <redacted> :behind", "{secret} as {spelled}");
        }
    }
}

#[test]
fn a_spelling_may_be_spelled_again_and_mixed() {
    for secret in SECRETS {
        for spelled in spellings(secret)
            .iter()
            .flat_map(|spelled| spellings(spelled))
        {
            let told = hidden(secret, &spelled);
            let escaped = spellings(secret);
            let escaped = Secrets::new(&escaped.iter().map(String::as_str).collect::<Vec<_>>());
            // Of base64 in base64 a character at either end may stay, of which no bit is the secret's.
            assert!(
                told.contains(BLANK) || escaped.hide(&spelled).contains(BLANK),
                "{secret}: {spelled}: {told}"
            );
        }
    }
    assert_eq!(
        hidden("a\"b/c d", r"x\u0061%22b\/c&#32;d x"),
        "x<redacted> x"
    );
    assert_eq!(
        hidden("it's", "it&amp;#39;s it%26%2339%3Bs it%2527s it\\\\u0027s"),
        [BLANK; 4].join(" ")
    );
}

#[test]
fn a_secret_is_found_inside_of_longer_base64() {
    let secret = "s3cret-password";
    for user in ["", "u", "us", "use", "a longer name"] {
        for behind in ["", "\n", "ab", "abc"] {
            let text = format!("{user}:{secret}{behind}");
            for encoded in [
                BASE64_STANDARD.encode(&text),
                BASE64_URL_SAFE_NO_PAD.encode(&text),
            ] {
                let told = hidden(secret, &format!("Basic {encoded}."));
                assert!(told.contains(BLANK), "{text}: {told}");
                // What is left decodes to nothing of it.
                let left: usize = told.replace(BLANK, "").len();
                assert!(
                    left <= "Basic .".len() + (user.len() + behind.len() + 3) * 4 / 3 + 3,
                    "{text}: {told}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "",
        "nothing here \\u00zz %zz %4 &#; &bogus; \\",
        "caf\u{e9} \u{1f511}",
        "s3cret-passwor",
        "%",
    ] {
        assert_eq!(hidden("s3cret-password", text), text);
    }
    assert_eq!(hidden("", "a"), "a");
    assert_eq!(Secrets::new(&["", ""]).hide("abc"), "abc");
}

#[test]
fn a_short_secret_is_blanked_only_as_a_word() {
    assert_eq!(
        hidden("ab", "ab tab abc \"ab\" %61b YWI= 6162"),
        "<redacted> tab abc \"<redacted>\" <redacted> YWI= 6162"
    );
    assert_eq!(hidden("a", "a bad answer"), "<redacted> bad answer");
    assert_eq!(hidden("é", "café é"), "café <redacted>");
}

#[test]
fn a_text_made_to_be_slow_is_blanked_and_not_searched_for_long() {
    let secret = "a".repeat(20_000);
    let text = ["a".repeat(19_999), "b".to_owned()].concat().repeat(50);
    let told = hidden(&secret, &text);
    assert!(
        told.ends_with(BLANK) && told.len() < text.len(),
        "{} bytes",
        told.len()
    );
    for text in ["\\", "%", "%25", "&amp;", "&", "\\u005c"] {
        hidden("s3cret-password", &text.repeat(20_000));
    }
}
