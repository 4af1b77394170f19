//! Where values stand in the text: many JSON pointers in one pass.
//!
//! Findings carry pointers, and `Finding::places` asks for the places of a whole list at once.
//! Offsets are into the bytes as they were received, a byte order mark included.

use std::collections::BinaryHeap;
use std::ops::Range;

use super::scan;
use super::search::{Occurrence, Search};
use super::text::{BYTE_ORDER_MARK, Position, behind, text_of};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its first byte, and the one behind its last.
    pub range: Range<usize>,
    /// The line and column of its first byte.
    pub position: Position,
    /// Whether this is what the pointer means; otherwise there is no such value, and this is
    /// the innermost one on the way to it.
    pub exact: bool,
}

/// The places of many JSON pointers (RFC 6901), in the order of the pointers.
///
/// `None` where the bytes are not JSON, or have no such surroundings; [`Occurrence::Fault`]
/// only there. The bytes are scanned once, however many pointers there are.
///
/// ```
/// use waybill_core::json::{Occurrence, places};
///
/// let found = places(b"{\n \"a\": 7, \"a\": 8}", [("/a", Occurrence::First), ("/a", Occurrence::Second)]);
/// let columns: Vec<_> = found.into_iter().flatten().map(|place| place.position.column).collect();
/// assert_eq!(columns, [7, 15]);
/// ```
///
/// A pointer to something that is not there gives the innermost value on its way, at least the
/// whole document, with `exact` false. [`Occurrence::Second`] gives the first where there is
/// no second.
#[must_use]
pub fn places<'p>(
    bytes: &[u8],
    pointers: impl IntoIterator<Item = (&'p str, Occurrence)>,
) -> Vec<Option<Place>> {
    let mut search = Search::new(pointers);
    let (start, text) = text_of(bytes);
    let mut places = vec![None; search.paths.len()];
    if search.paths.is_empty() {
        return places;
    }
    let fault = scan::search(text, &mut search)
        .err()
        .map(|fault| start + fault.offset..bytes.len());
    // By offset, so that lines are counted once.
    let mut found = BinaryHeap::with_capacity(places.len());
    for path in &search.paths {
        let is_fault = path.occurrence == Occurrence::Fault;
        let range = match &fault {
            Some(fault) => Some(fault.clone()).filter(|_| is_fault),
            None => path
                .found
                .as_ref()
                .map(|range| start + range.start..start + range.end),
        };
        let range = range.and_then(|range| match path.occurrence {
            Occurrence::First | Occurrence::Second => Some(range),
            Occurrence::Before => bytes.starts_with(BYTE_ORDER_MARK).then_some(0..start),
            Occurrence::Behind => behind(bytes, range.end).map(|offset| offset..bytes.len()),
            Occurrence::Fault => fault.is_some().then_some(range),
        });
        found.extend(range.map(|range| {
            (
                range.start,
                range.end,
                path.index,
                is_fault || path.times > 0,
            )
        }));
    }
    let (mut offset, mut position) = (0, Position { line: 1, column: 1 });
    for (start, end, index, exact) in found.into_sorted_vec() {
        position = position.behind(&bytes[offset..start]);
        offset = start;
        places[index] = Some(Place {
            range: start..end,
            position,
            exact,
        });
    }
    places
}

/// Where the value at `pointer` (RFC 6901) stands in `bytes`: its first byte and the one
/// behind its last.
///
/// Of two members with one name the first is found; where names on the way stand twice, the
/// first that the pointer leads to ([`Occurrence::First`]). For many pointers, [`places`] reads
/// the bytes only once.
///
/// ```
/// use waybill_core::json::locate;
///
/// assert_eq!(locate(b"{\"a\": [10, 20]}", "/a/1"), Some(11..13));
/// assert_eq!(locate(b"{\"a\": 1}", "/b"), None);
/// ```
#[must_use]
pub fn locate(bytes: &[u8], pointer: &str) -> Option<Range<usize>> {
    let place = places(bytes, [(pointer, Occurrence::First)])
        .pop()
        .flatten();
    place.filter(|place| place.exact).map(|place| place.range)
}

#[cfg(test)]
mod tests {
    use super::super::pointer::Pointer;
    use super::*;

    #[test]
    fn a_pointer_finds_its_bytes() {
        let bytes = b"{ \"a/b\" : [ {\"c\": 12}, \"x\" ], \"m~n\":{} }";
        let found = |pointer| {
            locate(bytes, pointer).map(|range| std::str::from_utf8(&bytes[range]).expect("text"))
        };
        assert_eq!(found("/a~1b/0/c"), Some("12"));
        assert_eq!(found("/a~1b/1"), Some("\"x\""));
        assert_eq!(found("/m~0n"), Some("{}"));
        assert_eq!(found("/a~1b/2"), None);
        assert_eq!(found("/a~1b/0/c/d"), None);
        assert_eq!(found("").map(str::len), Some(bytes.len()));
        assert_eq!(Pointer::from("/a").child("b/~c"), "/a/b~1~0c");
        let marked = b"\xef\xbb\xbf{\"a\":7}";
        assert_eq!(locate(marked, "/a"), Some(8..9));
        assert_eq!(locate(b"{\"a\":", "/a"), None);
    }

    #[test]
    fn an_index_is_written_as_rfc_6901_has_it() {
        let bytes = b"{\"a\":[10,20,30],\"b\":{\"01\":7}}";
        for wrong in [
            "/a/01", "/a/+1", "/a/00", "/a/-1", "/a/ 1", "/a/1 ", "/a/", "/a/-",
        ] {
            assert_eq!(locate(bytes, wrong), None, "{wrong}");
        }
        // As the name of a member it is a text like any other.
        assert_eq!(locate(bytes, "/b/01"), Some(26..27));
        assert_eq!(locate(bytes, "/a/0"), Some(6..8));
        // What leads nowhere does not hide what stands behind it.
        let first = |pointer| (pointer, Occurrence::First);
        let found: Vec<_> = places(bytes, ["/a/01", "/a/2", "/a/+0", "/a/1"].map(first))
            .into_iter()
            .flatten()
            .map(|place| (place.range, place.exact))
            .collect();
        assert_eq!(
            found,
            [
                (5..15, false),
                (12..14, true),
                (5..15, false),
                (9..11, true)
            ]
        );
    }

    #[test]
    fn what_stands_in_the_second_of_two_equal_names_has_its_place() {
        let bytes = b"{\"a\":{},\"a\":{\"b\":1e2}}";
        // Reading takes the first, and the scan tells of the second as well.
        let document = super::super::read(bytes).expect("an object");
        let a = document.object.get("a").and_then(|a| a.as_object());
        assert!(a.is_some_and(super::super::Object::is_empty));
        let told = document.anomalies.iter().map(|it| it.pointer.as_str());
        assert_eq!(told.collect::<Vec<_>>(), ["/a", "/a/b"]);
        assert_eq!(locate(bytes, "/a"), Some(5..7));
        assert_eq!(locate(bytes, "/a/b"), Some(17..20));
        // Where both have it, the first counts, as it does for reading.
        let both = b"{\"a\":{\"b\":1},\"a\":{\"b\":2}}";
        assert_eq!(locate(both, "/a/b"), Some(10..11));
    }

    #[test]
    fn many_pointers_are_found_in_one_pass() {
        let list = (0..200)
            .map(|number| format!("{{\"n\":{number}}}"))
            .collect::<Vec<_>>()
            .join(",\n");
        let json =
            format!("\u{feff}{{\"list\":[{list}],\"b\":true,\"b\":[1,null],\"\\u0063\":-1.5}} é");
        let numbers: Vec<String> = [11, 2, 199, 0, 100]
            .iter()
            .map(|number| format!("/list/{number}/n"))
            .collect();
        let first = |pointer| (pointer, Occurrence::First);
        let wanted = numbers
            .iter()
            .map(|pointer| first(pointer.as_str()))
            .chain([
                first("/b"),
                ("/b", Occurrence::Second),
                first("/b"),
                ("/list", Occurrence::Second),
                first("/c"),
                first("/list/200"),
                first("/list/x"),
                first(""),
                ("", Occurrence::Before),
                ("", Occurrence::Behind),
            ]);
        let found: Vec<_> = places(json.as_bytes(), wanted)
            .into_iter()
            .map(|place| {
                place.map(|place| {
                    (
                        json.get(place.range).expect("a range"),
                        place.position.line,
                        place.position.column,
                    )
                })
            })
            .collect();
        let texts: Vec<_> = found
            .iter()
            .map(|it| it.map_or("-", |(text, ..)| text))
            .collect();
        let whole = json.get(3..json.len() - 3).expect("a range");
        let array = json
            .get(11..=json.find("],\"b\"").expect("an end"))
            .expect("a range");
        assert_eq!(
            texts,
            [
                "11", "2", "199", "0", "100", "true", "[1,null]", "true", array, "-1.5", array,
                array, whole, "\u{feff}", "é"
            ]
        );
        assert_eq!(found[0], Some(("11", 12, 6)));
        assert_eq!(found[3], Some(("0", 1, 16)));
        assert_eq!(found[14], Some(("é", 200, 49)));
        let exact: Vec<_> = places(b"{\"a\":[1]}", ["/a/0", "/a/0/b", "/c"].map(first))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(
            exact
                .iter()
                .map(|it| (it.range.clone(), it.exact))
                .collect::<Vec<_>>(),
            [(6..7, true), (6..7, false), (0..9, false)]
        );
        assert_eq!(places(b"{}", []), []);
    }
}
