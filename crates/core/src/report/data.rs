//! The member `data` of a descriptor: bytes in base64, as OCI has it.

use std::borrow::Cow;
use std::rc::Rc;

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

use crate::base64;

pub(super) fn serialize<S: Serializer>(bytes: &Rc<[u8]>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&base64::encode(bytes))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Rc<[u8]>, D::Error> {
    let text = Cow::<str>::deserialize(from)?;
    let bytes = base64::decode(&text).ok_or_else(|| D::Error::custom("data is no base64"))?;
    Ok(bytes.into())
}
