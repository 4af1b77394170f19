//! Lists of packages: SPDX 2 and 3, and `CycloneDX`.
//!
//! Source: SPDX 2.3 and 3.0.1, `CycloneDX` 1.4 to 1.6, their JSON forms.

use std::collections::BTreeMap;

use crate::json::{Object, Value};
use crate::limits;

use super::value::{array, at, text, texts, whole as whole_text};
use super::{Document, Section, Table};

const HEADS: &[&str] = &["Name", "Version", "Licence", "Package URL"];

/// The column that is counted.
const LICENCE: usize = 2;

/// Reads a list of packages, where it is one.
pub(super) fn read(document: &mut Document, whole: &Object<'_>) -> bool {
    // cosign of old put the document into a text of its own.
    let data = whole.get("Data").and_then(Value::as_object);
    let whole = data.unwrap_or(whole);
    let is_graph = || {
        let context = at(whole, &["@context"])
            .map(Value::to_text)
            .unwrap_or_default();
        context.contains("spdx.org/rdf/3") && whole.get("@graph").is_some()
    };
    if whole.get("spdxVersion").is_some() {
        spdx2(document, whole);
    } else if text(whole, &["bomFormat"]) == "CycloneDX" {
        cyclonedx(document, whole);
    } else if is_graph() {
        spdx3(document, array(whole, &["@graph"]));
    } else {
        return false;
    }
    true
}

/// What says nothing of a licence.
fn is_licence(text: &str) -> bool {
    !text.is_empty() && text != "NOASSERTION" && text != "NONE"
}

fn finish(document: &mut Document, about: Section, mut table: Table) {
    table.count(LICENCE);
    document.sections.extend(about.filled());
    document.tables.extend(table.filled());
}

fn spdx2(document: &mut Document, whole: &Object<'_>) {
    let version = text(whole, &["spdxVersion"]);
    let version = version.strip_prefix("SPDX-").unwrap_or(&version);
    document.title = ["SPDX ", version].concat();
    let mut about = Section::new("About it");
    about.text("name", whole, &["name"]);
    about.text("made", whole, &["creationInfo", "created"]);
    about.says("made by", texts(whole, &["creationInfo", "creators"]));
    about.text("namespace", whole, &["documentNamespace"]);
    let mut table = Table::new("package", HEADS);
    for package in array(whole, &["packages"])
        .iter()
        .filter_map(Value::as_object)
    {
        let licences = ["licenseConcluded", "licenseDeclared"].map(|name| text(package, &[name]));
        let licence = licences.into_iter().find(|it| is_licence(it));
        let references = array(package, &["externalRefs"])
            .iter()
            .filter_map(Value::as_object);
        let mut urls = references.filter(|it| text(it, &["referenceType"]) == "purl");
        let url = urls.next().map(|it| text(it, &["referenceLocator"]));
        table.row([
            text(package, &["name"]),
            text(package, &["versionInfo"]),
            licence.unwrap_or_default(),
            url.unwrap_or_default(),
        ]);
    }
    finish(document, about, table);
}

fn spdx3(document: &mut Document, graph: &[Value<'_>]) {
    let elements = || {
        graph
            .iter()
            .filter_map(Value::as_object)
            .take(limits::DOCUMENT_ROWS * 4)
    };
    let is = |element: &Object<'_>, kind: &str| text(element, &["type"]) == kind;
    let mut version = String::new();
    let mut about = Section::new("About it");
    let mut expressions = BTreeMap::new();
    let mut licences = BTreeMap::new();
    for element in elements() {
        if is(element, "CreationInfo") && version.is_empty() {
            version = text(element, &["specVersion"]);
            about.text("made", element, &["created"]);
        }
        if is(element, "SpdxDocument") {
            about.text("name", element, &["name"]);
        }
        let expression = whole_text(element, &["simplelicensing_licenseExpression"]);
        if let (Some(id), Some(expression)) = (whole_text(element, &["spdxId"]), expression) {
            expressions.insert(id, super::value::cut(&expression));
        }
        let relation = text(element, &["relationshipType"]);
        let is_concluded = relation == "hasConcludedLicense";
        if is_concluded || relation == "hasDeclaredLicense" {
            let to = array(element, &["to"]).first().and_then(Value::as_str);
            if let (Some(from), Some(to)) = (whole_text(element, &["from"]), to) {
                let known = licences.entry(from).or_insert_with(|| to.to_owned());
                if is_concluded {
                    to.clone_into(known);
                }
            }
        }
    }
    let version = if version.is_empty() {
        "3"
    } else {
        version.as_str()
    };
    document.title = ["SPDX ", version].concat();
    let mut table = Table::new("package", HEADS);
    for package in elements().filter(|element| is(element, "software_Package")) {
        let id = whole_text(package, &["spdxId"]).unwrap_or_default();
        let licence = licences.get(&id).and_then(|to| expressions.get(to));
        let mut url = text(package, &["software_packageUrl"]);
        if url.is_empty() {
            let identifiers = array(package, &["externalIdentifier"]).iter();
            let mut identifiers = identifiers.filter_map(Value::as_object);
            let found =
                identifiers.find(|it| text(it, &["externalIdentifierType"]) == "packageUrl");
            url = found
                .map(|it| text(it, &["identifier"]))
                .unwrap_or_default();
        }
        table.row([
            text(package, &["name"]),
            text(package, &["software_packageVersion"]),
            licence
                .filter(|it| is_licence(it))
                .cloned()
                .unwrap_or_default(),
            url,
        ]);
    }
    finish(document, about, table);
}

fn cyclonedx(document: &mut Document, whole: &Object<'_>) {
    document.title = ["CycloneDX ", &text(whole, &["specVersion"])].concat();
    let mut about = Section::new("About it");
    about.text("of", whole, &["metadata", "component", "name"]);
    about.text("version", whole, &["metadata", "component", "version"]);
    about.text("made", whole, &["metadata", "timestamp"]);
    about.says("made by", tools(whole));
    about.text("serial number", whole, &["serialNumber"]);
    let mut table = Table::new("package", HEADS);
    // Components lie in components.
    let mut waiting: Vec<&[Value<'_>]> = vec![array(whole, &["components"])];
    while let Some(components) = waiting.pop() {
        for component in components.iter().filter_map(Value::as_object) {
            table.row([
                name(component),
                text(component, &["version"]),
                licence(component),
                text(component, &["purl"]),
            ]);
            let inside = array(component, &["components"]);
            if !inside.is_empty() {
                waiting.push(inside);
            }
        }
    }
    finish(document, about, table);
}

fn name(component: &Object<'_>) -> String {
    let (group, name) = (text(component, &["group"]), text(component, &["name"]));
    if group.is_empty() {
        return name;
    }
    [group.as_str(), "/", &name].concat()
}

fn licence(component: &Object<'_>) -> String {
    let licence = |value: &Value<'_>| {
        let object = value.as_object()?;
        let ways = [
            &["license", "id"][..],
            &["license", "name"],
            &["expression"],
        ];
        ways.into_iter()
            .map(|way| text(object, way))
            .find(|text| !text.is_empty())
    };
    let all = array(component, &["licenses"])
        .iter()
        .take(16)
        .filter_map(licence);
    all.collect::<Vec<_>>().join(", ")
}

/// The tools that made it: of 1.5 an object with components, before that an array.
fn tools(whole: &Object<'_>) -> String {
    let old = array(whole, &["metadata", "tools"]);
    let new = array(whole, &["metadata", "tools", "components"]);
    let named = old.iter().chain(new).take(16).filter_map(Value::as_object);
    let words = named.map(|tool| {
        let (name, version) = (text(tool, &["name"]), text(tool, &["version"]));
        [name.as_str(), " ", &version]
            .concat()
            .trim_end()
            .to_owned()
    });
    words.collect::<Vec<_>>().join(", ")
}
