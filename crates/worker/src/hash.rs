//! What a layer unpacks to, hashed by a second worker that runs this same program.
//!
//! The page gives each of the two one end of a channel. The bytes go over by pieces, and each piece
//! comes back when it is hashed, to be filled again: that is also the leave to unpack more. One of no
//! bytes is the end, and comes back with the hash.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use waybill_core::digest::{Algorithm, Hasher};
use web_sys::{MessageEvent, MessagePort};

use crate::SLICE;

/// How long a piece is, in bytes (256 KiB).
const PIECE: u32 = SLICE;
/// So many pieces may be under way before more is unpacked.
const UNDER_WAY: usize = 8;

/// The worker that hashes, as the one that unpacks knows it.
pub(crate) struct Elsewhere {
    port: MessagePort,
    /// The piece that is being filled, and how far it is.
    piece: Uint8Array,
    filled: u32,
    under_way: usize,
    /// What came back.
    back: Vec<Uint8Array>,
}

impl Elsewhere {
    /// Behind that port; `wake` hears when something came back.
    pub(crate) fn at(port: &MessagePort, wake: impl Fn() + 'static) -> Rc<RefCell<Self>> {
        let elsewhere = Rc::new(RefCell::new(Self {
            port: port.clone(),
            piece: empty(),
            filled: 0,
            under_way: 0,
            back: Vec::new(),
        }));
        let hears = Rc::clone(&elsewhere);
        hear(port, move |piece| {
            let mut hears = hears.borrow_mut();
            hears.under_way -= 1;
            hears.back.push(piece);
            wake();
        });
        elsewhere
    }

    /// Takes the next bytes. What one step of a layer unpacks to is taken whole, however much it is.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = PIECE - self.filled;
            let length = u32::try_from(bytes.len()).map_or(room, |length| length.min(room));
            let (now, rest) = bytes.split_at(length as usize);
            let end = self.filled + length;
            self.piece.subarray(self.filled, end).copy_from(now);
            self.filled = end;
            bytes = rest;
            if end == PIECE {
                self.send();
            }
        }
    }

    /// Sends what is in the piece, with its memory, and takes another.
    fn send(&mut self) {
        self.under_way += 1;
        post(&self.port, &self.piece.subarray(0, self.filled));
        self.filled = 0;
        let back = self.back.pop();
        self.piece = back.map_or_else(empty, |back| Uint8Array::new(&back.buffer()));
    }

    /// Tells whether more may be unpacked.
    pub(crate) fn has_room(&self) -> bool {
        self.under_way < UNDER_WAY
    }

    /// Asks for the hash of all that was taken; the next bytes begin another.
    pub(crate) fn end(&mut self) {
        if self.filled > 0 {
            self.send();
        }
        self.send();
    }

    /// The hash, once it came.
    pub(crate) fn hash(&mut self) -> Option<[u8; 32]> {
        // Pieces come back in their order, and it is in the last of them.
        let last = self.back.last().filter(|_| self.under_way == 0)?;
        let hash = last.to_vec().try_into().ok();
        self.back.clear();
        hash
    }
}

fn empty() -> Uint8Array {
    Uint8Array::new(&ArrayBuffer::new(PIECE))
}

/// Hashes what comes from that port, from now on.
pub(crate) fn serve(port: MessagePort) {
    let new = || Hasher::new(Algorithm::Sha256);
    let state = RefCell::new((new(), vec![0; PIECE as usize]));
    hear(&port.clone(), move |piece| {
        let (hasher, buffer) = &mut *state.borrow_mut();
        let bytes = &mut buffer[..piece.length() as usize];
        if bytes.is_empty() {
            let hash = std::mem::replace(hasher, new()).finish_sha256();
            let hash = hash.unwrap_or_default();
            let answer = Uint8Array::new(&piece.buffer()).subarray(0, 32);
            answer.copy_from(&hash);
            post(&port, &answer);
            return;
        }
        piece.copy_to(bytes);
        hasher.update(bytes);
        post(&port, &piece);
    });
}

fn hear(port: &MessagePort, hear: impl Fn(Uint8Array) + 'static) {
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        hear(event.data().unchecked_into());
    });
    port.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}

/// Hands a piece over, with its memory.
fn post(port: &MessagePort, piece: &Uint8Array) {
    // It fails where something cannot be sent, and bytes can.
    let _ = port.post_message_with_transferable(piece, &Array::of1(&piece.buffer()));
}
