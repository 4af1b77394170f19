//! Notation's envelope in CBOR: a `COSE_Sign1`. Source: `signature-envelope-cose.md`, RFC 9052, 4.2 and 4.4.

use minicbor::Encoder;
use minicbor::data::Type;

use super::{AUTHENTIC_TIME, EXPIRY, Envelope, PLUGIN, SCHEME, SIGNING_TIME};
use crate::limits;

/// The tag of a `COSE_Sign1`.
const SIGN1: u64 = 18;
/// The labels of headers: algorithm, what is critical, content type, the chain of certificates.
const ALGORITHM: i64 = 1;
const CRITICAL: i64 = 2;
const CONTENT_TYPE: i64 = 3;
const CHAIN: i64 = 33;

/// The name of a header: a number or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    Number(i64),
    Text(String),
}

impl Label {
    fn words(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Reads an envelope; the error says what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Envelope, String> {
    read_all(bytes).map_err(|error| format!("it cannot be read: {error}"))
}

/// What is wrong. The library's own words would be 3.5 KB of program.
type Error = &'static str;

/// What the library answers where the bytes are other than was asked for.
const MALFORMED: Error = "something in it is not what it has to be, or the end is missing";

/// The library's decoder, with our words for what is wrong.
struct Decoder<'a>(minicbor::Decoder<'a>);

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self(minicbor::Decoder::new(bytes))
    }

    fn tag(&mut self) -> Result<u64, Error> {
        self.0
            .tag()
            .map(minicbor::data::Tag::as_u64)
            .map_err(|_| MALFORMED)
    }

    fn array(&mut self) -> Result<Option<u64>, Error> {
        self.0.array().map_err(|_| MALFORMED)
    }

    fn map(&mut self) -> Result<Option<u64>, Error> {
        self.0.map().map_err(|_| MALFORMED)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        self.0.bytes().map_err(|_| MALFORMED)
    }

    fn str(&mut self) -> Result<&'a str, Error> {
        self.0.str().map_err(|_| MALFORMED)
    }

    fn i64(&mut self) -> Result<i64, Error> {
        self.0.i64().map_err(|_| MALFORMED)
    }

    fn datatype(&self) -> Result<Type, Error> {
        self.0.datatype().map_err(|_| MALFORMED)
    }

    fn skip(&mut self) -> Result<(), Error> {
        self.0.skip().map_err(|_| MALFORMED)
    }

    fn position(&self) -> usize {
        self.0.position()
    }
}

fn read_all(bytes: &[u8]) -> Result<Envelope, Error> {
    let mut decoder = Decoder::new(bytes);
    if decoder.tag()? != SIGN1 || decoder.array()? != Some(4) {
        return Err("it is no COSE_Sign1");
    }
    let protected = decoder.bytes()?;
    let mut envelope = read_protected(protected)?;
    read_unprotected(&mut decoder, &mut envelope)?;
    let payload = decoder.bytes()?;
    envelope.payload = payload.to_vec();
    envelope.signature = decoder.bytes()?.to_vec();
    if decoder.position() != bytes.len() {
        return Err("something follows it");
    }
    envelope.message = message(protected, payload).ok_or("what is signed cannot be made")?;
    Ok(envelope)
}

/// The bytes that are signed.
fn message(protected: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::with_capacity(protected.len() + payload.len() + 32);
    let mut encoder = Encoder::new(&mut message);
    encoder
        .array(4)
        .and_then(|encoder| encoder.str("Signature1"))
        .and_then(|encoder| encoder.bytes(protected))
        .and_then(|encoder| encoder.bytes(&[]))
        .and_then(|encoder| encoder.bytes(payload))
        .ok()?;
    Some(message)
}

fn label(decoder: &mut Decoder<'_>) -> Result<Label, Error> {
    match decoder.datatype()? {
        Type::String => Ok(Label::Text(decoder.str()?.to_owned())),
        _ => decoder.i64().map(Label::Number),
    }
}

/// The headers that are signed. A name that stands twice is refused.
fn read_protected(bytes: &[u8]) -> Result<Envelope, Error> {
    let mut decoder = Decoder::new(bytes);
    let mut envelope = Envelope::default();
    let length = decoder
        .map()?
        .ok_or("its protected headers have no length")?;
    let mut authentic = None;
    for _ in 0..length {
        let label = label(&mut decoder)?;
        let name = label.words();
        if envelope.protected.contains(&name) {
            return Err("a protected header stands twice");
        }
        envelope.protected.push(name);
        match &label {
            Label::Number(ALGORITHM) => {
                envelope.algorithm = match decoder.i64()? {
                    -37 => "PS256".to_owned(),
                    -38 => "PS384".to_owned(),
                    -39 => "PS512".to_owned(),
                    -7 => "ES256".to_owned(),
                    -35 => "ES384".to_owned(),
                    -36 => "ES512".to_owned(),
                    other => format!("COSE algorithm {other}"),
                };
            }
            Label::Number(CRITICAL) => envelope.critical = read_critical(&mut decoder)?,
            Label::Number(CONTENT_TYPE) => {
                decoder.str()?.clone_into(&mut envelope.payload_type);
            }
            Label::Text(name) => match name.as_str() {
                SCHEME => decoder.str()?.clone_into(&mut envelope.scheme),
                SIGNING_TIME => envelope.time = Some(read_time(&mut decoder)?),
                AUTHENTIC_TIME => authentic = Some(read_time(&mut decoder)?),
                EXPIRY => envelope.expiry = Some(read_time(&mut decoder)?),
                PLUGIN => envelope.plugin = Some(decoder.str()?.to_owned()),
                _ => decoder.skip()?,
            },
            Label::Number(_) => decoder.skip()?,
        }
    }
    envelope.time = authentic.or(envelope.time);
    if decoder.position() == bytes.len() {
        Ok(envelope)
    } else {
        Err("something follows its protected headers")
    }
}

fn read_critical(decoder: &mut Decoder<'_>) -> Result<Vec<String>, Error> {
    let length = decoder.array()?.filter(|length| *length <= 32);
    let length = length.ok_or("its list of what is critical is too long")?;
    let mut critical = Vec::new();
    for _ in 0..length {
        critical.push(label(decoder)?.words());
    }
    Ok(critical)
}

/// A time in seconds since the beginning of 1970, under the tag that says so.
fn read_time(decoder: &mut Decoder<'_>) -> Result<i64, Error> {
    if decoder.tag()? == 1 {
        decoder.i64()
    } else {
        Err("a time is not written as one")
    }
}

fn read_unprotected(decoder: &mut Decoder<'_>, envelope: &mut Envelope) -> Result<(), Error> {
    let length = decoder.map()?.ok_or("its headers have no length")?;
    for _ in 0..length {
        let label = label(decoder)?;
        match &label {
            Label::Number(CHAIN) => {
                // One certificate may stand without a list.
                if decoder.datatype()? == Type::Bytes {
                    envelope.chain = vec![decoder.bytes()?.to_vec()];
                    continue;
                }
                let count = decoder.array()?.unwrap_or(u64::MAX);
                if usize::try_from(count).is_ok_and(|count| count > limits::CHAIN) {
                    return Err("it carries more certificates than are read here");
                }
                envelope.chain = (0..count)
                    .map(|_| decoder.bytes().map(<[u8]>::to_vec))
                    .collect::<Result<_, _>>()?;
            }
            Label::Text(name) if name.starts_with("io.cncf.notary.timestamp") => {
                envelope.has_stamp = true;
                decoder.skip()?;
            }
            _ => decoder.skip()?,
        }
    }
    Ok(())
}
