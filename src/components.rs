//! Pieces of pages: values in, [`Element`](element::Element)s out. No state, and no browser calls.
//!
//! Copying goes by an attribute: a click on anything that carries `data-copy` copies its value, so a row of a table
//! needs no listener of its own.

pub mod alert;
pub mod code;
pub mod commands;
pub mod config;
pub mod custody;
pub mod dialog;
pub mod digest;
pub mod element;
pub mod error;
pub mod findings;
pub mod heading;
pub mod layers;
pub mod listed;
pub mod listener;
pub mod loading;
pub mod platforms;
pub mod text_box;
pub mod reference_input;
pub mod sheet;
pub mod status;
pub mod table;
pub mod text;
