//! An object as it is opened: what it is, and the list of packages that was taken out of it.
//!
//! A list of packages is most of a long document, so no tree of values is made of it. The text is
//! gone over twice: once for its outline, which tells what it is, and once for its members, when
//! each element of the list becomes a row as soon as it is read.

use crate::json::{JsonError, Keep, Object, Parsed, Sieve, Text, Value};

use super::packages::Packages;
use super::{WRAPPED, provenance};

/// An object that was read.
pub(super) struct Opened<'a> {
    /// The object. Where it has `packages`, nothing is in that list, nor in what nobody reads.
    pub(super) parsed: Parsed<'a>,
    /// What it is.
    pub(super) kind: Kind,
    /// The packages in it, where it lists them.
    pub(super) packages: Option<Packages>,
}

/// What an object is, by its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bundle of sigstore.
    Bundle,
    /// A DSSE envelope.
    Dsse,
    /// Notation's JWS.
    Jws,
    /// An in-toto statement.
    Statement,
    /// What cosign signs.
    Payload,
    /// The config of a Helm chart.
    Chart,
    /// What else stands in a statement, or anything else.
    Alone,
}

impl Kind {
    /// Tells it by members that are there and texts in them: `depth` envelopes are around it.
    fn of(whole: &Object<'_>, media_type: &str, depth: usize) -> Self {
        let has = |name| whole.get(name).is_some();
        let begins = |name: &str, with: &str| {
            let text = whole.get(name).and_then(Value::as_str);
            text.is_some_and(|text| text.starts_with(with))
        };
        let is_shallow = depth < WRAPPED;
        if begins("mediaType", "application/vnd.dev.sigstore.bundle") || has("verificationMaterial")
        {
            Self::Bundle
        } else if is_shallow && has("payloadType") && has("payload") && has("signatures") {
            Self::Dsse
        } else if is_shallow && has("payload") && has("protected") && has("signature") {
            Self::Jws
        } else if begins("_type", "https://in-toto.io/Statement/") {
            Self::Statement
        } else if has("critical") {
            Self::Payload
        } else if media_type.contains("helm.config") {
            Self::Chart
        } else {
            Self::Alone
        }
    }
}

impl<'a> Opened<'a> {
    /// Reads an object that so many envelopes are around.
    pub(super) fn read(bytes: &'a [u8], media_type: &str, depth: usize) -> Result<Self, JsonError> {
        let text = Text::scan(bytes)?;
        let (outline, none) = (text.sifted(&mut Outline)?, Object::EMPTY);
        let outline = outline.as_object().unwrap_or(&none);
        let kind = Kind::of(outline, media_type, depth);
        let Some((way, packages)) = find_packages(outline, kind) else {
            let value = text.value()?;
            return Ok(Self {
                parsed: text.into_parsed(value)?,
                kind,
                packages: None,
            });
        };
        let mut list = List { way, packages };
        let value = text.sifted(&mut list)?;
        Ok(Self {
            parsed: text.into_parsed(value)?,
            kind,
            packages: Some(list.packages),
        })
    }
}

/// The way to the object that lists packages, and what takes them; `None` where none is read.
pub(super) fn find_packages(
    outline: &Object<'_>,
    kind: Kind,
) -> Option<(Vec<&'static str>, Packages)> {
    let mut way = Vec::new();
    let (of, mut whole) = match kind {
        Kind::Alone => ("", outline),
        Kind::Statement => {
            way.push(PREDICATE);
            let of = outline.get("predicateType").and_then(Value::as_str);
            let inside = outline.get(PREDICATE)?.as_object()?;
            (of.unwrap_or_default(), inside)
        }
        Kind::Bundle | Kind::Dsse | Kind::Jws | Kind::Payload | Kind::Chart => return None,
    };
    if provenance::version(of, whole).is_some() {
        return None;
    }
    if let Some(data) = Packages::data(whole) {
        way.push(Packages::DATA);
        whole = data;
    }
    Packages::of(whole).map(|packages| (way, packages))
}

const PREDICATE: &str = "predicate";

/// Wants what tells what an object is: its members, and those of what may list packages.
struct Outline;

impl Sieve for Outline {
    fn member(&mut self, depth: usize, name: &str) -> Keep {
        match name {
            PREDICATE if depth == 0 => Keep::Sifted,
            Packages::DATA if depth < 2 => Keep::Sifted,
            Packages::CONTEXT => Keep::All,
            _ => Keep::Plain,
        }
    }

    fn element(&mut self, _: &Value<'_>) {}
}

/// Wants a list of packages row by row, and all that is read beside it.
struct List {
    /// The way to the object that has it.
    way: Vec<&'static str>,
    packages: Packages,
}

impl Sieve for List {
    fn member(&mut self, depth: usize, name: &str) -> Keep {
        match self.way.get(depth) {
            Some(step) if *step == name => Keep::Sifted,
            Some(_) => Keep::All,
            None if depth > self.way.len() => Keep::All,
            None => self.packages.keep(name),
        }
    }

    fn element(&mut self, element: &Value<'_>) {
        self.packages.take(element);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Form, Slice, object, other, read};
    use super::*;
    use crate::json;

    /// Reads a document that no envelope is around from a tree of all its values: the judge.
    fn read_whole(bytes: &[u8], media_type: &str) -> Document {
        let parsed = match json::read(bytes) {
            Ok(parsed) => parsed,
            Err(error) => return other(bytes, media_type, &error.reason),
        };
        let kind = Kind::of(&parsed.object, media_type, 0);
        let packages = find_packages(&parsed.object, kind).map(|(way, mut packages)| {
            let mut whole = &parsed.object;
            for step in way {
                whole = whole.get(step).and_then(Value::as_object).expect("it");
            }
            let list = whole.get(packages.members().0).and_then(Value::as_array);
            for element in list.unwrap_or_default() {
                packages.take(element);
            }
            packages
        });
        let mut document = Document {
            form: Form::Json,
            ..Document::default()
        };
        let opened = Opened {
            parsed,
            kind,
            packages,
        };
        object(&mut document, opened, 0);
        document
    }

    const SPDX: &str = r#"{"packages":[{"name":"zlib","versionInfo":1.10,"licenseDeclared":"Zlib","sourceInfo":[1e400,{"a":-0}],
        "externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/zlib@1.3"}]},7,null,[],{"name":"\ud800"}],"files":[{"fileName":"a","size":1.50}],
        "spdxVersion":"SPDX-2.3","name":2.50,"creationInfo":{"created":"2026","creators":["Tool: syft"]},"relationships":[[3]]}"#;
    const CYCLONEDX: &str = r#"{"components":[{"name":"a","components":[{"name":"b","components":[{"name":"c"}]},{"name":"d"}]},{"group":"g","name":"e",
        "licenses":[{"license":{"id":"MIT"}},{"expression":"Zlib"}]}],"bomFormat":"CycloneDX","specVersion":1.50,"metadata":{"tools":[{"name":"t"}]},"dependencies":[{}]}"#;
    const GRAPH: &str = r#"{"@graph":[{"type":"software_Package","spdxId":"p","name":"zlib"},{"type":"Relationship","relationshipType":"hasDeclaredLicense","from":"p","to":["l"]},
        {"type":"simplelicensing_LicenseExpression","spdxId":"l","simplelicensing_licenseExpression":"Zlib"},{"type":"CreationInfo","specVersion":"3.0.1"},{"type":"SpdxDocument","name":"n"}],
        "@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld"]}"#;

    fn statement(of: &str, predicate: &str) -> String {
        let subject = r#"[{"name":"app","digest":{"sha256":"00"}}]"#;
        format!(
            r#"{{"predicate":{predicate},"_type":"https://in-toto.io/Statement/v1","subject":{subject},"predicateType":"{of}"}}"#
        )
    }

    fn documents() -> Vec<String> {
        let mut all = vec![
            r#"{"a":1}"#.to_owned(),
            r#"{"mediaType":"application/vnd.dev.sigstore.bundle+json","packages":[{}],"spdxVersion":"2"}"#.to_owned(),
            r#"{"critical":{},"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}]}"#.to_owned(),
            r#"{"buildDefinition":{},"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}]}"#.to_owned(),
            statement("https://example.com/mine", r#"{"packages":[{"name":"a"},2],"Data":{"components":[1]}}"#),
            statement("https://slsa.dev/provenance/v1", r#"{"buildDefinition":{"externalParameters":{"packages":[1]}},"spdxVersion":"2","packages":[{"name":"a"}]}"#),
        ];
        for list in [SPDX, CYCLONEDX, GRAPH] {
            all.push(list.to_owned());
            all.push(format!(
                r#"{{"Data":{list},"packages":[{{"name":"other"}}]}}"#
            ));
            all.push(statement("https://spdx.dev/Document", list));
            all.push(statement(
                "x",
                &format!(r#"{{"Data":{list},"spdxVersion":"2"}}"#),
            ));
        }
        all
    }

    fn assert_same(bytes: &[u8]) {
        for media_type in ["", "application/vnd.cncf.helm.config.v1+json"] {
            let (one, other) = (read(bytes, media_type), read_whole(bytes, media_type));
            assert_eq!(one, other, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn packages_taken_one_by_one_are_those_of_the_whole_tree() {
        let rows = |text: &str| {
            let document = read(text.as_bytes(), "");
            let rows = document.tables.into_iter().flat_map(|table| table.rows);
            rows.map(|row| row[0].clone()).collect::<Vec<_>>()
        };
        assert_eq!(rows(SPDX), ["zlib", "\u{fffd}"]);
        assert_eq!(rows(CYCLONEDX), ["a", "b", "c", "d", "g/e"]);
        assert_eq!(rows(GRAPH), ["zlib"]);
        assert_eq!(read(SPDX.as_bytes(), "").tables[0].rows[0][1], "1.10");
        assert_eq!(read(GRAPH.as_bytes(), "").tables[0].rows[0][2], "Zlib");
        for text in documents() {
            assert_same(text.as_bytes());
        }
    }

    #[test]
    fn so_they_are_where_a_name_stands_twice_or_is_something_else() {
        let lists = ["packages", "components", "@graph", "Data", "predicate"];
        for text in documents() {
            for name in lists {
                let quoted = format!(r#""{name}":"#);
                for instead in [
                    "null",
                    "7",
                    "\"a\"",
                    "{}",
                    "[]",
                    r#"{"a":[1]}"#,
                    "[[2]]",
                    "[{\"name\":\"z\"}]",
                ] {
                    // In front of it, so that the first of two counts, and in its place.
                    let twice = format!("{quoted}{instead},{quoted}");
                    assert_same(text.replace(&quoted, &twice).as_bytes());
                    let renamed = format!(r#"{quoted}{instead},"other":"#);
                    assert_same(text.replace(&quoted, &renamed).as_bytes());
                }
                let (first, rest) = name.split_at(1);
                let escaped = format!(r#""\u{:04x}{rest}":"#, first.as_bytes()[0]);
                assert_same(text.replace(&quoted, &escaped).as_bytes());
                let upper = format!(r#""{}":"#, name.to_uppercase());
                assert_same(text.replace(&quoted, &upper).as_bytes());
            }
        }
    }

    #[test]
    fn so_they_are_of_what_is_cut_off_too_deep_or_broken() {
        for text in documents() {
            for end in 0..text.len() {
                assert_same(&text.as_bytes()[..end]);
            }
            for (from, to) in [
                ("[", "{"),
                ("{", "["),
                ("\"", "7"),
                (":", ","),
                ("a", "\u{202e}"),
            ] {
                assert_same(text.replace(from, to).as_bytes());
            }
            let deep = ["[".repeat(20_000), "]".repeat(20_000)].concat();
            assert_same(text.replace("[{", &["[", &deep, ",{"].concat()).as_bytes());
            assert_same(["\u{feff}", &text, " more"].concat().as_bytes());
            assert_same(&[text.as_bytes(), b"\xff"].concat());
            assert_same(&[&text.as_bytes()[..text.len() / 2], b"\xff"].concat());
        }
    }

    #[test]
    fn what_is_handed_over_in_slices_is_the_document() {
        let row = format!(r#"{{"name":"{}"}}"#, "x".repeat(900));
        let subject = r#"{"name":"n","digest":{"sha256":"00"}}"#;
        let long = format!(
            r#"{{"spdxVersion":"SPDX-2.3","packages":[{}]}}"#,
            vec![row; 5_000].join(",")
        );
        let many = statement("x", &long).replace(
            "[{\"name\":\"app\"",
            &format!("[{},{{\"name\":\"app\"", vec![subject; 5_000].join(",")),
        );
        for text in documents().into_iter().chain([long, many]) {
            let document = read(text.as_bytes(), "");
            let mut taken = Document::default();
            for slice in document.clone().into_slices() {
                let written = serde_json::to_string(&slice).expect("it is text");
                assert!(written.len() < 100_000, "{}", written.len());
                taken.take(serde_json::from_str::<Slice>(&written).expect("it is read"));
            }
            assert_eq!(taken, document);
        }
    }
}
