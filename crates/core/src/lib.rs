//! Reads, checks, fetches, verifies and composes the manifests of container images: bytes in, values out.
//!
//! **What it does.** It reads every manifest that registries hold (OCI images and indexes, Docker schema 2 images and
//! lists, schema 1 signed or not), keeps the bytes, says which format they are and by what evidence, and reports every
//! [`finding`] with its place, its rule and the rule's source. It asks registries as a client, with tokens and
//! redirects, compares what comes with the digest that names it, composes lists byte for byte as other tools write
//! them, and plans and runs their push.
//!
//! **What it does not.** It has no clock, no randomness, no thread, no I/O and no browser: a registry is reached through
//! the [`Transport`] that the caller brings, and a workflow answers with effects for the caller to run. It runs no image
//! and unpacks no layer. It never changes what it was given: new JSON that gets a digest is made in [`compose`] alone.
//!
//! # From a reference to a digest to findings
//!
//! ```
//! use waybill_core::{Code, DeclaredTypes, Digest, Manifest, Reference};
//!
//! // What a person types, completed as docker completes it.
//! let reference: Reference = "nginx:1.27".parse()?;
//! assert_eq!(reference.host().as_str(), "docker.io");
//! assert_eq!(reference.repository().as_str(), "library/nginx");
//!
//! // The bytes that a registry sent for it, and the digest that they have.
//! let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
//! let digest = Digest::sha256(bytes);
//! assert!(digest.check(bytes) == Some(true));
//!
//! // What they are, and what there is to say of them.
//! let (manifest, findings) = Manifest::read(&bytes[..], &DeclaredTypes::none())?;
//! assert_eq!(manifest.format.to_string(), "OCI image index");
//! assert_eq!(findings[0].code, Code::EmptyList);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Two examples go the whole way, over a small transport of their own: `inspect` fetches a manifest and shows it,
//! `build_list` builds a list of two tags and pushes it. `read` and `compose` are their big brothers without a network.
//!
//! # Modules, in reading order
//!
//! Each knows only those above it.
//!
//! | module | holds |
//! | --- | --- |
//! | [`limits`] | how much of anything is read, kept and asked for at once |
//! | [`humanize`] | numbers, sizes and counts in words |
//! | [`tar`] | headers of tar files |
//! | [`time`] | times of RFC 3339, in UTC |
//! | [`base64`] | base64 in its two alphabets |
//! | [`digest`], [`media_type`], [`platform`], [`reference`](mod@reference) | the nouns: what a text has to be to name something |
//! | [`input`] | what a person typed or pasted: a reference, an address, a command line |
//! | [`command_line`] | commands that are safe to paste into a terminal |
//! | [`json`] | JSON as it was written, with order, duplicate names and the places of values |
//! | [`finding`] | what is wrong or noteworthy, by rules that name their source |
//! | [`descriptor`], [`config`], [`manifest`] | the documents: lenient to read, strict to report |
//! | [`verify`] | what a digest expects, whether bytes have it, and if not, why |
//! | [`report`] | the report of an inspection: JSON, plain text, a badge; and what its own bytes say of it |
//! | [`recognize`] | what is no manifest, named for what it is |
//! | [`compose`] | lists made of manifests, as this or another tool writes them |
//! | [`mod@diff`] | two images or lists beside each other |
//! | [`conversion`] | an image in another format, as skopeo writes it |
//! | [`save`] | images as an archive: what it holds, to the byte, before it is written |
//! | [`tags`] | the tags of a repository: what registries answer, and in which order they are read |
//! | [`documents`] | what refers to an image: statements, SBOMs, provenance, reports, envelopes of signatures |
//! | [`registry`] | the client: credentials, tokens, manifests, blobs, uploads |
//! | [`workflow`] | inspecting, verifying, composing, pushing and the rest, as messages in and effects out |
//! | [`view`] | what all of that is called before a person; nothing else knows it |

#![warn(clippy::expect_used)]
#![cfg_attr(test, allow(clippy::expect_used))]

pub mod limits;
pub mod base64;
pub mod humanize;
pub mod tar;
pub mod time;

pub mod digest;
pub mod media_type;
pub mod platform;
pub mod reference;
pub mod input;
pub mod command_line;

pub mod json;
pub mod finding;
pub mod lenient;
pub mod annotation;
pub mod descriptor;
pub mod config;
pub mod manifest;
pub mod verify;
pub mod report;
pub mod recognize;
pub mod compose;
pub mod diff;
pub mod conversion;
pub mod save;
pub mod tags;
pub mod documents;

pub mod registry;
pub mod workflow;
pub mod view;

pub use config::ImageConfig;
pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest};
pub use finding::{Code, Finding, Severity};
pub use manifest::detect::DeclaredTypes;
pub use manifest::{Format, Image, List, Manifest};
pub use media_type::MediaType;
pub use platform::Platform;
pub use reference::{Reference, RegistryHost, RepositoryPath, Tag};
pub use registry::client::Client;
pub use registry::transport::Transport;
