//! Bytes as they are, line by line: digests are links, media types and sizes are explained, findings stand at their
//! line.

use waybill_core::digest::Digest;
use waybill_core::finding::{Finding, Severity};
use waybill_core::json::{Position, locate};
use waybill_core::media_type::MediaType;
use waybill_core::words::size;
use yew::{Html, html};

use super::text::text;

/// The most lines that are drawn.
const LINES: usize = 2_000;
/// The most characters of one line that are drawn.
const COLUMNS: usize = 20_000;

/// What a piece of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Key(&'a str),
    Text(&'a str),
    Digest(&'a str, Digest),
    MediaType(&'a str, &'static str),
    Size(&'a str, u64),
}

/// Draws `bytes`; `link` gives the address of the view of a digest, where there is one.
pub fn code(bytes: &[u8], found: &[Finding], link: &dyn Fn(&Digest) -> Option<String>) -> Html {
    let whole = String::from_utf8_lossy(bytes);
    let at_line = found.iter().filter_map(|finding| {
        let range = locate(bytes, &finding.pointer).filter(|_| !finding.pointer.is_empty())?;
        Some((Position::of(bytes, range.start).line, finding))
    });
    let at_line: Vec<(usize, &Finding)> = at_line.collect();
    let lines: Vec<&str> = whole.split('\n').collect();
    let rows = lines.iter().take(LINES).enumerate().map(|(index, line)| {
        let here = at_line.iter().filter(|(line, _)| *line == index + 1).map(|(_, finding)| *finding);
        row(index + 1, line, here.collect(), link)
    });
    html! {
        <>
            <pre class="code" tabindex="0" aria-label="Content with line numbers">{ for rows }</pre>
            if lines.len() > LINES {
                <p class="quiet">{ format!("{} more lines are not drawn; copy or download has all.", lines.len() - LINES) }</p>
            }
        </>
    }
}

fn row(number: usize, line: &str, found: Vec<&Finding>, link: &dyn Fn(&Digest) -> Option<String>) -> Html {
    let cut = line.char_indices().nth(COLUMNS).map(|(at, _)| at);
    let shown = &line[..cut.unwrap_or(line.len())];
    html! {
        <span class="line" id={format!("L{number}")}>
            <span class="number" aria-hidden="true">{ number }</span>
            <span class="source">
                { for pieces(shown).into_iter().map(|piece| draw(piece, link)) }
                if cut.is_some() { <i class="quiet">{ " … this line goes on; copy or download has all" }</i> }
                { "\n" }
            </span>
            { for found.into_iter().map(remark) }
        </span>
    }
}

fn remark(finding: &Finding) -> Html {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "remark bad",
        Severity::Warning => "remark warn",
        Severity::Note => "remark note",
    };
    html! { <span class={class}>{ format!("{}: {}: ", rule.severity.name(), rule.title) }{ text(&finding.message) }{ "\n" }</span> }
}

fn draw(piece: Piece<'_>, link: &dyn Fn(&Digest) -> Option<String>) -> Html {
    match piece {
        Piece::Plain(words) => html! { { words.to_owned() } },
        Piece::Key(words) => html! { <span class="key">{ text(words) }</span> },
        Piece::Text(words) => html! { <span class="string">{ text(words) }</span> },
        Piece::Digest(words, digest) => match link(&digest) {
            Some(href) => html! { <a {href}>{ words.to_owned() }</a> },
            None => html! { <span class="string">{ words.to_owned() }</span> },
        },
        Piece::MediaType(words, meaning) => {
            html! { <span class="string explained" title={meaning}>{ words.to_owned() }</span> }
        }
        Piece::Size(words, bytes) => html! { <span class="explained" title={size(bytes)}>{ words.to_owned() }</span> },
    }
}

/// Cuts a line at its strings and at the numbers behind `"size"`. A JSON string cannot go over a line's end, so each
/// line stands alone; what is not JSON comes out as plain text.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let mut last_key = "";
    while let Some(start) = rest.find('"') {
        let Some(length) = string_length(&rest[start..]) else { break };
        push_plain(&mut pieces, &rest[..start], last_key);
        let quoted = &rest[start..start + length];
        rest = &rest[start + length..];
        let inner = &quoted[1..length - 1];
        if rest.trim_start().starts_with(':') {
            last_key = inner;
            pieces.push(Piece::Key(quoted));
            continue;
        }
        last_key = "";
        pieces.push(match (inner.parse::<Digest>(), MediaType::new(inner).meaning()) {
            (Ok(digest), _) if digest.algorithm().is_some() => Piece::Digest(quoted, digest),
            (_, Some(meaning)) => Piece::MediaType(quoted, meaning),
            _ => Piece::Text(quoted),
        });
    }
    push_plain(&mut pieces, rest, last_key);
    pieces
}

/// What stands between strings; the number behind `"size":` is a size.
fn push_plain<'a>(pieces: &mut Vec<Piece<'a>>, words: &'a str, last_key: &str) {
    let start = words.find(|character: char| character.is_ascii_digit());
    if let (true, Some(start)) = (last_key.eq_ignore_ascii_case("size"), start) {
        let digits = words[start..].bytes().take_while(u8::is_ascii_digit).count();
        if let Ok(bytes) = words[start..start + digits].parse() {
            pieces.push(Piece::Plain(&words[..start]));
            pieces.push(Piece::Size(&words[start..start + digits], bytes));
            pieces.push(Piece::Plain(&words[start + digits..]));
            return;
        }
    }
    if !words.is_empty() {
        pieces.push(Piece::Plain(words));
    }
}

/// The length of the string that `text` begins with, its quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_what_it_means() {
        let digest = Digest::sha256(b"{}");
        let line = format!(
            r#"  "size": 1234, "digest":"{digest}","mediaType":"application/vnd.oci.image.config.v1+json", "a\"":"#
        );
        let cut = pieces(&line);
        assert!(cut.contains(&Piece::Key("\"size\"")) && cut.contains(&Piece::Size("1234", 1234)));
        assert!(cut.contains(&Piece::Digest(&format!("\"{digest}\""), digest.clone())));
        assert!(cut.contains(&Piece::MediaType("\"application/vnd.oci.image.config.v1+json\"", "OCI image config")));
        assert!(cut.contains(&Piece::Key(r#""a\"""#)));
    }

    #[test]
    fn what_is_not_json_comes_out_whole() {
        let whole = |line| -> String {
            let text = |piece| match piece {
                Piece::Plain(text)
                | Piece::Key(text)
                | Piece::Text(text)
                | Piece::Digest(text, _)
                | Piece::MediaType(text, _)
                | Piece::Size(text, _) => text,
            };
            pieces(line).into_iter().map(text).collect()
        };
        for line in ["", "<html \"a", "\"size\": \"7\" 8", "é\"ü\\", "{\"size\":99999999999999999999999}"] {
            assert_eq!(whole(line), line);
        }
    }
}
