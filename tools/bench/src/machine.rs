//! What the figures were measured on.

use std::fs;
use std::process::Command;

/// The machine and the moment, for reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub memory_gib: u64,
    pub system: String,
    /// Date and time with the offset from UTC.
    pub when: String,
}

impl Machine {
    /// This machine, now. What it does not say stays empty.
    pub fn here() -> Machine {
        let file = |path| fs::read_to_string(path).unwrap_or_default();
        let kernel = file("/proc/sys/kernel/osrelease").trim().to_string();
        let name = field(&file("/etc/os-release"), "PRETTY_NAME", '=');
        let name = name.trim_matches('"');
        Machine {
            cpu: field(&file("/proc/cpuinfo"), "model name", ':'),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: memory_gib(&file("/proc/meminfo")),
            system: format!("{name}, Linux {kernel}, {}", std::env::consts::ARCH),
            when: date(),
        }
    }

    /// One line.
    pub fn line(&self) -> String {
        format!(
            "{}, {} cores, {} GiB; {}",
            self.cpu, self.cores, self.memory_gib, self.system
        )
    }
}

/// The value after a key, in files of lines `key: value` or `KEY=value`.
fn field(text: &str, key: &str, sign: char) -> String {
    let value = |line: &str| {
        let (name, value) = line.split_once(sign)?;
        (name.trim() == key).then(|| value.trim().to_string())
    };
    text.lines().find_map(value).unwrap_or_default()
}

fn memory_gib(text: &str) -> u64 {
    let kib = field(text, "MemTotal", ':');
    let kib: f64 = kib.trim_end_matches(" kB").parse().unwrap_or(0.0);
    (kib / 1024.0 / 1024.0).round() as u64
}

/// `std` knows no calendar.
fn date() -> String {
    let answer = Command::new("date").arg("+%Y-%m-%d %H:%M %z").output();
    answer.map_or_else(
        |_| String::new(),
        |answer| String::from_utf8_lossy(&answer.stdout).trim().to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_system_are_read() {
        let cpu = "processor\t: 0\nmodel name\t: A CPU @ 2 GHz\n";
        assert_eq!(field(cpu, "model name", ':'), "A CPU @ 2 GHz");
        assert_eq!(field(cpu, "cache", ':'), "");
        assert_eq!(memory_gib("MemTotal:       16384000 kB\n"), 16);
        assert_eq!(memory_gib(""), 0);
    }
}
