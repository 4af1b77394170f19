//! What reads files that somebody gave, and tells archives from the rest: a part of the program, loaded behind the first
//! page and with the pages that take files, or with the first file.

use std::pin::Pin;

use crate::browser::file_input::{Given, read};
use crate::lazy::{LoadError, kept};
use crate::local_content::Import;

/// Reads what was given.
pub type Open = fn(Given) -> Pin<Box<dyn Future<Output = Import>>>;

fn open(given: Given) -> Pin<Box<dyn Future<Output = Import>>> {
    Box::pin(read(given))
}

kept! {
    opener:
    /// Brings what reads files.
    Open = open
}

/// Reads what was given, once what does so is here.
///
/// # Errors
///
/// Fails where that does not come; it may be called again.
pub async fn opened(given: Given) -> Result<Import, LoadError> {
    load().await?;
    match here() {
        Some(open) => Ok(open(given).await),
        None => Err(LoadError::Failed),
    }
}
