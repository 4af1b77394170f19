//! The page of Waybill: renders the core's values and runs its effects. Modules in reading order.

pub mod app;
pub mod examples;
pub mod route;
pub mod state;

pub mod pages;

pub mod components;

pub mod browser;
