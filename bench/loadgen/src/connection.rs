//! One connection to the agent, with the requests that are under way on it.

use crate::frames::{self, first_frame, Id, Speech, HANDSHAKE_RESPONSE};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

const READ_BYTES: usize = 64 * 1024;

/// A place for one request under way.
#[derive(Clone, Copy, Default)]
pub struct Slot {
    pub id: Id,
    pub verdict: usize,
    /// What the latency counts from.
    pub began: u64,
    pub busy: bool,
    uses: u32,
}

pub struct Connection {
    stream: UnixStream,
    number: usize,
    speech: Speech,
    received: Vec<u8>,
    filled: usize,
    to_send: Vec<u8>,
    pub slots: Vec<Slot>,
    free: Vec<usize>,
}

impl Connection {
    /// Connects, and shakes hands where the version wants it.
    pub fn open(socket: &str, number: usize, speech: Speech, slots: usize) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket)?;
        if speech.is_v2() {
            shake_hands(&mut stream, speech)?;
        }
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            number,
            speech,
            received: vec![0; READ_BYTES],
            filled: 0,
            to_send: Vec::new(),
            slots: vec![Slot::default(); slots],
            free: (0..slots).rev().collect(),
        })
    }

    pub fn fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }

    pub fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    pub fn under_way(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Takes a slot and puts the request into what the next [`Self::flush`] sends.
    pub fn send(&mut self, template: &mut frames::Template, began: u64) {
        let index = self.free.pop().expect("the caller has looked for room");
        let slot = &mut self.slots[index];
        slot.uses += 1;
        slot.id = frames::id(self.number, index, slot.uses);
        slot.verdict = template.verdict;
        slot.began = began;
        slot.busy = true;
        self.to_send.extend_from_slice(template.with_id(&slot.id));
    }

    /// The slot whose answer this is. Version 1 knows but one, version 2 goes by the id.
    pub fn slot_of(&self, id: Option<&[u8]>) -> Option<usize> {
        let index = match self.speech.is_v2() {
            false => 0,
            true => frames::slot_of(id?)?,
        };
        let slot = self.slots.get(index)?;
        (slot.busy && (!self.speech.is_v2() || Some(&slot.id[..]) == id)).then_some(index)
    }

    pub fn release(&mut self, index: usize) {
        self.slots[index].busy = false;
        self.free.push(index);
    }

    pub fn flush(&mut self) -> io::Result<()> {
        while !self.to_send.is_empty() {
            match self.stream.write(&self.to_send) {
                Ok(written) if written == self.to_send.len() => self.to_send.clear(),
                Ok(written) => drop(self.to_send.drain(..written)),
                // The agent does not read: nothing to do but to wait for it.
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Reads once; false at the connection's end.
    pub fn receive(&mut self) -> io::Result<bool> {
        if self.filled == self.received.len() {
            self.received.resize(2 * self.filled, 0);
        }
        match self.stream.read(&mut self.received[self.filled..]) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.filled += count;
                Ok(true)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(e) => Err(e),
        }
    }

    /// Takes the buffer, so that its frames can be looked at while slots change.
    pub fn take_received(&mut self) -> (Vec<u8>, usize) {
        (std::mem::take(&mut self.received), self.filled)
    }

    /// Gives the buffer back, with what is left of it.
    pub fn give_back(&mut self, mut bytes: Vec<u8>, used: usize) {
        bytes.copy_within(used..self.filled, 0);
        self.filled -= used;
        self.received = bytes;
    }
}

fn shake_hands(stream: &mut UnixStream, speech: Speech) -> io::Result<()> {
    stream.write_all(&frames::handshake(speech))?;
    let mut bytes = vec![];
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..count]);
        if let Some((frame, length)) = first_frame(&bytes) {
            let answer: serde_json::Value =
                serde_json::from_slice(frame.get(1..).unwrap_or_default()).unwrap_or_default();
            let wanted = if speech == Speech::V2MessagePack { "msgpack" } else { "json" };
            let agreed = frame.first() == Some(&HANDSHAKE_RESPONSE)
                && answer["success"] == true
                && answer["encoding"] == wanted
                && length == bytes.len();
            return match agreed {
                true => Ok(()),
                false => Err(io::Error::other(format!("the handshake was refused: {answer}"))),
            };
        }
        if count == 0 {
            return Err(io::Error::other("the connection ended in the handshake"));
        }
    }
}
