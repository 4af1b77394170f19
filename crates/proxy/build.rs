//! Puts the built page into the program: every file of the folder that `WAYBILL_PAGE` names, or none where it is not set.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=WAYBILL_PAGE");
    let mut files = Vec::new();
    if let Some(page) = env::var_os("WAYBILL_PAGE").map(PathBuf::from) {
        let page = page.canonicalize()?;
        println!("cargo::rerun-if-changed={}", page.display());
        list(&page, "", &mut files)?;
        assert!(
            files.iter().any(|(name, _)| name == "index.html"),
            "there is no index.html in {}",
            page.display()
        );
    }
    files.sort();
    let entries: Vec<String> = files
        .iter()
        .map(|(name, path)| format!("    ({name:?}, include_bytes!({path:?})),\n"))
        .collect();
    let table = format!(
        "static BUILT_IN: [(&str, &[u8]); {}] = [\n{}];\n",
        files.len(),
        entries.concat()
    );
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    fs::write(out.join("page.rs"), table)
}

/// The files below `folder` as name and path. Links and names that begin with a dot are left out.
fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let Some(name) = entry
            .file_name()
            .to_str()
            .filter(|name| !name.starts_with('.'))
            .map(str::to_owned)
        else {
            continue;
        };
        if kind.is_dir() {
            list(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            let path = entry.path().into_os_string().into_string();
            files.push((
                format!("{prefix}{name}"),
                path.map_err(|_| io::ErrorKind::InvalidFilename)?,
            ));
        }
    }
    Ok(())
}
