//! A report against the bytes that it holds.

use std::rc::Rc;

use crate::humanize::number;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{List, Manifest};
use crate::media_type::MediaType;
use crate::reference::Reference;
use crate::verify::{Comparison, DigestSource, Unchecked, Verdict};

use super::{Content, Report};

/// A content of a report, compared with what the report says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which: `manifest`, `config`, or a list above, `list 1`.
    pub name: String,
    /// Its bytes.
    pub bytes: Rc<[u8]>,
    /// The bytes against the digest that the report states.
    pub verdict: Verdict,
    /// The digest that the report states; empty where it states none.
    pub digest: String,
    /// What else the report says that its own bytes do not show, each a sentence without its full
    /// stop.
    pub contradictions: Vec<String>,
}

impl Checked {
    /// Whether the bytes are not what the report says of them.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.verdict.is_mismatch() || !self.contradictions.is_empty()
    }

    /// What is wrong, each with what the report says and what its bytes show; empty where nothing
    /// is.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        let differs = match &self.verdict {
            Verdict::WrongDigest { found } => Some(format!(
                "its digest is {} as the report says; the bytes in it hash to {found}",
                self.digest
            )),
            Verdict::Verified | Verdict::WrongSize { .. } | Verdict::NotChecked(_) => None,
        };
        let more = self.contradictions.iter().cloned();
        differs.into_iter().chain(more).collect()
    }
}

impl Report {
    /// Compares every content with what is said of it: its digest and size, its format, and whether
    /// what leads to it names it. The lists come first, then the manifest, then its config.
    ///
    /// What holds here is that the report is of one piece. That a registry ever had these bytes, no
    /// report can show.
    #[must_use]
    pub fn check(&self) -> Vec<Checked> {
        let way = || self.lists.iter().chain([&self.manifest]);
        let mut manifests: Vec<Option<Manifest>> = Vec::new();
        for content in way() {
            let above = manifests.last().and_then(Option::as_ref);
            let read = read(content, above.and_then(Manifest::list));
            manifests.push(read);
        }
        let mut checked: Vec<Checked> = Vec::new();
        for (index, (content, manifest)) in way().zip(&manifests).enumerate() {
            let name = if index < self.lists.len() {
                format!("list {}", index + 1)
            } else {
                "manifest".to_owned()
            };
            let mut one = compare(name, content, manifest.as_ref());
            match index.checked_sub(1) {
                None => one
                    .contradictions
                    .extend(self.not_asked_for(content, manifest.as_ref())),
                Some(above) => {
                    let names = manifests[above].as_ref().and_then(Manifest::list);
                    let mut entries = names.iter().flat_map(|list| &list.entries);
                    if !entries.any(|entry| Some(&entry.digest_text) == content.digest.as_ref()) {
                        let words = format!("list {} does not name it", above + 1);
                        one.contradictions.push(words);
                    }
                }
            }
            checked.push(one);
        }
        if let Some(config) = &self.config {
            let mut one = compare("config".to_owned(), config, None);
            let image = manifests.last().and_then(Option::as_ref);
            let named = image.and_then(Manifest::image);
            let named = named.and_then(|image| image.config.as_ref());
            if named.map(|it| &it.digest_text) != config.digest.as_ref() {
                one.contradictions
                    .push("the manifest does not name it".to_owned());
            }
            checked.push(one);
        }
        checked
    }

    /// Says where the first manifest is not the one that the reference asks for by its digest.
    fn not_asked_for(&self, content: &Content, manifest: Option<&Manifest>) -> Option<String> {
        let reference: Reference = self.reference.as_ref()?.parse().ok()?;
        let asked = reference.digest()?;
        let digested = digest_input(content, manifest)?;
        (asked.check(digested) == Some(false))
            .then(|| format!("the reference asks for {asked}, which is another"))
    }
}

/// Reads a manifest with what was said of its type, as the inspection read it.
fn read(content: &Content, above: Option<&List>) -> Option<Manifest> {
    let mut entries = above.iter().flat_map(|list| &list.entries);
    let entry = entries.find(|entry| Some(&entry.digest_text) == content.digest.as_ref());
    let told = DeclaredTypes {
        content_type: content.content_type.as_deref().map(MediaType::new),
        descriptor: entry.and_then(|entry| entry.media_type.clone()),
        digest_matched: false,
    };
    let read = Manifest::read(Rc::clone(&content.data), &told);
    read.ok().map(|(manifest, _)| manifest)
}

/// The bytes that the digest covers: of signed schema 1 a part.
fn digest_input<'a>(content: &'a Content, manifest: Option<&'a Manifest>) -> Option<&'a [u8]> {
    manifest.map_or(Some(&*content.data), Manifest::digest_input)
}

fn compare(name: String, content: &Content, manifest: Option<&Manifest>) -> Checked {
    let verdict = match &content.digest {
        None => Verdict::NotChecked(Unchecked::NothingNamed),
        Some(digest) => {
            let digested = digest_input(content, manifest);
            Comparison::new(digested, DigestSource::Parent, digest, None).verdict
        }
    };
    let mut contradictions = Vec::new();
    let found = content.data.len() as u64;
    if content.size != found {
        contradictions.push(format!(
            "its size is {} bytes as the report says; there are {} in it",
            number(content.size),
            number(found)
        ));
    }
    if let Some(said) = &content.format {
        let format = manifest.map_or("not JSON".to_owned(), |it| it.format.to_string());
        if *said != format {
            contradictions.push(format!(
                "its format is {said} as the report says; it is {format}"
            ));
        }
    }
    Checked {
        name,
        bytes: Rc::clone(&content.data),
        verdict,
        digest: content.digest.clone().unwrap_or_default(),
        contradictions,
    }
}
