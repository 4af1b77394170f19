//! What has to be read to compare the files of two images.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::workflow::layers::{NotFetched, Reading};

use super::{Model, Position};

/// The layers of two images: which are read, each blob once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesPlan {
    /// The blobs, in the order of the left one's layers, behind them what only the right one has.
    pub blobs: Vec<PlannedBlob>,
    /// The layers of both, the left one's first, base first: the place of each among the blobs, or
    /// why it is not read: [`Reading::Hashed`] or [`Reading::Left`].
    pub layers: [Vec<Result<usize, Reading>>; 2],
}

/// A blob to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedBlob {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes, as it is stated.
    pub size: Option<u64>,
    /// Of which side's repository it is read.
    pub position: Position,
}

impl Model {
    /// What has to be read to compare the files; `None` where no two images are compared.
    #[must_use]
    pub fn files_plan(&self) -> Option<FilesPlan> {
        if self.before_comparing().is_some() {
            return None;
        }
        let mut plan = FilesPlan {
            blobs: Vec::new(),
            layers: [Vec::new(), Vec::new()],
        };
        for position in Position::BOTH {
            let image = self.image(position)?;
            let layers = image.image.layers.iter();
            plan.layers[position as usize] = layers
                .map(|layer| plan_layer(&mut plan.blobs, layer, position))
                .collect();
        }
        Some(plan)
    }
}

/// The place of a layer among the blobs; a new one where none has its digest.
fn plan_layer(
    blobs: &mut Vec<PlannedBlob>,
    layer: &Descriptor,
    position: Position,
) -> Result<usize, Reading> {
    match Reading::of(layer) {
        Reading::Unpacked => {}
        why => return Err(why),
    }
    let digest = layer.digest.as_ref();
    let digest = digest.ok_or(Reading::Left(NotFetched::NoDigest))?;
    if let Some(known) = blobs.iter().position(|blob| blob.digest == *digest) {
        return Ok(known);
    }
    blobs.push(PlannedBlob {
        digest: digest.clone(),
        size: layer.size,
        position,
    });
    Ok(blobs.len() - 1)
}
