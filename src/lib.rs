//! The page of Waybill: renders the core's values and runs its effects. Modules in reading order.

pub mod limits;
pub mod reader;
pub mod schema1;
pub mod route;
pub mod local_content;
pub mod theme;
pub mod examples;
pub mod shell;
pub mod page;
pub mod lazy;
pub mod app;

pub mod inspection;
pub mod inspect;
pub mod verify;
pub mod compose;
pub mod tags;

pub mod components;

pub mod browser;
