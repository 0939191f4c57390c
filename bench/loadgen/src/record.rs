//! What was measured.

use hdrhistogram::Histogram;
use serde_json::{json, Value};

/// A minute in nanoseconds; what takes longer counts as that.
const MOST: u64 = 60_000_000_000;

pub struct Record {
    latencies: Histogram<u64>,
    first: Vec<u64>,
    first_wanted: usize,
    begun: u64,
    counting: bool,
    pub wrong: u64,
    pub strays: u64,
    pub closed: u64,
    pub lost: u64,
    pub unsent: usize,
    pub shown: usize,
}

impl Record {
    pub fn new(first: usize) -> Self {
        Self {
            latencies: Histogram::new_with_bounds(1, MOST, 3).expect("valid bounds"),
            first: Vec::with_capacity(first),
            first_wanted: first,
            begun: 0,
            counting: false,
            wrong: 0,
            strays: 0,
            closed: 0,
            lost: 0,
            unsent: 0,
            shown: 0,
        }
    }

    pub fn begin(&mut self, at: u64) {
        self.begun = at;
        self.counting = true;
    }

    pub fn end(&mut self) {
        self.counting = false;
    }

    /// A right answer.
    pub fn right(&mut self, nanos: u64) {
        if self.first.len() < self.first_wanted {
            self.first.push(nanos);
        }
        if self.counting {
            self.latencies.saturating_record(nanos.max(1));
        }
    }

    pub fn count(&self) -> u64 {
        self.latencies.len()
    }

    pub fn failures(&self) -> u64 {
        self.wrong + self.strays + self.closed
    }

    /// In microseconds.
    pub fn latencies(&self) -> Value {
        let quantile = |q: f64| self.latencies.value_at_quantile(q) as f64 / 1e3;
        json!({
            "mean": self.latencies.mean() / 1e3,
            "p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99),
            "p99.9": quantile(0.999), "max": self.latencies.max() as f64 / 1e3,
        })
    }

    /// Of the first answers, in microseconds.
    pub fn first(&self) -> Value {
        let mut sorted = self.first.clone();
        sorted.sort_unstable();
        let quantile = |q: f64| match sorted.len() {
            0 => 0.0,
            n => sorted[(((n as f64 * q).ceil() as usize).max(1) - 1).min(n - 1)] as f64 / 1e3,
        };
        json!({
            "count": sorted.len(), "very_first": self.first.first().map_or(0.0, |&n| n as f64 / 1e3),
            "p50": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0),
        })
    }
}
