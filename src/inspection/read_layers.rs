//! The layers of an inspection that were read whole, so that none is read twice: what the check read is there for the
//! files, and what the files read is there for the check.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use waybill_blobs::layer::Found;
use waybill_core::digest::Digest;
use web_sys::Blob;

/// How many bytes of listings are kept (256 MiB): the layer that came first goes first, and the last one stays.
const KEPT_BYTES: u64 = 256 << 20;

/// What is known of the layers that were read whole, by the digests that name them. Clones are of the same ones, and
/// they last as long as their inspection.
#[derive(Clone, Debug, Default)]
pub struct ReadLayers(Rc<RefCell<Vec<ReadLayer>>>, Rc<Cell<usize>>);

/// A layer that was read whole, with its entries.
#[derive(Clone, Debug)]
pub struct ReadLayer {
    /// The digest that names it.
    pub named: Digest,
    /// What its bytes are; nothing of it is compared with what was named.
    pub found: Found,
    /// The list of its entries, which the browser holds; `None` where it is no archive that can be listed.
    pub listing: Option<Blob>,
    /// How many bytes the list has.
    pub listing_bytes: u64,
    /// Whether the content of each file was hashed.
    pub has_contents: bool,
}

impl ReadLayer {
    /// Of what came of reading it; `has_contents` says whether contents were hashed.
    #[must_use]
    pub fn new(named: &Digest, found: &Found, listing: Option<Blob>, has_contents: bool) -> Self {
        Self {
            named: named.clone(),
            found: found.clone(),
            listing_bytes: listing.as_ref().map_or(0, size),
            listing,
            has_contents,
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "browsers tell sizes as whole numbers that are not below 0"
)]
fn size(blob: &Blob) -> u64 {
    blob.size() as u64
}

impl ReadLayers {
    /// Keeps a layer, in place of what was known of it. What was read first goes where there is too much.
    pub fn keep(&self, layer: ReadLayer) {
        self.1.set(self.1.get() + 1);
        let mut layers = self.0.borrow_mut();
        layers.retain(|known| known.named != layer.named);
        layers.push(layer);
        let mut bytes: u64 = layers.iter().map(|known| known.listing_bytes).sum();
        while bytes > KEPT_BYTES && layers.len() > 1 {
            bytes -= layers.remove(0).listing_bytes;
        }
    }

    /// Forgets a layer: it is to be read again.
    pub fn forget(&self, named: &Digest) {
        self.1.set(self.1.get() + 1);
        self.0.borrow_mut().retain(|known| known.named != *named);
    }

    /// How often something of them changed so far: whoever saw another number has not seen all.
    #[must_use]
    pub fn revision(&self) -> usize {
        self.1.get()
    }

    /// Tells whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Tells whether a layer was read.
    #[must_use]
    pub fn has(&self, named: &Digest) -> bool {
        self.0.borrow().iter().any(|known| known.named == *named)
    }

    /// What is known of a layer; `None` where it was not read, or was dropped for others.
    #[must_use]
    pub fn get(&self, named: &Digest) -> Option<ReadLayer> {
        let layers = self.0.borrow();
        layers.iter().find(|known| known.named == *named).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_blobs::layer::Layer;
    use waybill_core::digest::Algorithm;

    fn layer(name: &[u8], listing_bytes: u64) -> ReadLayer {
        ReadLayer {
            named: Digest::sha256(name),
            found: Layer::new(Algorithm::Sha256).finish(&mut |_| {}),
            listing: None,
            listing_bytes,
            has_contents: false,
        }
    }

    #[test]
    fn what_came_first_goes_first_and_the_last_one_stays() {
        let layers = ReadLayers::default();
        let named: Vec<_> = [b"a", b"b", b"c"]
            .iter()
            .map(|it| Digest::sha256(*it))
            .collect();
        let has = || named.iter().map(|it| layers.has(it)).collect::<Vec<_>>();
        layers.keep(layer(b"a", KEPT_BYTES / 2));
        layers.keep(layer(b"b", KEPT_BYTES / 2));
        assert_eq!(has(), [true, true, false]);
        // What is known again is the newest, and counts once.
        layers.keep(layer(b"a", KEPT_BYTES / 2));
        assert_eq!(has(), [true, true, false]);
        layers.keep(layer(b"c", 1));
        assert_eq!(has(), [true, false, true]);
        layers.keep(layer(b"c", 2 * KEPT_BYTES));
        assert_eq!(has(), [false, false, true]);
        layers.forget(&named[2]);
        assert_eq!(has(), [false, false, false]);
    }
}
