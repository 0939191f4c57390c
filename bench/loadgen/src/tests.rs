//! The whole generator against responders in the test's own process.

use crate::connection_loop::serve;
use crate::events::cases;
use crate::frames::{frame, Speech};
use crate::load::{Load, Settings};
use crate::null;
use serde_json::{json, Value};
use std::path::Path;
use std::time::Duration;

fn settings(name: &str, speech: Speech, connections: usize, in_flight: usize) -> Settings {
    let socket = std::env::temp_dir().join(format!("loadgen-{}-{name}", std::process::id()));
    Settings {
        socket: socket.to_str().unwrap().to_owned(),
        speech,
        connections,
        in_flight,
        headers: 10,
        warmup: Duration::ZERO,
        length: Duration::from_millis(200),
        rate: None,
        first: 10,
        pid: None,
    }
}

fn start(socket: &str, responder: impl FnOnce(&str) + Send + 'static) {
    let path = socket.to_owned();
    std::thread::spawn(move || responder(&path));
    while !Path::new(socket).exists() {
        std::thread::yield_now();
    }
}

#[test]
fn right_answers_are_counted_and_nothing_else() {
    for (name, speech, connections, in_flight) in [
        ("v1", Speech::V1, 3, 1),
        ("v2", Speech::V2Json, 2, 7),
        ("msgpack", Speech::V2MessagePack, 1, 64),
    ] {
        let settings = settings(name, speech, connections, in_flight);
        start(&settings.socket, move |socket| null::run(socket, speech).unwrap());
        let mut load = Load::new(&settings).unwrap();
        load.run().unwrap();
        assert!(load.record.count() > 100, "{name}");
        assert_eq!(load.record.failures(), 0, "{name}");
    }
}

#[test]
fn a_responder_that_allows_everything_is_found_out() {
    let settings = settings("liar", Speech::V1, 2, 1);
    start(&settings.socket, |socket| {
        let allow = json!({
            "version": 1, "decision": "allow",
            "request_headers": [
                {"set": {"name": "x-wasm-policy", "value": "checked"}},
                {"remove": {"name": "x-debug"}},
            ],
        });
        let answer = frame(None, allow.to_string().as_bytes());
        serve(socket, |_, out| out.extend_from_slice(&answer)).unwrap();
    });
    let mut load = Load::new(&settings).unwrap();
    load.run().unwrap();
    let (right, wrong) = (load.record.count() as f64, load.record.wrong as f64);
    assert!((wrong / (right + wrong) - 0.25).abs() < 0.02, "{wrong} of {}", right + wrong);
}

#[test]
fn an_open_loop_counts_from_the_scheduled_time() {
    let mut settings = settings("open", Speech::V1, 1, 1);
    settings.rate = Some(500.0);
    start(&settings.socket, |socket| {
        let mut slept = false;
        let mut right = null::responder(Speech::V1);
        serve(socket, |request, out| {
            if !std::mem::replace(&mut slept, true) {
                std::thread::sleep(Duration::from_millis(100));
            }
            right(request, out);
        })
        .unwrap();
    });
    let mut load = Load::new(&settings).unwrap();
    load.run().unwrap();
    // Fifty were due while the first one slept: half of all, and they waited up to 100 ms.
    let p90 = load.record.latencies()["p90"].as_f64().unwrap();
    assert!(p90 > 20_000.0, "p90 {p90} us hides the pause");
}

#[test]
fn the_events_of_the_benchmarks_are_the_generators() {
    for headers in [10, 30, 100] {
        let path = format!("{}/../events/request-{headers}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept, json!(cases(headers)[0].event));
    }
}
