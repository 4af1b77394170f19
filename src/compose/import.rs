//! Sources that come into the composition: typed, given, or a list to begin anew with.

use waybill_core::reference::Reference;
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::compose::{self as workflow, Msg as Change};

use super::message::{Effect, Field};
use super::sources::{self, Read, ReadSpecification};
use super::state::State;
use crate::examples;
use crate::lazy::LoadError;
use crate::local_content::{Import, LocalContent};
use crate::shell::Request;

impl State {
    pub(super) fn add_sources(&mut self) -> Vec<Request> {
        let text = self.forget(&Field::Sources);
        if sources::is_content(&text) {
            let given = LocalContent::text("The typed text", &text);
            self.give(vec![given]);
            self.submitted = false;
            return Vec::new();
        }
        let reads = sources::read(&text, self.target());
        self.submitted = true;
        let (mut references, mut hosts, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for Read { line, found } in reads {
            match found {
                Ok(found) => {
                    references.push(found.reference);
                    hosts.extend(found.plain_http);
                }
                Err(_) => wrong.push(line),
            }
        }
        if !references.is_empty() {
            self.said = [
                &waybill_core::humanize::count(references.len(), "source"),
                " added",
            ]
            .concat();
            self.change(Change::Add(references));
        }
        // What is wrong stays, to be put right.
        if wrong.is_empty() {
            self.submitted = text.trim().is_empty();
        } else {
            self.typed.push((Field::Sources, wrong.join("\n")));
        }
        self.queue(Effect::Focus(super::ids::SOURCES.to_owned()));
        hosts.into_iter().map(Request::SetPlainHttp).collect()
    }

    pub(super) fn open_source(&mut self) -> Vec<Request> {
        self.submitted = true;
        self.left_out.clear();
        self.with_source(Field::Sources, Change::Open)
    }

    /// Makes a change with the one source in a box; one that is none stays there, beside its fault.
    pub(super) fn with_source(
        &mut self,
        field: Field,
        change: impl FnOnce(Reference) -> Change,
    ) -> Vec<Request> {
        let text = self.forget(&field);
        let Ok(found) = sources::one(&text, self.target()) else {
            self.typed.push((field, text));
            return Vec::new();
        };
        self.submitted = false;
        self.begin(change(found.reference));
        found
            .plain_http
            .into_iter()
            .map(Request::SetPlainHttp)
            .collect()
    }

    /// Takes contents, once there is what reads them.
    pub(super) fn give(&mut self, files: Vec<LocalContent>) {
        let import = Import {
            files,
            ..Import::default()
        };
        let Import {
            files, left_out, ..
        } = import.without_credentials();
        let left_out = left_out.into_iter();
        self.left_out
            .extend(left_out.map(|(name, why)| (name, why.to_owned())));
        if files
            .iter()
            .any(|given| sources::is_specification(&given.name, &given.bytes))
        {
            self.queue(Effect::LoadSpecificationReader(files));
        } else {
            self.take_given(files, Err(LoadError::Failed));
        }
    }

    /// Takes contents; of files of manifest-tool it takes what `reader` says.
    pub(super) fn take_given(
        &mut self,
        files: Vec<LocalContent>,
        reader: Result<ReadSpecification, LoadError>,
    ) {
        let mut contents = Vec::with_capacity(files.len());
        for LocalContent { name, bytes, .. } in files {
            if !sources::is_specification(&name, &bytes) {
                contents.push(workflow::LocalManifest { name, bytes });
                continue;
            }
            let read = match reader {
                Ok(read) => read(&bytes),
                Err(error) => {
                    Err(["what reads YAML could not be loaded: ", &error.to_string()].concat())
                }
            };
            match read {
                Ok(specification) => {
                    let tags: Vec<_> = specification.tags.iter().map(ToString::to_string).collect();
                    self.begin(Change::OpenSpecification(Box::new(specification)));
                    if !tags.is_empty() {
                        let why =
                            ["its further tags are not taken over: ", &tags.join(", ")].concat();
                        self.left_out.push((name, why));
                    }
                }
                Err(why) => self.left_out.push((name, why)),
            }
        }
        if !contents.is_empty() {
            self.said = [
                &waybill_core::humanize::count(contents.len(), "content"),
                " added",
            ]
            .concat();
            self.change(Change::Give(contents));
        }
    }

    pub(super) fn open_local(&mut self, files: Vec<LocalContent>) {
        let mut files = files.into_iter();
        let Some(list) = files.next() else { return };
        let beside = files.map(|given| given.bytes).collect();
        self.begin(Change::OpenGiven {
            list: workflow::LocalManifest {
                name: list.name,
                bytes: list.bytes,
            },
            beside,
        });
    }

    /// Opens the first example, once it is loaded.
    pub(super) fn example(&mut self) {
        let Some(example) = examples::find("index") else {
            return self.queue(Effect::LoadExamples);
        };
        let root = LocalContent::new("The example", example.root, true);
        let blobs = example
            .blobs
            .iter()
            .map(|(name, bytes)| LocalContent::new(*name, *bytes, true));
        self.open_local(std::iter::once(root).chain(blobs).collect());
    }

    pub(super) fn examples_loaded(&mut self, result: Result<(), LoadError>) {
        match result {
            Ok(()) => self.example(),
            Err(why) => {
                self.said = ["The example could not be loaded: ", &why.to_string()].concat();
            }
        }
    }

    pub(super) fn start_from(&mut self, id: RowId) {
        let composition = self.model.composition();
        let Some(source) = composition.row(id).and_then(|row| row.from.clone()) else {
            return;
        };
        match source {
            workflow::Source::Registry(reference) => self.begin(Change::Open(reference)),
            workflow::Source::Given { name, digest } => {
                let Some(bytes) = self.model.given(&digest).cloned() else {
                    return;
                };
                self.begin(Change::OpenGiven {
                    list: workflow::LocalManifest { name, bytes },
                    beside: Vec::new(),
                });
            }
        }
    }
}
