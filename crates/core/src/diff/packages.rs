//! The packages of two SBOMs beside each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::documents::Table;

use super::{Gathering, Kind, Section};

/// The columns of a table of packages.
const NAME: usize = 0;
const VERSION: usize = 1;
const LICENCE: usize = 2;
const PACKAGE_URL: usize = 3;

/// What one SBOM says of a package, which may be there in several versions.
#[derive(Default)]
struct Package<'a> {
    versions: BTreeSet<&'a str>,
    licences: BTreeSet<&'a str>,
}

/// Compares two tables of packages, as [`documents`](crate::documents) reads them of SPDX and
/// `CycloneDX`: versions first, then the licences of what both have.
///
/// A package is known by its package URL without version and qualifiers, so that two ecosystems
/// may have one name; by its name where it has none. Versions of one package stand together.
///
/// Source: purl-spec, "A purl is a URL composed of seven components".
#[must_use]
pub fn packages(left: &Table, right: &Table) -> Vec<Section> {
    let (left, right) = (gather(left), gather(right));
    let names: BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let mut versions = Gathering::of(Kind::Package);
    let mut licences = Gathering::of(Kind::Licence);
    for name in names {
        let (one, other) = (left.get(name), right.get(name));
        let version = |package: &Package<'_>| {
            let versions = joined(&package.versions);
            versions.unwrap_or_else(|| "without a version".to_owned())
        };
        versions.put(name, one.map(version), other.map(version));
        if let (Some(one), Some(other)) = (one, other) {
            licences.put(name, joined(&one.licences), joined(&other.licences));
        }
    }
    let mut sections = Vec::new();
    versions.finish(&mut sections);
    licences.finish(&mut sections);
    sections
}

fn gather(table: &Table) -> BTreeMap<String, Package<'_>> {
    let mut packages: BTreeMap<String, Package<'_>> = BTreeMap::new();
    for row in &table.rows {
        let column = |place: usize| row.get(place).map_or("", String::as_str);
        let name = identity(column(PACKAGE_URL)).unwrap_or(column(NAME));
        let package = packages.entry(name.to_owned()).or_default();
        let said = |text: &&str| !text.is_empty();
        package.versions.extend(Some(column(VERSION)).filter(said));
        package.licences.extend(Some(column(LICENCE)).filter(said));
    }
    packages
}

/// Compares what refers to two manifests: how often each kind of it is there.
#[must_use]
pub fn referrers(left: &[String], right: &[String]) -> Option<Section> {
    let all: BTreeSet<_> = left.iter().chain(right).collect();
    let mut found = Gathering::of(Kind::Referrer);
    for kind in all {
        let many = |kinds: &[String]| {
            let many = kinds.iter().filter(|it| *it == kind).count();
            (many > 0).then(|| many.to_string())
        };
        found.put(kind, many(left), many(right));
    }
    let mut sections = Vec::new();
    found.finish(&mut sections);
    sections.pop()
}

/// The type, namespace and name of a package URL: `deb/debian/openssl`. `None` where it is none.
fn identity(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("pkg:")?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = rest.get(..end)?;
    // A scope may begin with an `@` that is not escaped.
    let name = rest.rfind('/').map_or(0, |slash| slash + 1);
    let version = rest.get(name + 1..)?.find('@');
    let end = version.map_or(rest.len(), |at| name + 1 + at);
    rest.get(..end).filter(|identity| !identity.is_empty())
}

fn joined(texts: &BTreeSet<&str>) -> Option<String> {
    let texts: Vec<_> = texts.iter().copied().collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Listing;

    fn table(rows: &[[&str; 4]]) -> Table {
        let row = |row: &[&str; 4]| row.iter().map(|it| (*it).to_owned()).collect();
        Table {
            of: Listing::Package,
            rows: rows.iter().map(row).collect(),
            ..Table::default()
        }
    }

    fn told(sections: &[Section], kind: Kind) -> Vec<String> {
        let section = sections.iter().find(|section| section.kind == kind);
        let changes = section.map_or(&[][..], |section| &section.changes);
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let row = |it: &super::super::Change| {
            format!("{} {} {}", it.name, text(&it.left), text(&it.right))
        };
        changes.iter().map(row).collect()
    }

    #[test]
    fn packages_are_matched_by_their_url_and_versions_stand_together() {
        let left = table(&[
            [
                "openssl",
                "3.0.1",
                "Apache-2.0",
                "pkg:deb/debian/openssl@3.0.1?arch=amd64",
            ],
            ["openssl", "1.0", "MIT", "pkg:npm/openssl@1.0"],
            ["lodash", "4", "MIT", "pkg:npm/lodash@4"],
            ["lodash", "3", "MIT", "pkg:npm/lodash@3"],
            ["core", "7", "MIT", "pkg:npm/@babel/core@7"],
            ["gone", "1", "", ""],
            ["same", "1", "", ""],
        ]);
        let right = table(&[
            [
                "openssl",
                "3.0.2",
                "OpenSSL",
                "pkg:deb/debian/openssl@3.0.2?arch=arm64#x",
            ],
            ["openssl", "1.0", "MIT", "pkg:npm/openssl@1.0"],
            ["lodash", "4", "MIT", "pkg:npm/lodash@4"],
            ["core", "8", "MIT", "pkg:npm/%40babel/core@8"],
            ["new", "", "", ""],
            ["same", "1", "", ""],
        ]);
        let sections = packages(&left, &right);
        assert_eq!(
            told(&sections, Kind::Package),
            [
                "deb/debian/openssl 3.0.1 3.0.2",
                "gone 1 -",
                "new - without a version",
                "npm/%40babel/core - 8",
                "npm/@babel/core 7 -",
                "npm/lodash 3, 4 4",
            ]
        );
        assert_eq!(
            told(&sections, Kind::Licence),
            ["deb/debian/openssl Apache-2.0 OpenSSL"]
        );
        assert_eq!(sections[0].equal, 2);
    }

    #[test]
    fn a_url_that_is_none_is_no_identity() {
        for url in ["", "pkg:", "https://a/b@1", "pkg:?a"] {
            assert_eq!(identity(url), None, "{url}");
        }
        assert_eq!(identity("pkg:a/b@c@d"), Some("a/b"));
        assert_eq!(identity("pkg:npm/@x"), Some("npm/@x"));
    }
}
