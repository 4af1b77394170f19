//! Unpacks into a file on the disk that the browser gives the page.

use wasm_bindgen::JsValue;
use waybill_blobs::archive::Outer;
use waybill_blobs::archive::message::Failure;
use waybill_opfs::{File, Folder, Full, SPARE, remove};
use web_sys::{Blob, FileReaderSync};

use crate::Teller;
use crate::source::{failed, read, size};

/// How much is read and written at once, in bytes (1 MiB).
const PIECE: u64 = 1 << 20;
/// How much is unpacked at once, so that what comes of it is held to what went in.
const PUSHED: usize = 64 << 10;

/// Unpacks a file, and gives what came of it as a file.
pub(crate) async fn unpack(packed: &Blob, name: &str, teller: &Teller) -> Result<JsValue, Failure> {
    let reader = FileReaderSync::new().map_err(|thrown| failed(&thrown))?;
    let needed = needed(&reader, packed)?;
    let folder = Folder::open().await;
    let free = folder.free().await;
    let least = needed.unwrap_or_else(|| size(packed));
    if let Some(free) = free
        && least.saturating_add(SPARE) > free
    {
        let free = folder.is_on_disk().then_some(free);
        return Err(Failure::NoRoom { free, needed });
    }
    let created = folder.create(name).await;
    let mut file = created.map_err(|thrown| failed(&thrown))?;
    let unpacked = pour(&reader, packed, &mut file, teller);
    let done = match unpacked {
        Ok(()) => file.finish().await.map_err(|thrown| failed(&thrown)),
        Err(Stop::NoRoom) => {
            file.close();
            let free = folder.is_on_disk().then_some(free).flatten();
            Err(Failure::NoRoom { free, needed: None })
        }
        Err(Stop::Failed(failure)) => {
            file.close();
            Err(failure)
        }
    };
    if done.is_err() {
        remove(name).await;
    }
    done
}

/// Why a file was not unpacked to its end.
enum Stop {
    NoRoom,
    Failed(Failure),
}

impl From<Full> for Stop {
    fn from(full: Full) -> Self {
        match full {
            Full::NoRoom => Self::NoRoom,
            Full::Refused(why) => Self::Failed(Failure::Other(why)),
        }
    }
}

fn pour(
    reader: &FileReaderSync,
    packed: &Blob,
    file: &mut File,
    teller: &Teller,
) -> Result<(), Stop> {
    let mut outer = Outer::new();
    let of = size(packed);
    let (mut position, mut unpacked) = (0, 0_u64);
    let mut gathered = Vec::new();
    let failed = |why: String| Stop::Failed(Failure::Other(why));
    while position < of {
        let next = of.min(position + PIECE);
        let bytes =
            read(reader, packed, position..next).map_err(|error| Stop::Failed(error.into()))?;
        for piece in bytes.chunks(PUSHED) {
            let pushed = outer.push(piece, &mut |bytes| gathered.extend_from_slice(bytes));
            pushed.map_err(|error| failed(error.to_string()))?;
            if gathered.len() as u64 >= PIECE {
                unpacked += gathered.len() as u64;
                file.write(&gathered, unpacked)?;
                gathered.clear();
            }
        }
        position = next;
        teller.progress(position, of, unpacked);
    }
    let ended = outer.finish(&mut |bytes| gathered.extend_from_slice(bytes));
    ended.map_err(|error| failed(error.to_string()))?;
    file.write(&gathered, unpacked + gathered.len() as u64)?;
    Ok(())
}

/// How many bytes a gzip file says that it unpacks to: its last four, which are right below 4 GiB and less above, so
/// what is packed is never more. Zstandard may say it in its first bytes, and most writers of streams do not.
fn needed(reader: &FileReaderSync, packed: &Blob) -> Result<Option<u64>, Failure> {
    let length = size(packed);
    if length < 18 {
        return Ok(None);
    }
    let first = read(reader, packed, 0..2)?;
    if first != [0x1f, 0x8b] {
        return Ok(None);
    }
    let last = read(reader, packed, length - 4..length)?;
    let last: [u8; 4] = last.try_into().unwrap_or_default();
    Ok(Some(u64::from(u32::from_le_bytes(last))).filter(|unpacked| *unpacked > length))
}
