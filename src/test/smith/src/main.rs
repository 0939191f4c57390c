//! Writes modules that have the agent's exports and are random in all else, one after the other
//! into one file: for each its seed, its length (both u32, big-endian) and its bytes. The same
//! seeds give the same bytes.

mod alloc;
mod config;
mod seed;

use std::fs::File;
use std::io::{BufWriter, Write};

use arbitrary::Unstructured;
use wasm_smith::Module;

/// Loops and calls that a module may make; most modules end by themselves.
const FUEL: u32 = 2_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [first, count, entropy, path] = args.as_slice() else {
        eprintln!("usage: smith FIRST-SEED COUNT MOST-RANDOM-BYTES FILE");
        std::process::exit(2);
    };
    let number = |text: &str| text.parse::<u32>().expect("a number");
    let (first, count, entropy) = (number(first), number(count), number(entropy) as usize);
    let mut out = BufWriter::new(File::create(path).expect("the file can be written"));
    for seed in first..first + count {
        let bytes = module(seed, entropy);
        out.write_all(&seed.to_be_bytes()).expect("written");
        out.write_all(&(bytes.len() as u32).to_be_bytes()).expect("written");
        out.write_all(&bytes).expect("written");
    }
    out.flush().expect("written");
}

fn module(seed: u32, entropy: usize) -> Vec<u8> {
    let mut random = seed::Random::new(seed);
    let config = config::swarm(&mut random);
    let bytes = random.bytes(entropy / 8, entropy);
    let mut module =
        Module::new(config, &mut Unstructured::new(&bytes)).expect("random bytes make a module");
    if !config::is_endless(seed) {
        module.ensure_termination(FUEL).expect("every body was made, none is raw bytes");
    }
    let bytes = module.to_bytes();
    if config::has_honest_alloc(seed) {
        alloc::replace(&bytes)
    } else {
        bytes
    }
}
