//! Lists of packages: SPDX 2 and 3, and `CycloneDX`.
//!
//! Source: SPDX 2.3 and 3.0.1, `CycloneDX` 1.4 to 1.6, their JSON forms.

use std::collections::BTreeMap;

use crate::json::{Keep, Object, Value};
use crate::limits;

use super::value::{array, cut, text, texts, whole as whole_text};
use super::{Document, Listing, Section, Table};

/// The column that is counted.
const LICENCE: usize = 2;

/// The packages of a document, which are taken as they are read.
pub(super) struct Packages {
    form: Form,
    table: Table,
    graph: Graph,
}

/// In which form packages are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Spdx2,
    Spdx3,
    CycloneDx,
}

/// What the elements of an SPDX 3 document say, in whatever order they come.
#[derive(Default)]
struct Graph {
    /// How many came.
    elements: usize,
    version: String,
    about: Option<Section>,
    /// The id of each package in the table.
    ids: Vec<String>,
    /// The id of each package's licence, and what each licence is.
    licences: BTreeMap<String, String>,
    expressions: BTreeMap<String, String>,
}

impl Packages {
    /// The member in which cosign of old put the document into a text of its own.
    pub(super) const DATA: &str = "Data";
    /// The member that tells an SPDX 3 document.
    pub(super) const CONTEXT: &str = "@context";

    /// The document in `Data`, where there is one.
    pub(super) fn data<'v, 'a>(whole: &'v Object<'a>) -> Option<&'v Object<'a>> {
        whole.get(Self::DATA).and_then(Value::as_object)
    }

    /// Those of an object, by its members; `None` where it lists none.
    pub(super) fn of(whole: &Object<'_>) -> Option<Self> {
        let is_graph = || {
            let context = whole.get(Self::CONTEXT).map(Value::to_text);
            let context = context.unwrap_or_default();
            context.contains("spdx.org/rdf/3") && whole.get("@graph").is_some()
        };
        let form = if whole.get("spdxVersion").is_some() {
            Form::Spdx2
        } else if text(whole, &["bomFormat"]) == "CycloneDX" {
            Form::CycloneDx
        } else if is_graph() {
            Form::Spdx3
        } else {
            return None;
        };
        Some(Self {
            form,
            table: Table::new(Listing::Package),
            graph: Graph::default(),
        })
    }

    /// The member that lists them, and those that are read beside it.
    pub(super) fn members(&self) -> (&'static str, &'static [&'static str]) {
        match self.form {
            Form::Spdx2 => ("packages", &["name", "creationInfo", "documentNamespace"]),
            Form::Spdx3 => ("@graph", &[]),
            Form::CycloneDx => ("components", &["metadata"]),
        }
    }

    /// What is kept of a member of the document.
    pub(super) fn keep(&self, name: &str) -> Keep {
        let (list, beside) = self.members();
        if name == list {
            Keep::Each
        } else if beside.contains(&name) {
            Keep::All
        } else {
            Keep::Plain
        }
    }

    /// Takes an element of the list.
    pub(super) fn take(&mut self, element: &Value<'_>) {
        let Some(element) = element.as_object() else {
            return;
        };
        match self.form {
            Form::Spdx2 => self.spdx2(element),
            Form::Spdx3 => self.spdx3(element),
            Form::CycloneDx => self.cyclonedx(element),
        }
    }

    fn spdx2(&mut self, package: &Object<'_>) {
        let licences = ["licenseConcluded", "licenseDeclared"].map(|name| text(package, &[name]));
        let licence = licences.into_iter().find(|it| is_licence(it));
        let references = array(package, &["externalRefs"])
            .iter()
            .filter_map(Value::as_object);
        let mut urls = references.filter(|it| text(it, &["referenceType"]) == "purl");
        let url = urls.next().map(|it| text(it, &["referenceLocator"]));
        self.table.row([
            text(package, &["name"]),
            text(package, &["versionInfo"]),
            licence.unwrap_or_default(),
            url.unwrap_or_default(),
        ]);
    }

    /// Adds a component, and the components that lie in it behind it.
    fn cyclonedx(&mut self, component: &Object<'_>) {
        let mut waiting = vec![component];
        while let Some(component) = waiting.pop() {
            self.table.row([
                name(component),
                text(component, &["version"]),
                licence(component),
                text(component, &["purl"]),
            ]);
            let inside = array(component, &["components"]).iter().rev();
            waiting.extend(inside.filter_map(Value::as_object));
        }
    }

    fn spdx3(&mut self, element: &Object<'_>) {
        let graph = &mut self.graph;
        graph.elements += 1;
        if graph.elements > limits::DOCUMENT_ROWS * 4 {
            return;
        }
        graph.take(element);
        if text(element, &["type"]) != "software_Package" {
            return;
        }
        let mut url = text(element, &["software_packageUrl"]);
        if url.is_empty() {
            let identifiers = array(element, &["externalIdentifier"]).iter();
            let mut identifiers = identifiers.filter_map(Value::as_object);
            let found =
                identifiers.find(|it| text(it, &["externalIdentifierType"]) == "packageUrl");
            url = found
                .map(|it| text(it, &["identifier"]))
                .unwrap_or_default();
        }
        let id = whole_text(element, &["spdxId"]);
        graph.ids.push(id.unwrap_or_default());
        self.table.row([
            text(element, &["name"]),
            text(element, &["software_packageVersion"]),
            String::new(),
            url,
        ]);
    }

    /// Ends the list: licences that stand elsewhere in it are put where they belong.
    fn finish(mut self) -> Table {
        for (row, id) in self.table.rows.iter_mut().zip(&self.graph.ids) {
            let licence = self.graph.licences.get(id);
            let licence = licence.and_then(|to| self.graph.expressions.get(to));
            if let Some(licence) = licence.filter(|it| is_licence(it)) {
                licence.clone_into(&mut row[LICENCE]);
            }
        }
        self.table.count(LICENCE);
        self.table
    }
}

impl Graph {
    /// Takes what an element says of the document, of licences, and of packages' licences.
    fn take(&mut self, element: &Object<'_>) {
        let about = self.about.get_or_insert_with(|| Section::new(ABOUT));
        let kind = text(element, &["type"]);
        if kind == "CreationInfo" && self.version.is_empty() {
            self.version = text(element, &["specVersion"]);
            about.text("made", element, &["created"]);
        }
        if kind == "SpdxDocument" {
            about.text("name", element, &["name"]);
        }
        let expression = whole_text(element, &["simplelicensing_licenseExpression"]);
        if let (Some(id), Some(expression)) = (whole_text(element, &["spdxId"]), expression) {
            self.expressions.insert(id, cut(&expression));
        }
        let relation = text(element, &["relationshipType"]);
        let is_concluded = relation == "hasConcludedLicense";
        if is_concluded || relation == "hasDeclaredLicense" {
            let to = array(element, &["to"]).first().and_then(Value::as_str);
            if let (Some(from), Some(to)) = (whole_text(element, &["from"]), to) {
                let known = self.licences.entry(from).or_insert_with(|| to.to_owned());
                if is_concluded {
                    to.clone_into(known);
                }
            }
        }
    }
}

const ABOUT: &str = "About it";

/// Tells of a list of packages, where it is one.
pub(super) fn read(
    document: &mut Document,
    whole: &Object<'_>,
    packages: Option<Packages>,
) -> bool {
    let Some(mut packages) = packages else {
        return false;
    };
    let whole = Packages::data(whole).unwrap_or(whole);
    let (title, about) = match packages.form {
        Form::Spdx2 => about_spdx2(whole),
        Form::CycloneDx => about_cyclonedx(whole),
        Form::Spdx3 => {
            let version = match packages.graph.version.as_str() {
                "" => "3",
                version => version,
            };
            let title = ["SPDX ", version].concat();
            (title, packages.graph.about.take().unwrap_or_default())
        }
    };
    document.title = title;
    document.sections.extend(about.filled());
    document.tables.extend(packages.finish().filled());
    true
}

fn about_spdx2(whole: &Object<'_>) -> (String, Section) {
    let version = text(whole, &["spdxVersion"]);
    let version = version.strip_prefix("SPDX-").unwrap_or(&version);
    let mut about = Section::new(ABOUT);
    about.text("name", whole, &["name"]);
    about.text("made", whole, &["creationInfo", "created"]);
    about.says("made by", texts(whole, &["creationInfo", "creators"]));
    about.text("namespace", whole, &["documentNamespace"]);
    (["SPDX ", version].concat(), about)
}

fn about_cyclonedx(whole: &Object<'_>) -> (String, Section) {
    let mut about = Section::new(ABOUT);
    about.text("of", whole, &["metadata", "component", "name"]);
    about.text("version", whole, &["metadata", "component", "version"]);
    about.text("made", whole, &["metadata", "timestamp"]);
    about.says("made by", tools(whole));
    about.text("serial number", whole, &["serialNumber"]);
    let title = ["CycloneDX ", &text(whole, &["specVersion"])].concat();
    (title, about)
}

/// What says something of a licence.
fn is_licence(text: &str) -> bool {
    !text.is_empty() && text != "NOASSERTION" && text != "NONE"
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
