//! Where a signature is shown. It is decoded and not checked, and that is said wherever one is.
//!
//! What checks signatures is mounted here: [`slot`] is drawn for each document that is signed or is a signature, with
//! its bytes, its descriptor with the annotations of its layer, and the descriptor of what it has to be of.

use waybill_core::documents::Signed;
use waybill_core::humanize::count;
use waybill_core::workflow::related::SignedDocument;

use crate::components::element::{Element, el};

/// Draws what is known of the signatures of a document: that nobody checked them.
pub(super) fn slot(signed: SignedDocument<'_>) -> Element {
    let words = match signed.document.signed {
        Signed::By(signatures) => format!(
            "It carries {}. Signatures are not checked here: nothing of this is proven.",
            count(signatures, "signature")
        ),
        Signed::Payload => {
            "This is what was signed; the signature stands in the annotations of its layer. \
            Signatures are not checked here: nothing of this is proven."
                .to_owned()
        }
        Signed::Not | Signed::Unknown => return el("p"),
    };
    el("p").class("warn").child(words)
}
