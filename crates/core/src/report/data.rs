//! The member `data` of a descriptor: bytes in base64, as OCI has it.

use std::rc::Rc;

use serde::Serializer;

use crate::base64;

pub(super) fn serialize<S: Serializer>(bytes: &Rc<[u8]>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&base64::encode(bytes))
}
