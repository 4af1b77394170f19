//! Base64 in its two alphabets, by one instance of the code that reads and writes them: each
//! is 1.5 KB before compression.
//!
//! Source: RFC 4648, sections 4 and 5.

use base64ct::{Base64, Encoding as _};

/// Writes bytes in the standard alphabet, padded.
#[inline(never)]
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Reads the standard alphabet, padded; `None` where the text is anything else.
#[inline(never)]
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

/// Writes bytes in the alphabet for addresses, without padding.
#[must_use]
pub fn encode_for_url(bytes: &[u8]) -> String {
    let padded = encode(bytes).replace('+', "-").replace('/', "_");
    padded.trim_end_matches('=').to_owned()
}

/// Reads the alphabet for addresses, without padding; `None` where the text is anything else.
#[must_use]
pub fn decode_from_url(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    let mut padded = text.replace('-', "+").replace('_', "/");
    while !padded.len().is_multiple_of(4) {
        padded.push('=');
    }
    decode(&padded)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn bytes_are_written_as_the_other_crate_writes_them() {
        for length in 0..=u8::MAX {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37)).collect();
            assert_eq!(encode(&bytes), STANDARD.encode(&bytes));
            assert_eq!(encode_for_url(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(decode(&encode(&bytes)), Some(bytes.clone()));
            assert_eq!(decode_from_url(&encode_for_url(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn a_text_is_read_or_refused_as_by_the_other_crate() {
        let letters = ["", "A", "B", "/", "+", "-", "_", "=", "\n", "é", "Q"];
        for text in letters
            .map(|first| letters.map(|second| [first, second].concat()))
            .concat()
        {
            for rest in letters
                .map(|third| ["QUJD", &text, third].concat())
                .into_iter()
                .chain(letters.map(|third| [&text, third, third].concat()))
            {
                assert_eq!(decode(&rest), STANDARD.decode(&rest).ok(), "{rest:?}");
                assert_eq!(
                    decode_from_url(&rest),
                    URL_SAFE_NO_PAD.decode(&rest).ok(),
                    "{rest:?}"
                );
            }
        }
    }
}
