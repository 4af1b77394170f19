//! Contents that a person gave to the page: pasted, dropped or chosen; and what a history entry keeps of them.

use std::cell::OnceCell;
use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::recognize::holds_credentials;

/// Holds bytes that a person gave to the page, with their name.
#[derive(Clone, Debug)]
pub struct LocalContent {
    /// The file's name, or what to call the text.
    pub name: String,
    /// The bytes.
    pub bytes: Rc<[u8]>,
    /// Whether these are the bytes of a file; text may have been changed on its way through the clipboard.
    pub exact: bool,
    sha256: OnceCell<Digest>,
}

impl PartialEq for LocalContent {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.bytes, self.exact) == (&other.name, &other.bytes, other.exact)
    }
}

impl Eq for LocalContent {}

impl LocalContent {
    /// Makes it of bytes; `exact` where they are those of a file.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: impl Into<Rc<[u8]>>, exact: bool) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            exact,
            sha256: OnceCell::new(),
        }
    }

    /// Returns the SHA-256 digest of the bytes, computed at the first call.
    pub fn sha256(&self) -> &Digest {
        self.sha256.get_or_init(|| Digest::sha256(&self.bytes))
    }

    /// Makes it of text that came through a box or the clipboard.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self::new(name, text.as_bytes(), false)
    }
}

/// Holds everything that was given at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The contents.
    pub files: Vec<LocalContent>,
    /// Files that were not opened, each with the reason.
    pub left_out: Vec<(String, &'static str)>,
    /// Archives and folders, which are read where they are.
    pub archives: Vec<GivenArchive>,
}

/// Names an archive or a folder that was given; the browser has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenArchive {
    /// The name of the file or folder.
    pub name: String,
    /// How many bytes the file has; `None` of a folder.
    pub size: Option<u64>,
    /// The number by which the browser gives it out, once.
    pub number: usize,
}

impl Import {
    /// Leaves out what holds credentials, and says so. Only Verify and Compose call it, so it is no part of the main
    /// program.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        for given in std::mem::take(&mut self.files) {
            match holds_credentials(&given.bytes) {
                None => self.files.push(given),
                Some(what) => {
                    let why = "it holds credentials, so nothing of it is kept";
                    self.left_out
                        .push(([&given.name, ", ", &what, ","].concat(), why));
                }
            }
        }
        self
    }
}

/// Holds what a history entry keeps: local contents, and what is expected of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The contents; `None` where they were too many to be kept.
    pub files: Option<Vec<LocalContent>>,
    /// The digest that is expected, as it was typed.
    pub expected: String,
    /// Tells the contents from others, also where they were not kept.
    pub key: String,
    /// Files that were not opened, each with the reason. The history does not keep them.
    pub left_out: Vec<(String, &'static str)>,
}

impl HistoryEntry {
    /// Counts the bytes of the contents together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.files
            .iter()
            .flatten()
            .map(|given| given.bytes.len())
            .sum()
    }

    /// Makes an entry for these contents; its key is a digest of their names and digests.
    #[must_use]
    pub fn new(opened: Import, expected: String) -> Self {
        let Import {
            files, left_out, ..
        } = opened;
        let mut names = String::new();
        for given in &files {
            names.push_str(&given.name);
            names.push_str(given.sha256().as_str());
        }
        Self {
            files: Some(files),
            expected,
            key: Digest::sha256(names.as_bytes()).encoded().to_owned(),
            left_out,
        }
    }
}
