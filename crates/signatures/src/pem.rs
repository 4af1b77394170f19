//! PEM: names and the bytes behind them. Source: RFC 7468.

use waybill_core::base64;

/// One block: its label, and its bytes where its base64 can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) bytes: Option<Vec<u8>>,
}

/// The blocks of a text in their order; what stands between them is passed over.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("-----BEGIN ") {
        let Some((label, body)) = behind.split_once("-----") else {
            break;
        };
        let Some((content, behind)) = body.split_once(&format!("-----END {label}-----")) else {
            break;
        };
        let content: String = content.split_ascii_whitespace().collect();
        blocks.push(Block {
            label: label.to_owned(),
            bytes: base64::decode(&content),
        });
        rest = behind;
    }
    blocks
}
