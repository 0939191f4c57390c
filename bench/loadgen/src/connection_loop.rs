//! The server's side of the null responder: one thread, one epoll.

use crate::frames::first_frame;
use crate::poller::Poller;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

const LISTENER: u64 = u64::MAX;
const READ_BYTES: usize = 64 * 1024;
const LONG: Duration = Duration::from_secs(3600);

struct Peer {
    stream: UnixStream,
    received: Vec<u8>,
    filled: usize,
}

/// Answers each frame with what `answer` appends for it; runs until the process is ended.
pub fn serve(socket: &str, answer: impl FnMut(&[u8], &mut Vec<u8>)) -> Result<(), String> {
    let _ = std::fs::remove_file(socket);
    run(socket, answer).map_err(|e| format!("{socket}: {e}"))
}

fn run(socket: &str, mut answer: impl FnMut(&[u8], &mut Vec<u8>)) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    let mut poller = Poller::new()?;
    poller.watch(listener.as_raw_fd(), LISTENER)?;
    let mut peers: Vec<Option<Peer>> = Vec::new();
    let (mut tokens, mut out) = (Vec::new(), Vec::new());
    loop {
        poller.wait(LONG, &mut tokens)?;
        for &token in &tokens {
            if token == LISTENER {
                let (stream, _) = listener.accept()?;
                poller.watch(stream.as_raw_fd(), peers.len() as u64)?;
                peers.push(Some(Peer { stream, received: vec![0; READ_BYTES], filled: 0 }));
                continue;
            }
            let Some(peer) = &mut peers[token as usize] else { continue };
            out.clear();
            if peer.receive(&mut answer, &mut out)? {
                peer.stream.write_all(&out)?;
            } else {
                peers[token as usize] = None; // closing takes it out of the epoll set
            }
        }
    }
}

impl Peer {
    /// False at the connection's end.
    fn receive(
        &mut self,
        answer: &mut impl FnMut(&[u8], &mut Vec<u8>),
        out: &mut Vec<u8>,
    ) -> io::Result<bool> {
        match self.stream.read(&mut self.received[self.filled..]) {
            Ok(0) => return Ok(false),
            Ok(count) => self.filled += count,
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return Ok(false),
            Err(e) => return Err(e),
        }
        let mut used = 0;
        while let Some((frame, length)) = first_frame(&self.received[used..self.filled]) {
            answer(frame, out);
            used += length;
        }
        self.received.copy_within(used..self.filled, 0);
        self.filled -= used;
        Ok(true)
    }
}
