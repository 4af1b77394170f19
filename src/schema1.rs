//! What reads Docker schema 1 and checks its signatures: a part of the program, loaded with the first such manifest, since
//! the format was withdrawn long ago and few look at it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use waybill_core::manifest::schema1::jws::Checked;
use waybill_core::manifest::schema1::{self, READING, Reading, Signed};

use crate::browser::signature;
use crate::lazy::{LoadError, kept};

type Checking = Pin<Box<dyn Future<Output = Vec<Checked>>>>;

/// What the part brings.
#[derive(Clone, Copy)]
struct Schema1 {
    reading: Reading,
    check: fn(Rc<Signed>) -> Checking,
}

kept! {
    schema:
    /// Brings what reads schema 1, and what checks its signatures.
    Schema1 = Schema1 {
        reading: READING,
        check: |signed| Box::pin(async move { signature::check(&signed).await }),
    }
}

/// Loads it, so that core reads schema 1 from then on.
///
/// # Errors
///
/// Fails where the part does not come; it may be called again.
pub async fn load_reading() -> Result<(), LoadError> {
    load().await?;
    if let Some(part) = here() {
        schema1::give(part.reading);
    }
    Ok(())
}

/// Checks signatures. Whatever is signed was read by this part, so it is here.
pub async fn check(signed: Rc<Signed>) -> Vec<Checked> {
    match here() {
        Some(part) => (part.check)(signed).await,
        None => Vec::new(),
    }
}
