//! A load generator for agents: see `bench/README.md`.

mod answers;
mod connection;
mod connection_loop;
mod events;
mod frames;
mod load;
mod null;
mod poller;
mod process;
mod record;
mod startup;
#[cfg(test)]
mod tests;

use frames::Speech;
use load::{Load, Settings};
use serde_json::{json, Value};
use std::time::Duration;

const USAGE: &str = "\
usage: loadgen run --socket PATH [--speech v1|v2-json|v2-msgpack] [--connections N]
                   [--in-flight N] [--headers N] [--warmup SECONDS] [--seconds SECONDS]
                   [--rate PER_SECOND] [--first N] [--pid AGENT]
       loadgen start --socket PATH [--speech …] -- COMMAND…
       loadgen null --socket PATH [--speech …]
       loadgen event --headers N
       loadgen events --headers N

run    drives an agent and prints what it measured as JSON; exits with 1 if an answer was not right
start  starts an agent, measures until its first right answer, and ends it
null   answers as fast as can be: what the generator reaches against it is the generator's limit
event  prints the first request as JSON
events prints all requests that it sends in turn, one in a line";

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let command = match args.iter().position(|arg| arg == "--") {
        Some(at) => args.split_off(at).split_off(1),
        None => vec![],
    };
    match dispatch(&args, &command) {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(problem) => {
            eprintln!("loadgen: {problem}");
            std::process::exit(2);
        }
    }
}

fn dispatch(args: &[String], command: &[String]) -> Result<bool, String> {
    let (mode, flags) = args.split_first().ok_or(USAGE)?;
    if mode == "--help" {
        println!("{USAGE}");
        return Ok(true);
    }
    let flags = Flags::parse(flags)?;
    let speech = Speech::parse(flags.text("speech").unwrap_or("v1"))?;
    let socket = || flags.text("socket").ok_or_else(|| "--socket is missing".to_owned());
    match mode.as_str() {
        "run" => run(&flags, speech, socket()?),
        "start" => {
            println!("{}", startup::measure(socket()?, speech, command)?);
            Ok(true)
        }
        "null" => null::run(socket()?, speech).map(|()| true),
        "event" => {
            let event = &events::cases(flags.number("headers", 10)?)[0].event;
            println!("{}", serde_json::to_string_pretty(&json!(event)).map_err(|e| e.to_string())?);
            Ok(true)
        }
        "events" => {
            for case in events::cases(flags.number("headers", 10)?) {
                println!("{}", json!(case.event));
            }
            Ok(true)
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn run(flags: &Flags, speech: Speech, socket: &str) -> Result<bool, String> {
    let settings = Settings {
        socket: socket.to_owned(),
        speech,
        connections: flags.number("connections", 1)?,
        in_flight: flags.number("in-flight", 1)?,
        headers: flags.number("headers", 10)?,
        warmup: Duration::from_secs_f64(flags.number("warmup", 1.0)?),
        length: Duration::from_secs_f64(flags.number("seconds", 3.0)?),
        rate: flags.text("rate").map(|_| flags.number("rate", 0.0)).transpose()?,
        first: flags.number("first", 0)?,
        pid: flags.text("pid").map(|_| flags.number("pid", 0)).transpose()?,
    };
    if settings.connections == 0 || settings.in_flight == 0 {
        return Err("--connections and --in-flight begin at 1".to_owned());
    }
    if !speech.is_v2() && settings.in_flight != 1 {
        return Err("version 1 carries one request at a time: --in-flight 1".to_owned());
    }
    let mut load = Load::new(&settings)?;
    load.run()?;
    println!("{}", result(&load));
    Ok(load.record.failures() == 0)
}

fn result(load: &Load) -> Value {
    let (before, after, record) = (&load.before, &load.after, &load.record);
    let seconds = (after.at - before.at) as f64 / 1e9;
    let count = record.count();
    let per_request = |from: u64, to: u64| (to - from) as f64 / count.max(1) as f64;
    let own = after.own.cpu_us - before.own.cpu_us;
    let agent = after.agent.cpu_us - before.agent.cpu_us;
    let others = (after.machine_us - before.machine_us).saturating_sub(own + agent);
    json!({
        "requests": count,
        "seconds": seconds,
        "per_second": count as f64 / seconds,
        "latency_us": record.latencies(),
        "first": record.first(),
        "agent_cpu_us": per_request(before.agent.cpu_us, after.agent.cpu_us),
        "agent_rss_kib": after.agent.rss_kib,
        "agent_peak_rss_kib": after.agent.peak_rss_kib,
        "own_cpu_us": per_request(before.own.cpu_us, after.own.cpu_us),
        "own_cpu_share": own as f64 / 1e6 / seconds,
        "others_cpu_share": others as f64 / 1e6 / seconds,
        "wrong": record.wrong, "strays": record.strays,
        "closed": record.closed, "lost": record.lost, "unsent": record.unsent,
    })
}

struct Flags(Vec<(String, String)>);

impl Flags {
    fn parse(args: &[String]) -> Result<Self, String> {
        let mut flags = vec![];
        for pair in args.chunks(2) {
            let [name, value] = pair else { return Err(format!("{} has no value", pair[0])) };
            let name =
                name.strip_prefix("--").ok_or_else(|| format!("{name} is no flag\n{USAGE}"))?;
            flags.push((name.to_owned(), value.clone()));
        }
        Ok(Self(flags))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T, String> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} {text} is no number")),
        }
    }
}
