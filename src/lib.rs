//! The page of Waybill: renders the core's values and runs its effects. Modules in reading order.

pub mod limits;
pub mod reader;
pub mod opener;
pub mod schema1;
pub mod route;
pub mod local_content;
pub mod theme;
pub mod language;
pub mod examples;
pub mod shell;
pub mod page;
pub mod place;
pub mod lazy;
pub mod app;

pub mod signatures;
pub mod inspection;
pub mod related;
pub mod pushing;
pub mod inspect;
pub mod verify;
pub mod compose;
pub mod archive;
pub mod copy;
pub mod diff;
pub mod tags;

pub mod components;

pub mod browser;
