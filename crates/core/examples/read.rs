//! Reads manifests without a page: one JSON object a file, on one line. `--help` says how.

#![allow(clippy::expect_used, reason = "each says why it holds")]

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::finding::{Finding, Severity};
use waybill_core::json::Position;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::{Opinion, Source};
use waybill_core::media_type::MediaType;
use waybill_core::verify::{Expected, Unchecked, Verdict, explain};
use waybill_core::workflow::fetch::{Fetch, Generation, Received};
use waybill_core::workflow::inspect::{
    self, ContentKey, Effect, InspectTarget, Model, Msg, update,
};
use waybill_testkit::signature;

const HELP: &str = "\
Says what manifests are and what is wrong with them: one JSON object a file, on one line.

usage: cargo run -p waybill-core --example read -- FILE... [--expect DIGEST] [--content-type TYPE]

  FILE                 a file with one manifest; - is standard input
  --expect DIGEST      compare each file with this digest: sha256, sha384 or sha512, also inside a reference
  --content-type TYPE  what a registry called it: compared with the content
  --help               print this

members of each object:
  file         as it was given
  format       such as \"OCI image index\"; what else it is, such as \"image config\" or \"archive\"; null where the
               file is not readable
  evidence     who says what of the format, and whether it agrees with what was decided
  mediaType    the format's media type, or the one that an unknown manifest gives itself
  digest       sha256, or in the algorithm of --expect; of signed schema 1, of its payload; null where it cannot be told
  size         how many bytes the digest covers
  verdict      verified, mismatch or not checked; verified only where the digest holds and no finding is an error
  cause        why the digest differs, where that was found out: a name that stays, such as final-newline-removed
  findings     each with code, severity (error, warning, note), pointer, line, column and message, the worst first
  reason       the same in words, or why it was not checked
  error        only where the file is not readable: why

exit status: 0 nothing above a note was found, and --expect, where it was given, holds
             1 findings above a note, neither a manifest nor an image config, or --expect does not hold or could not be compared
             2 a file is not readable or not a JSON object, or wrong usage
";

/// What was asked for.
#[derive(Default)]
struct Asked {
    files: Vec<OsString>,
    expect: Option<Expected>,
    content_type: Option<MediaType>,
    help: bool,
}

/// One line of the output.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    file: String,
    format: Option<String>,
    evidence: Vec<Evidence>,
    media_type: Option<String>,
    digest: Option<String>,
    size: Option<usize>,
    verdict: &'static str,
    cause: Option<String>,
    findings: Vec<Found>,
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Evidence {
    source: &'static str,
    says: String,
    agrees: bool,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    severity: &'static str,
    pointer: String,
    line: usize,
    column: usize,
    message: String,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args_os().skip(1)) {
        Ok(asked) if asked.help => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(asked) => asked,
        Err(wrong) => {
            eprint!("read: {wrong}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let mut worst = 0;
    for file in &asked.files {
        let (line, status) = match bytes_of(file) {
            Ok(bytes) => examine(bytes, &asked),
            Err(error) => (
                Line {
                    verdict: "not checked",
                    error: Some(error.to_string()),
                    ..Line::default()
                },
                2,
            ),
        };
        worst = worst.max(status);
        let line = serde_json::to_string(&Line {
            file: file.to_string_lossy().into_owned(),
            ..line
        });
        let line = line.expect("names are texts");
        // Who reads the lines may have read enough.
        if writeln!(io::stdout(), "{line}").is_err() {
            break;
        }
    }
    ExitCode::from(worst)
}

fn asked(mut arguments: impl Iterator<Item = OsString>) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut only_files = false;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        if only_files || text == "-" || !text.starts_with('-') {
            asked.files.push(argument);
            continue;
        }
        let (flag, value) = text
            .split_once('=')
            .map_or((&*text, None), |(flag, value)| {
                (flag, Some(value.to_owned()))
            });
        let next = || {
            arguments
                .next()
                .map(|value| value.to_string_lossy().into_owned())
        };
        let value = || {
            value
                .or_else(next)
                .ok_or_else(|| format!("{flag} needs a value"))
        };
        match flag {
            "--expect" => {
                let text = value()?;
                asked.expect = Some(
                    Expected::read(&text).map_err(|error| format!("--expect {text}: {error}"))?,
                );
            }
            "--content-type" => asked.content_type = Some(MediaType::from_content_type(&value()?)),
            "--" => only_files = true,
            "--help" | "-h" => asked.help = true,
            _ => return Err(format!("no flag is called {flag}")),
        }
    }
    if asked.files.is_empty() && !asked.help {
        return Err("no file was given".to_owned());
    }
    Ok(asked)
}

fn bytes_of(file: &OsStr) -> io::Result<Vec<u8>> {
    if file != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is known of the bytes, and the exit status that it asks for. The way is Inspect's own, so that both say the
/// same.
fn examine(bytes: Vec<u8>, asked: &Asked) -> (Line, u8) {
    let expected = asked
        .expect
        .as_ref()
        .map(|expected| expected.digest.clone());
    let algorithm = expected
        .as_ref()
        .and_then(Digest::algorithm)
        .unwrap_or(Algorithm::Sha256);
    let (mut model, _) = Model::open(
        InspectTarget::Bundle {
            name: "the file".to_owned(),
            expected,
        },
        Vec::new(),
        Generation(1),
    );
    let arrival = Received {
        content_type: asked.content_type.clone(),
        ..Received::local(bytes.into())
    };
    for effect in update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: Ok(arrival),
        },
    ) {
        let told = match effect {
            Effect::CheckSignatures { key, signed } => Some(Msg::SignaturesChecked {
                results: signature::check_all(&signed),
                key,
                signed,
            }),
            // What is no manifest is named for what it is, and a config's findings are its own.
            Effect::Explain {
                key,
                bytes,
                expected: None,
            } => inspect::explain(key, &bytes, None),
            // Schema 1 is read at once where the program is whole.
            Effect::Explain { .. }
            | Effect::Fetch { .. }
            | Effect::LoadSchema1 { .. }
            | Effect::Abort => None,
        };
        if let Some(told) = told {
            update(&mut model, told);
        }
    }
    let node = model
        .root()
        .and_then(Fetch::done)
        .expect("it has just arrived");
    let bytes = &node.arrival.bytes;
    let known = node.recognized.as_deref();
    // Of text, and of JSON that is nothing else, the reader's error says more.
    let named = known.filter(|known| !known.kind.is_told_by_reader());
    let digested = node
        .manifest
        .as_ref()
        .map_or(Some(&**bytes), Manifest::digest_input);
    let findings = model.findings();
    let worst = findings
        .iter()
        .map(Finding::severity)
        .max()
        .unwrap_or(Severity::Note);
    let compared = asked
        .expect
        .as_ref()
        .map(|expected| expected.compare(digested).verdict);
    let differs = compared
        .as_ref()
        .is_some_and(|verdict| !verdict.is_verified());
    let explained = asked
        .expect
        .as_ref()
        .filter(|_| differs)
        .map(|expected| explain(bytes, expected));
    // A config is checked as a manifest is; anything else that is none has nothing to check.
    let is_checked = node.manifest.is_ok() && known.is_none_or(|known| known.config.is_some());
    let (verdict, why) = verdict(compared, is_checked, worst);
    let cause = explained.and_then(|explained| explained.causes.into_iter().next());
    let line = Line {
        digest: digested.map(|bytes| Digest::compute(algorithm, bytes).to_string()),
        size: digested.map(<[u8]>::len),
        findings: found(bytes, findings),
        verdict,
        reason: cause.as_ref().map(|cause| cause.sentence.clone()).or(why),
        cause: cause.map(|cause| cause.name),
        ..Line::default()
    };
    match &node.manifest {
        Err(error) => (
            Line {
                format: named.map(|known| known.kind.name().to_owned()),
                error: Some(named.map_or_else(
                    || error.to_string(),
                    |known| format!("it is {}, not a manifest", known.name),
                )),
                ..line
            },
            2,
        ),
        Ok(manifest) => {
            let good = is_checked
                && worst == Severity::Note
                && (asked.expect.is_none() || verdict == "verified");
            let format = known.map_or_else(
                || manifest.format.to_string(),
                |known| known.kind.name().to_owned(),
            );
            let line = Line {
                format: Some(format),
                evidence: manifest.opinions.iter().map(evidence).collect(),
                media_type: media_type(manifest),
                ..line
            };
            (line, u8::from(!good))
        }
    }
}

/// The verdict and why. A digest that holds does not make good what clients read differently.
fn verdict(
    compared: Option<Verdict>,
    is_manifest: bool,
    worst: Severity,
) -> (&'static str, Option<String>) {
    let (verdict, why) = match compared.unwrap_or(Verdict::NotChecked(Unchecked::NothingNamed)) {
        Verdict::Verified if !is_manifest => (
            "not checked",
            "the digest holds, and the bytes are no manifest".to_owned(),
        ),
        Verdict::Verified if worst == Severity::Error => (
            "not checked",
            "the digest holds, and the findings say why that is not enough".to_owned(),
        ),
        Verdict::Verified => return ("verified", None),
        Verdict::NotChecked(why) => ("not checked", why.reason().to_owned()),
        Verdict::WrongSize { expected, found } => (
            "mismatch",
            format!("{expected} bytes were stated, there are {found}"),
        ),
        Verdict::WrongDigest { found } => ("mismatch", format!("the bytes hash to {found}")),
    };
    (verdict, Some(why))
}

fn media_type(manifest: &Manifest) -> Option<String> {
    let own = || {
        manifest
            .opinions
            .iter()
            .find(|opinion| opinion.source == Source::MediaTypeField)
    };
    manifest
        .format
        .media_type()
        .map(|known| known.to_string())
        .or_else(|| own().map(|opinion| opinion.says.clone()))
}

fn evidence(opinion: &Opinion) -> Evidence {
    Evidence {
        source: opinion.source.name(),
        says: opinion.says.clone(),
        agrees: opinion.agrees,
    }
}

/// The findings with their lines and columns; what is missing has the place of what lacks it.
fn found(bytes: &[u8], findings: &[Finding]) -> Vec<Found> {
    let found = findings
        .iter()
        .zip(Finding::places(findings, bytes))
        .map(|(finding, place)| {
            let Position { line, column } =
                place.map_or(Position { line: 1, column: 1 }, |place| place.position);
            Found {
                code: finding.code.rule().name,
                severity: finding.severity().name(),
                pointer: finding.pointer.to_string(),
                line,
                column,
                message: finding.message.clone(),
            }
        });
    found.collect()
}
