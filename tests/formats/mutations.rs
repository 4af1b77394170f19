//! Bytes that no tool wrote: broken fixtures and noise. Nothing panics, nothing is refused that is a JSON object, and
//! every finding has a place.

use waybill_core::finding::Severity;
use waybill_core::json::Reason;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_testkit::fixtures;
use waybill_testkit::properties::check;

use super::told;

/// The same numbers in every run (xorshift, Marsaglia 2003), so that a failure can be seen again.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).expect("64 bits") % end.max(1)
    }

    pub(super) fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    fn range(&mut self, end: usize) -> std::ops::Range<usize> {
        let (one, two) = (self.below(end + 1), self.below(end + 1));
        one.min(two)..one.max(two)
    }
}

const NUMBERS: &[&str] = &[
    "-1",
    "0",
    "1.5",
    "-0",
    "1e3",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
];
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "\"\"",
    "\u{202e}",
    "\\ud800",
    "\\u0000",
    "\\u00",
    "\\q",
    "\u{1}",
    "01",
    "-",
    ".5",
    "E+",
    "é",
    "\u{feff}",
    "\n",
    "\"schemaVersion\":2,",
    "\"schemaVersion\":1,",
    "\"signatures\":[],",
    "\"layers\":[{}],",
    "\"MANIFESTS\":[7],",
];

/// Where a number stands: a run of digits and its sign.
fn numbers(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
            .count();
        if length > 0 {
            found.push(at..at + length);
        }
        at += length + 1;
    }
    found
}

pub(super) fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(6) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        2 => {
            let copied = bytes[random.range(bytes.len())].to_vec();
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, copied);
        }
        3 => drop(bytes.drain(random.range(bytes.len()))),
        4 => {
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, random.of(PIECES).bytes());
        }
        _ => {
            let numbers = numbers(bytes);
            if !numbers.is_empty() {
                let number = numbers[random.below(numbers.len())].clone();
                bytes.splice(number, random.of(NUMBERS).bytes());
            }
        }
    }
}

#[test]
fn broken_fixtures_are_read_or_refused_without_a_panic() {
    const ROUNDS: usize = 60;
    let (mut objects, mut clean, mut refused) = (0, 0, 0);
    for fixture in fixtures::all() {
        let told = told(&fixture.media_type);
        for round in 0..ROUNDS {
            let mut random =
                Random(0x9e37_79b9_7f4a_7c15 ^ (round as u64 + 1) << 20 ^ fixture.size as u64);
            let mut bytes = fixture.bytes.clone();
            for _ in 0..=random.below(3) {
                mutate(&mut bytes, &mut random);
            }
            let read = std::panic::catch_unwind(|| check(&bytes, &told));
            match read.unwrap_or_else(|_| {
                panic!("{}, round {round}: {}", fixture.name, bytes.escape_ascii())
            }) {
                Ok((_, findings)) => {
                    objects += 1;
                    clean += usize::from(findings.is_empty());
                }
                Err(_) => refused += 1,
            }
        }
    }
    // The numbers only show that every case was met often enough.
    assert!(
        objects > 200 && clean > 20 && refused > 200,
        "{objects} objects, {clean} clean, {refused} refused"
    );
}

#[test]
fn noise_is_read_or_refused_without_a_panic() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut objects = 0;
    for _ in 0..3_000 {
        let length = random.below(80);
        let bytes: Vec<u8> = (0..length)
            .map(|_| u8::try_from(random.below(256)).expect("a byte"))
            .collect();
        let _ = check(&bytes, &DeclaredTypes::none());
        let mut pieces = String::from("{");
        for _ in 0..random.below(12) {
            let piece = if random.below(3) == 0 {
                random.of(NUMBERS)
            } else {
                random.of(PIECES)
            };
            pieces.push_str(piece);
        }
        objects += usize::from(check(pieces.as_bytes(), &DeclaredTypes::none()).is_ok());
    }
    assert!(objects > 3, "only {objects} objects");
}

#[test]
fn depth_has_a_limit_and_breadth_has_none() {
    for (deep, times) in [
        ("[", 1_000_000),
        ("{\"a\":", 50_000),
        ("{\"layers\":[", 50_000),
    ] {
        let error = Manifest::read(deep.repeat(times).as_bytes(), &DeclaredTypes::none())
            .expect_err("too deep");
        assert_eq!(error.reason, Reason::Depth);
    }
    for (deepest, wanted) in [(127, true), (128, true), (129, false)] {
        let (open, close) = ("[".repeat(deepest - 1), "]".repeat(deepest - 1));
        let json = format!(r#"{{"schemaVersion":2,"layers":[],"x":{open}{close}}}"#);
        assert_eq!(
            check(json.as_bytes(), &DeclaredTypes::none()).is_ok(),
            wanted,
            "{deepest}"
        );
    }
    let many = |count: usize, member: &dyn Fn(usize) -> String| -> Vec<String> {
        let members: Vec<_> = (0..count).map(member).collect();
        let json = format!(r#"{{"schemaVersion":2,"layers":[],{}}}"#, members.join(","));
        let (_, findings) =
            Manifest::read(json.as_bytes(), &DeclaredTypes::none()).expect("an object");
        let errors = findings
            .into_iter()
            .filter(|finding| finding.severity() == Severity::Error);
        errors.map(|finding| finding.message).collect()
    };
    assert_eq!(
        many(100_000, &|_| r#""config":1"#.to_owned()),
        [
            "\"config\" stands here 100000 times",
            "a number, a descriptor is an object"
        ]
    );
    let pairs = many(2_000, &|number| format!(r#""A{number}":1,"a{number}":1"#));
    // The config is missing too.
    assert_eq!(pairs.len(), 102);
    assert_eq!(pairs[99], "\"a99\" differs only in case from \"A99\"");
    assert_eq!(pairs[101], "1,900 more of these are not listed");
}

#[test]
fn sizes_are_whole_numbers_up_to_the_largest_that_every_client_reads() {
    for (number, size) in [
        ("0", Some(0)),
        ("9223372036854775807", Some(9_223_372_036_854_775_807)),
        ("9223372036854775808", None),
        ("18446744073709551616", None),
        ("-1", None),
        ("-0", None),
        ("1.0", None),
        ("1e3", None),
    ] {
        let json = format!(
            r#"{{"schemaVersion":2,"layers":[{{"size":{number}}},{{"size":9223372036854775807}}]}}"#
        );
        let (manifest, findings) =
            check(json.as_bytes(), &DeclaredTypes::none()).expect("an object");
        let image = manifest.image().expect("an image");
        assert_eq!(image.layers[0].size, size, "{number}");
        let found = findings.iter().any(|finding| {
            (finding.code.rule().name, finding.pointer.as_str())
                == ("size-invalid", "/layers/0/size")
        });
        assert_eq!(found, size.is_none(), "{number}");
    }
}
