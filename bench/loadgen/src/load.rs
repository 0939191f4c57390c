//! The load: closed loop (each slot sends again as soon as it has its answer) or open loop (at a
//! fixed rate whatever the answers do; latency counts from the time that was scheduled).

use crate::answers::Answers;
use crate::connection::Connection;
use crate::frames::{first_frame, templates, Speech, Template};
use crate::poller::{now, Poller, Timer};
use crate::process::{usage, whole_machine, Usage};
use crate::record::Record;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const TIMER: u64 = u64::MAX;
const WRONG_SHOWN: usize = 3;

pub struct Settings {
    pub socket: String,
    pub speech: Speech,
    pub connections: usize,
    pub in_flight: usize,
    pub headers: usize,
    pub warmup: Duration,
    pub length: Duration,
    /// Requests per second of the open loop; `None` for the closed loop.
    pub rate: Option<f64>,
    /// How many of the very first answers are recorded by themselves.
    pub first: usize,
    pub pid: Option<u32>,
}

pub struct Load<'a> {
    settings: &'a Settings,
    templates: Vec<Template>,
    /// Which request a connection sends next; all begin at another one.
    next: Vec<usize>,
    connections: Vec<Connection>,
    answers: Answers,
    poller: Poller,
    timer: Option<Timer>,
    /// Scheduled times that wait for a free slot.
    waiting: VecDeque<u64>,
    turn: usize,
    begin: u64,
    scheduled: u64,
    pub record: Record,
    pub before: Snapshot,
    pub after: Snapshot,
}

/// What agent and generator had used at a moment.
#[derive(Clone, Copy, Default)]
pub struct Snapshot {
    pub at: u64,
    pub agent: Usage,
    pub own: Usage,
    /// Of all processes, in microseconds of CPU.
    pub machine_us: u64,
}

impl<'a> Load<'a> {
    pub fn new(settings: &'a Settings) -> Result<Self, String> {
        let mut load = Self {
            settings,
            templates: templates(settings.speech, settings.headers),
            next: (0..settings.connections).map(|i| i * 5).collect(),
            connections: Vec::new(),
            answers: Answers::new(settings.speech),
            poller: Poller::new().map_err(text)?,
            timer: None,
            waiting: VecDeque::new(),
            turn: 0,
            begin: 0,
            scheduled: 0,
            record: Record::new(settings.first),
            before: Snapshot::default(),
            after: Snapshot::default(),
        };
        for number in 0..settings.connections {
            let connection = load.connect(number)?;
            load.connections.push(connection);
        }
        if settings.rate.is_some() {
            let timer = Timer::new().map_err(text)?;
            load.poller.watch(timer.fd(), TIMER).map_err(text)?;
            load.timer = Some(timer);
        }
        Ok(load)
    }

    fn connect(&self, number: usize) -> Result<Connection, String> {
        let settings = self.settings;
        let connection =
            Connection::open(&settings.socket, number, settings.speech, settings.in_flight)
                .map_err(|e| format!("{}: {e}", settings.socket))?;
        self.poller.watch(connection.fd(), number as u64).map_err(text)?;
        Ok(connection)
    }

    pub fn run(&mut self) -> Result<(), String> {
        self.begin = now();
        let measure_from = self.begin + self.settings.warmup.as_nanos() as u64;
        let end = measure_from + self.settings.length.as_nanos() as u64;
        self.start()?;
        let mut tokens = Vec::new();
        let mut measuring = false;
        loop {
            let time = now();
            if !measuring && time >= measure_from {
                measuring = true;
                self.before = self.snapshot()?;
                self.record.begin(self.before.at);
            }
            if time >= end {
                break;
            }
            self.poller.wait(PATIENCE, &mut tokens).map_err(text)?;
            if tokens.is_empty() {
                return Err(format!("no answer for {PATIENCE:?}"));
            }
            self.handle(&tokens, true)?;
        }
        self.after = self.snapshot()?;
        self.record.end();
        self.drain(&mut tokens)
    }

    fn start(&mut self) -> Result<(), String> {
        if self.settings.rate.is_some() {
            return self.tick();
        }
        let time = now();
        for number in 0..self.connections.len() {
            while self.connections[number].has_room() {
                self.send(number, time);
            }
            self.flush(number)?;
        }
        Ok(())
    }

    /// What is still under way is awaited and checked, though not counted.
    fn drain(&mut self, tokens: &mut Vec<u64>) -> Result<(), String> {
        self.record.unsent = self.waiting.len();
        self.waiting.clear();
        if let Some(timer) = &self.timer {
            timer.stop().map_err(text)?;
        }
        while self.connections.iter().any(|connection| connection.under_way() > 0) {
            self.poller.wait(PATIENCE, tokens).map_err(text)?;
            if tokens.is_empty() {
                return Err(format!("an answer was still missing after {PATIENCE:?}"));
            }
            self.handle(tokens, false)?;
        }
        Ok(())
    }

    fn handle(&mut self, tokens: &[u64], go_on: bool) -> Result<(), String> {
        for &token in tokens {
            if token == TIMER {
                self.tick()?;
            } else {
                self.receive(token as usize, go_on)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, number: usize, go_on: bool) -> Result<(), String> {
        match self.connections[number].receive() {
            Ok(true) => {}
            Ok(false) => return self.reconnect(number, go_on),
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => {
                return self.reconnect(number, go_on)
            }
            Err(e) => return Err(text(e)),
        }
        let time = now();
        let (bytes, filled) = self.connections[number].take_received();
        let mut used = 0;
        while let Some((frame, length)) = first_frame(&bytes[used..filled]) {
            used += length;
            self.answered(number, frame, time);
            while go_on && self.connections[number].has_room() {
                let began = match self.settings.rate {
                    None => time,
                    Some(_) => match self.waiting.pop_front() {
                        None => break,
                        Some(scheduled) => scheduled,
                    },
                };
                self.send(number, began);
            }
        }
        self.connections[number].give_back(bytes, used);
        self.flush(number)
    }

    fn answered(&mut self, number: usize, frame: &[u8], time: u64) {
        let Some(said) = self.answers.read(frame) else { return };
        let connection = &mut self.connections[number];
        let Some(index) = connection.slot_of(said.id) else {
            self.record.strays += 1;
            return complain(&mut self.record, "an answer to nothing that was asked", frame);
        };
        let slot = connection.slots[index];
        connection.release(index);
        if said.verdict == Some(slot.verdict) {
            self.record.right(time.saturating_sub(slot.began));
        } else {
            self.record.wrong += 1;
            complain(&mut self.record, "a wrong answer", frame);
        }
    }

    /// A closed connection costs what was under way on it.
    fn reconnect(&mut self, number: usize, go_on: bool) -> Result<(), String> {
        self.record.closed += 1;
        self.record.lost += self.connections[number].under_way() as u64;
        self.connections[number] = self.connect(number)?;
        if go_on && self.settings.rate.is_none() {
            let time = now();
            while self.connections[number].has_room() {
                self.send(number, time);
            }
            self.flush(number)?;
        }
        Ok(())
    }

    /// Open loop: what is due by now is sent, or waits for a free slot.
    fn tick(&mut self) -> Result<(), String> {
        let rate = self.settings.rate.expect("only the open loop has a timer");
        let time = now();
        let due = |number: u64, begin: u64| begin + (number as f64 * 1e9 / rate) as u64;
        while due(self.scheduled, self.begin) <= time {
            self.waiting.push_back(due(self.scheduled, self.begin));
            self.scheduled += 1;
        }
        for _ in 0..self.connections.len() {
            if self.waiting.is_empty() {
                break;
            }
            self.turn = (self.turn + 1) % self.connections.len();
            if self.connections[self.turn].has_room() {
                let began = self.waiting.pop_front().expect("it is not empty");
                self.send(self.turn, began);
                self.flush(self.turn)?;
            }
        }
        let next = due(self.scheduled, self.begin);
        self.timer.as_ref().map_or(Ok(()), |timer| timer.set(next)).map_err(text)
    }

    fn send(&mut self, number: usize, began: u64) {
        let next = &mut self.next[number];
        *next = (*next + 1) % self.templates.len();
        self.connections[number].send(&mut self.templates[*next], began);
    }

    fn flush(&mut self, number: usize) -> Result<(), String> {
        match self.connections[number].flush() {
            // The end is seen, and counted, where it is read.
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(text),
        }
    }

    fn snapshot(&self) -> Result<Snapshot, String> {
        let agent = match self.settings.pid {
            Some(pid) => usage(Some(pid))?,
            None => Usage::default(),
        };
        Ok(Snapshot { at: now(), agent, own: usage(None)?, machine_us: whole_machine()? })
    }
}

fn complain(record: &mut Record, what: &str, frame: &[u8]) {
    if record.shown < WRONG_SHOWN {
        record.shown += 1;
        eprintln!("loadgen: {what}: {}", String::from_utf8_lossy(frame));
    }
}

fn text(e: io::Error) -> String {
    e.to_string()
}
