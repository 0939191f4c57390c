//! What the operating system accounts to a process.

use std::fs;

#[derive(Clone, Copy, Default)]
pub struct Usage {
    /// utime + stime of all its threads.
    pub cpu_us: u64,
    pub rss_kib: u64,
    pub peak_rss_kib: u64,
}

/// Of a process by its id; `None` for this one.
pub fn usage(pid: Option<u32>) -> Result<Usage, String> {
    let process = pid.map_or("self".to_owned(), |pid| pid.to_string());
    let read = |file: &str| {
        fs::read_to_string(format!("/proc/{process}/{file}"))
            .map_err(|e| format!("/proc/{process}/{file}: {e}"))
    };
    let stat = read("stat")?;
    // The name in parentheses may hold anything; utime and stime are the 14th and 15th field.
    let fields: Vec<&str> =
        stat[stat.rfind(')').map_or(0, |end| end + 1)..].split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<u64>().ok());
    let cpu = ticks(14).zip(ticks(15)).ok_or("/proc/…/stat cannot be read")?;
    let status = read("status")?;
    let kib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Ok(Usage {
        cpu_us: micros(cpu.0 + cpu.1),
        rss_kib: kib("VmRSS:").unwrap_or(0),
        peak_rss_kib: kib("VmHWM:").unwrap_or(0),
    })
}

/// What all processes have used together, in microseconds of CPU.
pub fn whole_machine() -> Result<u64, String> {
    let stat = fs::read_to_string("/proc/stat").map_err(|e| format!("/proc/stat: {e}"))?;
    let line = stat.lines().next().unwrap_or_default();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let ticks: Vec<u64> = line.split_whitespace().skip(1).flat_map(str::parse).collect();
    match ticks.get(..8) {
        Some(all) => Ok(micros(all.iter().sum::<u64>() - all[3] - all[4])),
        None => Err("/proc/stat cannot be read".to_owned()),
    }
}

fn micros(ticks: u64) -> u64 {
    // SAFETY: sysconf has no preconditions.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as u64;
    ticks * 1_000_000 / per_second
}
