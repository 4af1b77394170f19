//! Archives made by hand, of every layout, for the tests beside it.

pub(crate) use waybill_testkit::tar::{Header, file, pax, sum};

#[allow(clippy::too_many_lines, reason = "a table")]
/// Whole archives that together have everything a reader knows.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let end = vec![0; 1024];
    let gnu = |name: &str, kind: u8, data: &[u8]| Header::new(name, kind).gnu().with(data);
    let long = "long/".repeat(60) + "name";
    let sparse_header = |runs: &[(u64, u64)], real: u64, goes_on: bool| {
        let mut header = Header::new("sparse", b'S');
        header.gnu();
        for (place, (offset, length)) in runs.iter().enumerate() {
            header.octal(386 + place * 24, 12, *offset);
            header.octal(398 + place * 24, 12, *length);
        }
        header.set(482, &[u8::from(goes_on)]).octal(483, 12, real);
        header
    };
    let mut extension = vec![0; 512];
    extension[..24].copy_from_slice(b"00000004000\x0000000001000\0");
    vec![
        [file("a", b"hello"), file("d/b", &[7; 700]), end.clone()].concat(),
        [
            Header::new("dir/", b'5').then(b""),
            Header::new("link", b'2')
                .set(157, b"target")
                .octal(124, 12, 6)
                .then(b""),
            Header::new("hard", b'1')
                .set(157, b"a")
                .octal(124, 12, 600)
                .then(b""),
            Header::new("null", b'3')
                .octal(329, 8, 1)
                .octal(337, 8, 3)
                .then(b""),
            Header::new("pipe", b'6').then(b""),
            file("behind", b"x"),
            end.clone(),
        ]
        .concat(),
        [
            Header::new("old", 0).v7().with(b"1"),
            Header::new("olddir/", 0).v7().then(b""),
            Header::new("name", b'0')
                .set(345, b"some/prefix")
                .with(b"2"),
            Header::new("star", b'0')
                .set(345, b"star/prefix")
                .set(508, b"tar\0")
                .with(b"3"),
            Header::new("gnu", b'0')
                .gnu()
                .set(345, b"not a time, and no number")
                .with(b"4"),
            vec![0; 512],
        ]
        .concat(),
        [
            pax(
                b'x',
                &[
                    ("path", "from/pax"),
                    ("size", "3"),
                    ("mtime", "-1.5"),
                    ("uid", "70000"),
                ],
            ),
            Header::new("short", b'0').octal(124, 12, 999).then(b"abc"),
            pax(
                b'x',
                &[
                    ("SCHILY.xattr.user.a", "1"),
                    ("SCHILY.xattr.security.capability", "\u{1}"),
                    ("path", ""),
                ],
            ),
            file("kept", b""),
            pax(b'g', &[("path", "all"), ("comment", "0123")]),
            file("after-global", b""),
            pax(b'x', &[("path", "lost")]),
            pax(b'x', &[("linkpath", "elsewhere")]),
            Header::new("s", b'2').set(157, b"t").then(b""),
            end.clone(),
        ]
        .concat(),
        [
            gnu(
                "././@LongLink",
                b'L',
                [long.as_bytes(), b"\0"].concat().as_slice(),
            ),
            gnu(
                "././@LongLink",
                b'K',
                [long.as_bytes(), b"\0behind"].concat().as_slice(),
            ),
            pax(b'x', &[("path", "pax loses")]),
            gnu("short", b'2', b""),
            Header::new("big", b'0')
                .set(124, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
                .then(b"12345"),
            Header::new("before", b'0').set(136, &[0xff; 12]).then(b""),
            end.clone(),
        ]
        .concat(),
        [
            sparse_header(&[(0, 512), (1024, 100)], 2000, false).with(&[3; 612]),
            {
                let mut header = sparse_header(&[(0, 1), (10, 1), (20, 1), (30, 1)], 4096, true);
                header.octal(124, 12, 516);
                [header.then(b""), extension, vec![5; 516], vec![0; 508]].concat()
            },
            file("after-sparse", b"y"),
            end.clone(),
        ]
        .concat(),
        [
            pax(
                b'x',
                &[
                    ("GNU.sparse.major", "1"),
                    ("GNU.sparse.minor", "0"),
                    ("GNU.sparse.name", "real/name"),
                    ("GNU.sparse.realsize", "1000"),
                ],
            ),
            file("GNUSparseFile.0/name", &{
                let mut data = b"2\n0\n5\n900\n5\n".to_vec();
                data.resize(512, 0);
                data.extend(b"helloworld");
                data
            }),
            pax(
                b'x',
                &[
                    ("GNU.sparse.size", "20"),
                    ("GNU.sparse.numblocks", "2"),
                    ("GNU.sparse.offset", "0"),
                    ("GNU.sparse.numbytes", "2"),
                    ("GNU.sparse.offset", "10"),
                    ("GNU.sparse.numbytes", "3"),
                ],
            ),
            file("sparse-0.0", b"abcde"),
            pax(
                b'x',
                &[
                    ("GNU.sparse.major", "0"),
                    ("GNU.sparse.minor", "1"),
                    ("GNU.sparse.name", "sparse-0.1"),
                    ("GNU.sparse.realsize", "20"),
                    ("GNU.sparse.numblocks", "1"),
                    ("GNU.sparse.map", "5,5"),
                ],
            ),
            file("x", b"fghij"),
            end,
            b"behind the end".to_vec(),
        ]
        .concat(),
    ]
}
