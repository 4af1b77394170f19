//! Paths as dive tells them apart, by numbers.

use std::collections::HashMap;

use super::Uncounted;

/// The number of the directory that everything lies in.
pub(super) const ROOT: u32 = 0;
/// dive leaves out what has a name that begins so, and everything in it.
pub(super) const DROPPED: &[u8] = b".wh..wh..";
const WHITEOUT: &[u8] = b".wh.";
/// How many paths there may be.
const PATHS: usize = 4_000_000;

/// The parts of a name as Go's `path.Clean` leaves them, and whether it is absolute. A relative
/// one may begin with `..`.
pub(super) fn clean(name: &[u8]) -> (bool, Vec<&[u8]>) {
    let is_absolute = name.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    (is_absolute, parts)
}

/// The paths of all layers; a path's number is above that of its directory.
pub(super) struct Paths<'a> {
    numbers: HashMap<(u32, &'a [u8]), u32>,
    /// The directory and the name of each.
    parts: Vec<(u32, &'a [u8])>,
}

/// What a whiteout deletes.
#[derive(Clone, Copy)]
pub(super) struct Whiteout {
    /// The path by which dive counts it.
    pub(super) key: u32,
    /// The path that dive looks for and removes: of a whiteout of no name its directory.
    pub(super) target: u32,
}

impl<'a> Paths<'a> {
    pub(super) fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            parts: vec![(ROOT, b"")],
        }
    }

    /// The number of a name in a directory.
    pub(super) fn child(&mut self, parent: u32, name: &'a [u8]) -> Result<u32, Uncounted> {
        if let Some(number) = self.numbers.get(&(parent, name)) {
            return Ok(*number);
        }
        let number = Some(self.parts.len()).filter(|number| *number < PATHS);
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.ok_or(Uncounted::TooManyPaths)?;
        self.numbers.insert((parent, name), number);
        self.parts.push((parent, name));
        Ok(number)
    }

    pub(super) fn parent(&self, path: u32) -> u32 {
        self.part(path).0
    }

    pub(super) fn name(&self, path: u32) -> &'a [u8] {
        self.part(path).1
    }

    fn part(&self, path: u32) -> (u32, &'a [u8]) {
        self.parts.get(path as usize).copied().unwrap_or_default()
    }

    /// Reads a path as a whiteout; `None` where it is an ordinary one.
    pub(super) fn whiteout(&mut self, path: u32) -> Result<Option<Whiteout>, Uncounted> {
        let (parent, name) = self.part(path);
        let Some(deleted) = name.strip_prefix(WHITEOUT) else {
            return Ok(None);
        };
        let key = self.child(parent, deleted)?;
        let target = if deleted.is_empty() { parent } else { key };
        Ok(Some(Whiteout { key, target }))
    }

    /// The path as dive writes it, from a `/`.
    pub(super) fn path(&self, path: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = path;
        while at != ROOT {
            names.push(self.name(at));
            at = self.parent(at);
        }
        names.push(b"");
        names.reverse();
        names.join(&b'/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_as_go_does() {
        for (name, is_absolute, parts) in [
            ("a//b/./c/", false, "a b c"),
            ("a/../b", false, "b"),
            ("../x", false, ".. x"),
            ("a/../../../x", false, ".. .. x"),
            ("/../x", true, "x"),
            ("/", true, ""),
            ("./", false, ""),
            ("", false, ""),
        ] {
            let found = clean(name.as_bytes());
            let expected: Vec<_> = parts.split_whitespace().map(str::as_bytes).collect();
            assert_eq!(found, (is_absolute, expected), "{name}");
        }
    }
}
