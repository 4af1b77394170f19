//! The config of a Helm chart: what stands in its `Chart.yaml`.
//!
//! Source: helm.sh `docs/topics/charts`, `docs/topics/registries`.

use crate::json::{Object, Value};

use super::value::{array, text, texts};
use super::{Document, Listing, Section, Table};

pub(super) fn read(document: &mut Document, whole: &Object<'_>) {
    "Helm chart".clone_into(&mut document.title);
    let mut chart = Section::new("Chart");
    for (name, member) in [
        ("name", "name"),
        ("version", "version"),
        ("version of the app", "appVersion"),
        ("description", "description"),
        ("type", "type"),
        ("Kubernetes", "kubeVersion"),
        ("home", "home"),
        ("deprecated", "deprecated"),
    ] {
        chart.text(name, whole, &[member]);
    }
    chart.says("sources", texts(whole, &["sources"]));
    chart.says("keywords", texts(whole, &["keywords"]));
    let maintainers = array(whole, &["maintainers"]).iter().take(16);
    for maintainer in maintainers.filter_map(Value::as_object) {
        chart.text("maintainer", maintainer, &["name"]);
    }
    document.sections.extend(chart.filled());
    let mut table = Table::new(Listing::Dependency);
    for dependency in array(whole, &["dependencies"])
        .iter()
        .filter_map(Value::as_object)
    {
        table.row(["name", "version", "repository"].map(|name| text(dependency, &[name])));
    }
    document.tables.extend(table.filled());
}
