//! What the machine is and how busy it was: without them a time says little.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the load before a comparison is called among the conditions.
pub(super) const LOAD: &str = "load at the beginning";

/// The machine, the versions of what builds and runs, and the load now, each with its name.
pub(super) fn conditions(python: &str) -> Vec<(String, String)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_string());
    let memory = field("/proc/meminfo", "MemTotal").and_then(|text| gibibytes(&text)).unwrap_or_default();
    let all = [
        ("processor", format!("{processor}, {cores} cores{}", caches())),
        ("memory", memory),
        (
            "system",
            format!("{} {}", std::env::consts::OS, line("/proc/sys/kernel/osrelease").unwrap_or_default()),
        ),
        ("compiler", told_by("rustc", "--version")),
        ("interpreter", told_by(python, "--version")),
        ("waiting of OpenMP's threads", variable("OMP_WAIT_POLICY")),
        (LOAD, load()),
    ];
    all.into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.to_string(), text))
        .collect()
}

/// How many programs wanted a core, on average over a minute.
pub(super) fn load() -> String {
    let text = line("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_string()
}

/// The day, as `2026-11-21`, in UTC.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (year, month, day) = civil((seconds / 86_400) as i64);
    format!("{year}-{month:02}-{day:02}")
}

/// The date of a day counted from 1970 (H. Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The sizes of the first core's caches for data, such as `, L1 48K, L2 2048K`.
fn caches() -> String {
    let folder = |index: usize| format!("/sys/devices/system/cpu/cpu0/cache/index{index}");
    let cache = |index: usize| {
        let kind = line(&format!("{}/type", folder(index)))?;
        let (level, size) =
            (line(&format!("{}/level", folder(index)))?, line(&format!("{}/size", folder(index)))?);
        (kind != "Instruction").then(|| format!(", L{level} {size}"))
    };
    (0..5).filter_map(cache).collect()
}

fn line(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_string())
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_string())
}

fn gibibytes(text: &str) -> Option<String> {
    let kibibytes: f64 = text.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.0} GiB", kibibytes / f64::from(1 << 20)))
}

fn told_by(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default()
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_723), (2024, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
    }

    #[test]
    fn memory_is_told_in_round_numbers() {
        assert_eq!(gibibytes("24689284 kB").as_deref(), Some("24 GiB"));
        assert_eq!(gibibytes("many"), None);
    }
}
