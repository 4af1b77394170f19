//! The page of Waybill: renders the core's values and runs its effects. Modules in reading order.

pub mod route;
pub mod examples;
pub mod state;
pub mod lazy;
pub mod verify;
pub mod compose;
pub mod app;

pub mod pages;

pub mod components;

pub mod browser;
