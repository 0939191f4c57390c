//! epoll and a timer, as thin as they can be.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

const MOST_EVENTS: usize = 256;

pub struct Poller {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poller {
    pub fn new() -> io::Result<Self> {
        // SAFETY: a new descriptor, owned from here on.
        let epoll =
            unsafe { OwnedFd::from_raw_fd(check(libc::epoll_create1(libc::EPOLL_CLOEXEC))?) };
        Ok(Self { epoll, events: Vec::with_capacity(MOST_EVENTS) })
    }

    /// Wakes up with the token whenever there is something to read.
    pub fn watch(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
        // SAFETY: both descriptors are open, the event outlives the call.
        let result =
            unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &mut event) };
        check(result).map(drop)
    }

    /// The tokens of what can be read; empty after `patience` without any.
    pub fn wait(&mut self, patience: Duration, tokens: &mut Vec<u64>) -> io::Result<()> {
        tokens.clear();
        let millis = patience.as_millis() as i32;
        // SAFETY: the vector has room for as many events as are asked for.
        let count = unsafe {
            libc::epoll_wait(
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                MOST_EVENTS as i32,
                millis,
            )
        };
        match check(count) {
            Ok(count) => unsafe { self.events.set_len(count as usize) },
            Err(e) if e.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            Err(e) => return Err(e),
        }
        tokens.extend(self.events.iter().map(|event| event.u64));
        Ok(())
    }
}

/// Becomes readable at a time of the monotonic clock.
pub struct Timer(OwnedFd);

impl Timer {
    pub fn new() -> io::Result<Self> {
        // SAFETY: a new descriptor, owned from here on; prctl takes a plain number.
        unsafe {
            libc::prctl(libc::PR_SET_TIMERSLACK, 1); // nanosecond: the default is 50 us late
            let fd = libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK);
            Ok(Self(OwnedFd::from_raw_fd(check(fd)?)))
        }
    }

    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Setting it also takes back that it was readable.
    pub fn set(&self, nanos: u64) -> io::Result<()> {
        self.arm(nanos.max(1)) // 0 would stop it
    }

    pub fn stop(&self) -> io::Result<()> {
        self.arm(0)
    }

    fn arm(&self, nanos: u64) -> io::Result<()> {
        let at = libc::timespec {
            tv_sec: (nanos / 1_000_000_000) as libc::time_t,
            tv_nsec: (nanos % 1_000_000_000) as libc::c_long,
        };
        let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let spec = libc::itimerspec { it_interval: none, it_value: at };
        // SAFETY: the descriptor is open, the specification outlives the call.
        let result = unsafe {
            libc::timerfd_settime(self.fd(), libc::TFD_TIMER_ABSTIME, &spec, std::ptr::null_mut())
        };
        check(result).map(drop)
    }
}

/// Nanoseconds of the monotonic clock.
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the result is written to a local; this clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn check(result: i32) -> io::Result<i32> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
