//! Going over DER, element by element.

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber};
use waybill_core::time;

/// The tag of a SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// The tag of a SET.
pub(crate) const SET: u8 = 0x31;
/// The tag of an INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// The tag of an OCTET STRING.
pub(crate) const OCTETS: u8 = 0x04;
/// The tag of a BOOLEAN.
pub(crate) const BOOLEAN: u8 = 0x01;

/// One element of DER.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// Its first byte; tags of more than one byte are not read.
    pub(crate) tag: u8,
    /// What it holds.
    pub(crate) value: &'a [u8],
    /// All of it.
    pub(crate) whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads bytes that are one element and nothing else.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        let any = AnyRef::from_der(bytes).ok()?;
        let tag = *bytes.first()?;
        Some(Self {
            tag,
            value: any.value(),
            whole: bytes,
        })
    }

    /// Itself, where it has this tag.
    pub(crate) fn tagged(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }

    /// What stands in it.
    pub(crate) fn inside(self) -> Option<Walk<'a>> {
        Walk::of(self.value)
    }

    /// The object identifier that it is.
    pub(crate) fn identifier(self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_der(self.whole).ok()
    }

    /// The bytes of the bit string that it is, without unused bits.
    pub(crate) fn bits(self) -> Option<&'a [u8]> {
        BitStringRef::from_der(self.whole).ok()?.as_bytes()
    }

    /// The text that it is, where it is one of UTF-8, printable or IA5 characters.
    pub(crate) fn text(self) -> Option<&'a str> {
        [0x0c, 0x13, 0x16]
            .contains(&self.tag)
            .then(|| str::from_utf8(self.value).ok())?
    }

    /// The time that it is, in seconds since the beginning of 1970.
    pub(crate) fn time(self) -> Option<i64> {
        let text = str::from_utf8(self.value).ok()?.strip_suffix('Z')?;
        // Time stamps may have a fraction of a second.
        let (text, _) = text.split_once('.').unwrap_or((text, ""));
        let century = match (self.tag, text.get(..2)?) {
            (0x17, year) if year < "50" => "20",
            (0x17, _) => "19",
            (0x18, _) => "",
            _ => return None,
        };
        let digits = [century, text].concat();
        let part = |from: usize| digits.get(from..from + 2);
        let (month, day, hour) = (part(4)?, part(6)?, part(8)?);
        let (minute, second) = (part(10)?, part(12)?);
        let year = digits.get(..4).filter(|_| digits.len() == 14)?;
        let written = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        time::since_1970(&written).map(|(seconds, _)| seconds)
    }
}

/// A place in the elements of something.
pub(crate) struct Walk<'a>(SliceReader<'a>);

impl<'a> Walk<'a> {
    /// Elements, one behind the other.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        SliceReader::new(bytes).ok().map(Self)
    }

    /// The elements of a SEQUENCE that is all of the bytes.
    pub(crate) fn sequence(bytes: &'a [u8]) -> Option<Self> {
        Element::of(bytes)?.tagged(SEQUENCE)?.inside()
    }

    /// The next element.
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        Element::of(self.0.tlv_bytes().ok()?)
    }

    /// The next element, which has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next()?.tagged(tag)
    }

    /// The next element where it has this tag; else nothing, and the place stays.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.peek_byte() == Some(tag) {
            self.next()
        } else {
            None
        }
    }

    /// Whether nothing follows.
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

/// Writes a SEQUENCE.
pub(crate) fn sequence(content: &[u8]) -> Option<Vec<u8>> {
    AnyRef::new(Tag::Sequence, content)
        .and_then(|any| any.to_der())
        .ok()
}

/// Writes a context tag around something: `[3]`.
pub(crate) fn context(number: u32, content: &[u8]) -> Option<Vec<u8>> {
    let tag = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    };
    AnyRef::new(tag, content).and_then(|any| any.to_der()).ok()
}
