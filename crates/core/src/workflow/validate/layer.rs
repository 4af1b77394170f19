//! The checks of layers: what came against what is named, and what was found inside.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::humanize::{number, size};
use crate::manifest::Image;
use crate::registry::error::RegistryError;
use crate::workflow::inspect::{InspectTarget, Node};
use crate::workflow::layers::{
    Blob, Failure, Found, ImagePlan, NoDiffId, NotChecked, NotFetched, PlannedLayer, Reading, Seal,
    Seals, Standing, State, TABLES, Wrong, standing,
};

use super::{Check, ContentFinding, Known, Outcome, Place, Row, Rows, TableFound, clause};

/// The checks that need the entries of a layer, with what is said where nothing was found.
const OF_ENTRIES: [(Check, &str); 5] = [
    (
        Check::Names,
        "no name leads out of the root, is empty, absolute or too long",
    ),
    (
        Check::Duplicates,
        "no path stands twice, however it is written",
    ),
    (
        Check::Whiteouts,
        "each is an empty file and hides something all engines agree on",
    ),
    (
        Check::Links,
        "nothing lies behind a link or file, and each hard link has its target",
    ),
    (Check::Headers, "no header that readers take differently"),
];

impl Known<'_> {
    /// All layers of an image. What is no file system, such as an attestation, is only hashed:
    /// nobody names what it unpacks to.
    pub(super) fn of_layers(&self, node: &Node, image: &Image, plan: &ImagePlan, rows: &mut Rows) {
        let manifest = node.digest.as_ref();
        let of_image = manifest.and_then(|it| self.contents.of_images.get(it));
        let tables = manifest.and_then(|it| self.contents.of_tables.get(it));
        for (index, (layer, descriptor)) in plan.layers.iter().zip(&image.layers).enumerate() {
            let across = of_image.and_then(|all| all.get(index));
            let mut of_layer = OfLayer {
                index,
                layer,
                is_artifact: image.artifact().is_some(),
                rows: Rows::default(),
            };
            self.of_layer(descriptor, across.map(Vec::as_slice), &mut of_layer);
            let table = tables
                .and_then(|all| all.get(index))
                .and_then(Option::as_ref);
            of_layer.table(descriptor, table);
            rows.0.append(&mut of_layer.rows.0);
        }
    }

    fn of_layer(
        &self,
        descriptor: &Descriptor,
        across: Option<&[ContentFinding]>,
        out: &mut OfLayer<'_>,
    ) {
        let (standing, blob) = standing(self.layers, out.layer);
        match standing {
            Standing::Left => out.left(),
            Standing::NotAsked => out.not_checked(match self.inspection.subject {
                InspectTarget::Registry(_) => "it was not read",
                InspectTarget::Bundle { .. } => {
                    "its bytes are not part of what was opened, and no registry was named to read them from"
                }
            }),
            Standing::UnderWay => match blob.map(|blob| &blob.state) {
                Some(State::Failed(failure)) => {
                    let why = match &**failure {
                        Failure::Cancelled => "it was cancelled".to_owned(),
                        Failure::Registry(_) | Failure::Broken | Failure::Worker(_) => {
                            blob.and_then(Blob::explain).unwrap_or_default().what
                        }
                    };
                    // That it is not there is known, and not only unchecked.
                    let is_missing =
                        matches!(&**failure, Failure::Registry(RegistryError::NotFound(_)));
                    if is_missing {
                        out.push(Check::LayerDigest, Outcome::Failed, why);
                    } else {
                        out.not_checked(&why);
                    }
                }
                Some(
                    State::Waiting
                    | State::Running
                    | State::Paused
                    | State::Asking(_)
                    | State::Done(_),
                )
                | None => out.not_checked("it is not here to its end yet"),
            },
            Standing::Done(seals, found) => {
                out.seals(&seals, found);
                if out.layer.reading == Reading::Unpacked {
                    out.media_type(&seals, found);
                    let contents = &self.contents.of_layers;
                    let own = out.layer.digest.as_ref().and_then(|it| contents.get(it));
                    // The table of eStargz stands behind the archive's end.
                    let is_normal = |it: &&ContentFinding| {
                        it.code == "data-behind-end" && is_estargz(descriptor)
                    };
                    let own = own.map(|own| own.iter().filter(|it| !is_normal(it)));
                    let own = own.map(|own| own.cloned().collect::<Vec<_>>());
                    out.contents(found, own.as_deref(), across);
                }
            }
        }
    }
}

fn is_estargz(descriptor: &Descriptor) -> bool {
    let [(name, _), ..] = TABLES;
    descriptor.annotation(name).is_some()
}

/// The rows of one layer.
struct OfLayer<'a> {
    index: usize,
    layer: &'a PlannedLayer,
    is_artifact: bool,
    rows: Rows,
}

impl OfLayer<'_> {
    fn push(&mut self, check: Check, outcome: Outcome, evidence: impl Into<String>) {
        let place = Place::Layer {
            index: self.index,
            path: String::new(),
        };
        self.rows.push(check, outcome, place, evidence);
    }

    fn not_checked(&mut self, why: &str) {
        self.push(Check::LayerDigest, Outcome::NotChecked, why);
    }

    /// A layer that is not fetched.
    fn left(&mut self) {
        let Reading::Left(why) = self.layer.reading else {
            return;
        };
        let words = clause(why.words());
        let outcome = match why {
            // Its content is known by its digest.
            NotFetched::Empty => Outcome::Note,
            NotFetched::NoDigest | NotFetched::Algorithm | NotFetched::Foreign => {
                Outcome::NotChecked
            }
        };
        self.push(Check::LayerDigest, outcome, words);
    }

    fn seals(&mut self, seals: &Seals, found: &Found) {
        let digest = found.digest.to_string();
        let bytes = format!("{} bytes", number(found.size));
        self.seal(Check::LayerDigest, &seals.digest, &digest);
        self.seal(Check::LayerSize, &seals.size, &bytes);
        let diff_id = found.diff_id.as_ref().map(Digest::to_string);
        self.seal(Check::DiffId, &seals.diff_id, &diff_id.unwrap_or_default());
    }

    fn seal(&mut self, check: Check, seal: &Seal, found: &str) {
        let named = if check == Check::LayerDigest {
            self.layer.digest.as_ref()
        } else {
            self.layer.diff_id.as_ref().ok()
        };
        let outcome = match seal {
            Seal::Wrong(Wrong::Digest(found)) => {
                let stated = named.map_or("none", Digest::as_str);
                let words = format!("it hashes to {found}, {stated} is stated");
                self.push(check, Outcome::Failed, words);
                return;
            }
            Seal::Verified => {
                self.push(check, Outcome::Passed, found);
                return;
            }
            Seal::Wrong(_) => Outcome::Failed,
            Seal::Open => Outcome::NotChecked,
            Seal::NotChecked(why) => match why {
                // Nobody has to state these.
                NotChecked::NoSize | NotChecked::NoDiffId(NoDiffId::NoFileSystem) => Outcome::Note,
                NotChecked::NoDiffId(NoDiffId::NoConfig) => {
                    self.push(check, Outcome::Note, format!("{found}; nobody names it"));
                    return;
                }
                NotChecked::NoDiffId(_) if self.is_artifact => Outcome::Note,
                NotChecked::NoDiffId(
                    NoDiffId::ConfigMissing
                    | NoDiffId::ConfigWrong
                    | NoDiffId::TooFew
                    | NoDiffId::Unusable,
                )
                | NotChecked::UnpackedOnTheWay
                | NotChecked::NotUnpacked(..) => Outcome::NotChecked,
            },
        };
        let words = clause(&seal.words().1);
        let words = words
            .strip_prefix("not checked: ")
            .unwrap_or(&words)
            .to_owned();
        self.push(check, outcome, words);
    }

    /// What the type says against what the bytes are. Engines go by the bytes.
    fn media_type(&mut self, seals: &Seals, found: &Found) {
        let Some(media_type) = self.layer.media_type.clone() else {
            let words = format!("none is stated, its bytes are {}", found.compression.name());
            self.push(Check::LayerType, Outcome::Note, words);
            return;
        };
        let bytes = found.compression.name();
        match self.layer.stated_compression() {
            _ if seals.is_unpacked_on_the_way() => {
                let words = "it was unpacked on the way, so its bytes were not seen";
                self.push(Check::LayerType, Outcome::NotChecked, words);
            }
            Some(stated) if stated == found.compression => {
                self.push(
                    Check::LayerType,
                    Outcome::Passed,
                    format!("{media_type}: {bytes}"),
                );
            }
            Some(stated) => {
                let words = format!(
                    "{media_type} says {}, its bytes are {bytes}: most engines go by the bytes",
                    stated.name()
                );
                self.push(Check::LayerType, Outcome::Warning, words);
            }
            None => {
                let words = format!("{media_type} says no compression, its bytes are {bytes}");
                self.push(Check::LayerType, Outcome::Note, words);
            }
        }
    }

    /// What stands inside: `own` is of its stream, `across` of its entries, which are judged
    /// together with the layers below.
    fn contents(
        &mut self,
        found: &Found,
        own: Option<&[ContentFinding]>,
        across: Option<&[ContentFinding]>,
    ) {
        let all = own
            .unwrap_or_default()
            .iter()
            .chain(across.unwrap_or_default());
        for finding in all {
            self.rows.0.push(Row {
                check: Check::of_content(&finding.code).unwrap_or(Check::Headers),
                outcome: match &*finding.code {
                    // Nothing is wrong, and not all was looked at.
                    "entries-left-out" | "zstd-window" | "toc-not-compared" => Outcome::NotChecked,
                    _ => finding.severity.into(),
                },
                place: Place::Layer {
                    index: self.index,
                    path: finding.path.clone(),
                },
                code: Some(finding.code.clone()),
                evidence: finding.message.clone(),
            });
        }
        let is_told = |rows: &Rows, check| rows.0.iter().any(|row| row.check == check);
        match (&found.archive, &found.diff_id) {
            _ if self.rows.is_against(Check::Archive) => {}
            (Ok(()), Ok(_)) => {
                let words = format!("a tar of {}", size(found.unpacked));
                self.push(Check::Archive, Outcome::Passed, words);
            }
            // What does not unpack has its row at the diff ID.
            (_, Err(_)) => {
                let words = "it does not unpack to its end";
                self.push(Check::Archive, Outcome::NotChecked, words);
            }
            (Err(reason), Ok(_)) => {
                let words = if found.unpacked == 0 {
                    "it is empty, and no archive".to_owned()
                } else {
                    format!("it is no whole tar: {reason}")
                };
                self.push(Check::Archive, Outcome::Failed, words);
            }
        }
        let is_read = found.archive.is_ok() && found.diff_id.is_ok();
        if found.trailing > 0 && !is_told(&self.rows, Check::ArchiveEnd) {
            let words = format!(
                "bytes behind the {} data: {}; some engines refuse them",
                found.compression.name(),
                number(found.trailing)
            );
            self.push(Check::ArchiveEnd, Outcome::Warning, words);
        } else if is_read && own.is_some() && !is_told(&self.rows, Check::ArchiveEnd) {
            let words = "marked by two blocks of zeros, with nothing unusual behind it";
            self.push(Check::ArchiveEnd, Outcome::Passed, words);
        }
        for (check, words) in OF_ENTRIES {
            if self.rows.is_against(check) {
                continue;
            }
            if !is_read || self.rows.is_against(Check::Archive) {
                self.push(
                    check,
                    Outcome::NotChecked,
                    "not all of its entries are known",
                );
            } else if across.is_none() {
                let why = "its entries were not compared with those of the other layers";
                self.push(check, Outcome::NotChecked, why);
            } else {
                self.push(check, Outcome::Passed, words);
            }
        }
    }

    /// What the layer announces of a table of contents, and what came of that.
    fn table(&mut self, descriptor: &Descriptor, found: Option<&TableFound>) {
        let mut announced: Vec<(&str, &str)> = Vec::new();
        for (name, whose) in TABLES {
            if let Some(value) = descriptor.annotation(name) {
                announced.push((whose, value));
            }
        }
        let Some(((first, digest), rest)) = announced.split_first() else {
            return;
        };
        // Where the table is here, what is wrong with the annotations is among its findings.
        let is_here = matches!(found, Some(TableFound::Compared { .. }));
        for (whose, value) in announced.iter().filter(|_| !is_here) {
            if value.parse::<Digest>().is_err() {
                let words = format!("{whose}: the table is announced as {value:?}, no digest");
                self.push(Check::Table, Outcome::Warning, words);
            }
        }
        if !is_here && rest.iter().any(|(whose, _)| whose != first) {
            let words = "announced as eStargz and as zstd:chunked: podman refuses it";
            self.push(Check::Table, Outcome::Failed, words);
        }
        let (outcome, words) = match found {
            Some(TableFound::Compared { digest, entries }) => {
                let entries = number(*entries);
                let words =
                    format!("{digest}, its entries, {entries}, and the archive are the same");
                (Outcome::Passed, words)
            }
            Some(TableFound::Wrong(why)) => (Outcome::Failed, why.clone()),
            Some(TableFound::NotHere(why)) => (Outcome::NotChecked, why.clone()),
            None if self.layer.reading == Reading::Unpacked => (
                Outcome::NotChecked,
                format!("{first}: announced with {digest}, and not compared"),
            ),
            // No engine goes by it.
            None => (
                Outcome::Note,
                format!("{first}: announced with {digest}, of what is no file system"),
            ),
        };
        // What stands against it says more.
        if outcome == Outcome::Failed || !self.rows.is_against(Check::Table) {
            self.push(Check::Table, outcome, words);
        }
    }
}
