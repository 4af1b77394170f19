//! Makes of the linked page what a browser loads: programs (`.wasm`) and the scripts that start them.
//!
//! `waybill-bundle LINKED FOLDER` cuts the program along its parts (`src/lazy.rs` says what a part is), and gives the
//! main one its script. The program has to be linked with `--emit-relocs` and built with the feature `split`. FOLDER
//! then holds `NAME_bg.wasm` and `NAME.js`, a program for each part and each chunk that parts share, and
//! `__wasm_split.js`, which loads those; and `registries.js`, what `static/first_request.js` has to know as core does.
//! `scripts/bundle/build.mjs` goes on from there.
//!
//! `waybill-bundle --whole LINKED FOLDER` leaves the program in one piece, as Trunk does: for `scripts/bench`, and for
//! the test that compares the two.
//!
//! Beside core here are only the two libraries that the command line tools wasm-split-cli and wasm-bindgen call, because
//! to build those tools takes minutes.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;
use waybill_core::registry::auth_policy::KNOWN_REALMS;
use waybill_core::registry::client::requests::ACCEPT_ALL;
use waybill_core::registry::relay_path::relay_path;
use waybill_core::registry::transport::Purpose;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let result = match &arguments[..] {
        [whole, linked, folder] if whole.as_os_str() == "--whole" => write_whole(linked, folder),
        [linked, folder] => write_parts(linked, folder),
        _ => Err(
            "name the linked program and a folder: waybill-bundle [--whole] LINKED FOLDER".into(),
        ),
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("waybill-bundle: {}", in_full(&*error));
    ExitCode::FAILURE
}

/// Writes the program in parts. They are cut off first, since wasm-bindgen leaves nothing of the relocations.
fn write_parts(linked: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let program = fs::read(linked).map_err(|cause| format!("{}: {cause}", linked.display()))?;
    let name = linked.file_stem().ok_or("the linked program has no name")?;
    let main = folder.join(name).with_extension("wasm");
    let script = format!("./{}.js", name.display());
    let mut options = Options::new(&program);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &script;
    wasm_split_cli_support::transform(options)?;
    // Without these two wasm-bindgen takes away the table that the parts hang their functions into.
    bindgen(&main)?
        .keep_lld_exports(true)
        .demangle(false)
        .generate(folder)?;
    fs::remove_file(main)?;
    fs::write(folder.join("registries.js"), registries())?;
    Ok(())
}

/// Writes for JavaScript which tokens are asked for before anything else, but for their scope, and what is accepted.
fn registries() -> String {
    let token = |(host, realm, service): &(&str, &str, &str)| {
        let path = relay_path(&format!("{realm}?service={service}"), Purpose::Token)?;
        Some(format!("{host:?}: {path:?}, "))
    };
    // Nothing in these needs to be written otherwise in JavaScript than in Rust.
    let tokens: String = KNOWN_REALMS.iter().filter_map(token).collect();
    format!("const TOKENS = {{ {tokens}}};\nconst ACCEPT = {ACCEPT_ALL:?};\n")
}

fn write_whole(linked: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    Ok(bindgen(linked)?.generate(folder)?)
}

fn bindgen(program: &Path) -> Result<Bindgen, Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    // The last one as the command line sets it, and so Trunk.
    bindgen
        .web(true)?
        .input_path(program)
        .typescript(false)
        .omit_default_module_path(false);
    Ok(bindgen)
}

/// The error's words, and after a colon each of those of its causes.
fn in_full(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
