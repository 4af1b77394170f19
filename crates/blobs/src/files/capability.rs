//! File capabilities: what `security.capability` says, as the kernel reads it.
//!
//! The value is little-endian whatever the machine: a revision with the flag of effective, then
//! the low and the high words of permitted and inheritable, then from revision 3 on the user that
//! is root where they count (`linux/capability.h`, `vfs_ns_cap_data`).

use serde::{Deserialize, Serialize};

/// The extended attribute that holds them.
pub(super) const CAPABILITY: &[u8] = b"security.capability";

/// The names by number, without `cap_`, as `linux/capability.h` has them (6.12).
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// What a file may do that else root alone may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// The revision of the value's layout: 1, 2 or 3.
    pub revision: u8,
    /// Whether they count from the start, without the program asking for them.
    pub effective: bool,
    /// One bit for each that the program may have.
    pub permitted: u64,
    /// One bit for each that it may have where its caller has it too.
    pub inheritable: u64,
    /// The user that is root in the namespaces where they count; `None` before revision 3.
    pub root: Option<u32>,
}

impl Capabilities {
    /// Reads the value of the attribute; `None` where the kernel would refuse it.
    ///
    /// ```
    /// use waybill_blobs::files::Capabilities;
    ///
    /// // setcap cap_net_raw+ep
    /// let value = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    /// assert_eq!(Capabilities::read(value).unwrap().to_string(), "cap_net_raw=ep");
    /// ```
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = value.get(at * 4..at * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let magic = word(0)?;
        let revision = u8::try_from(magic >> 24).ok()?;
        let length = match revision {
            1 => 12,
            2 => 20,
            3 => 24,
            _ => return None,
        };
        if value.len() != length {
            return None;
        }
        let both = |at: usize| {
            let high = if revision == 1 { 0 } else { word(at + 2)? };
            Some(u64::from(word(at)?) | u64::from(high) << 32)
        };
        Some(Self {
            revision,
            effective: magic & 1 == 1,
            permitted: both(1)?,
            inheritable: both(2)?,
            root: word(5),
        })
    }

    /// Lists the names that `bits` have, in the order of their numbers; one that has no name yet
    /// is its number.
    #[must_use]
    pub fn names(bits: u64) -> Vec<String> {
        let set = (0..64).filter(|number| bits >> number & 1 == 1);
        set.map(|number: usize| match NAMES.get(number) {
            Some(name) => format!("cap_{name}"),
            None => number.to_string(),
        })
        .collect()
    }
}

impl std::fmt::Display for Capabilities {
    /// Writes them as getcap does: `cap_net_admin,cap_net_raw=ep`; each group of names with what
    /// holds of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            permitted,
            inheritable,
            ..
        } = *self;
        let groups = [
            (permitted & inheritable, "ip"),
            (permitted & !inheritable, "p"),
            (inheritable & !permitted, "i"),
        ];
        let mut separator = "";
        for (bits, flags) in groups.into_iter().filter(|(bits, _)| *bits != 0) {
            let effective = if self.effective { "e" } else { "" };
            let names = Self::names(bits).join(",");
            write!(f, "{separator}{names}={effective}{flags}")?;
            separator = " ";
        }
        if separator.is_empty() {
            f.write_str("none")?;
        }
        match self.root {
            Some(root) if root != 0 => write!(f, " [rootid={root}]"),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(hex: &str) -> Option<String> {
        let byte = |at| {
            let digits = hex.get(at..at + 2);
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
        };
        let value: Option<Vec<_>> = (0..hex.len()).step_by(2).map(byte).collect();
        Capabilities::read(&value?).map(|read| read.to_string())
    }

    /// The values are those of real files: `getfattr -e hex` of ping (Debian), gst-ptp-helper,
    /// newuidmap (Fedora), and what `setcap -n 1000` writes.
    #[test]
    fn values_are_said_as_getcap_says_them() {
        for (hex, says) in [
            ("0100000200200000000000000000000000000000", "cap_net_raw=ep"),
            (
                "0100000200240000000000000000000000000000",
                "cap_net_bind_service,cap_net_raw=ep",
            ),
            ("0100000280000000000000000000000000000000", "cap_setuid=ep"),
            ("0000000200200000002000000000000000000000", "cap_net_raw=ip"),
            (
                "010000020000000000000000c000000000000000",
                "cap_perfmon,cap_bpf=ep",
            ),
            (
                "010000030020000000000000000000000000000 0e8030000",
                "cap_net_raw=ep [rootid=1000]",
            ),
            ("010000010020000000000000", "cap_net_raw=ep"),
            (
                "0100000200200000800000000000000000000000",
                "cap_net_raw=ep cap_setuid=ei",
            ),
            ("0000000200000000000000000000000000000000", "none"),
        ] {
            assert_eq!(said(&hex.replace(' ', "")).as_deref(), Some(says), "{hex}");
        }
    }

    #[test]
    fn a_value_of_another_length_or_revision_is_refused() {
        for hex in [
            "",
            "01000002",
            "010000020020000000000000000000000000000000",
            "0100000300200000000000000000000000000000",
            "0100000400200000000000000000000000000000",
            "01000001002000000000000000000000",
        ] {
            assert_eq!(said(hex), None, "{hex}");
        }
    }

    #[test]
    fn a_number_without_a_name_is_said_as_it_is() {
        assert_eq!(
            Capabilities::names(1 << 63 | 1 << 41 | 1),
            ["cap_chown", "41", "63"]
        );
    }
}
