//! The border between the agent (the host) and this module: numbers outside, slices inside.
//!
//! One event goes like this; every buffer is freed by the host, exactly once:
//!
//! | step | who | what |
//! | --- | --- | --- |
//! | 1 | host | `alloc(len)`: a buffer for the event, owned by the host from now on |
//! | 2 | host | writes the event's JSON into it |
//! | 3 | host | `on_…_headers(ptr, len)`; the module borrows the buffer until it returns |
//! | 4 | module | returns `(result_ptr << 32) \| result_len`: a new buffer, given away to the host |
//! | 5 | host | `dealloc(ptr, len)` for the event, then reads the verdict |
//! | 6 | host | `dealloc(result_ptr, result_len)` for the verdict |
//!
//! So `alloc` and the handlers give memory away in one form (a `u8` allocation of exactly the
//! stated size) and `dealloc` takes that form back. A module instance is called by one thread at
//! a time.

use std::alloc::{self, Layout};
use std::slice;

use crate::{on_request, on_response};

/// Lends the host `size` bytes. 0 means that there is no such memory.
#[no_mangle]
pub extern "C" fn alloc(size: i32) -> i32 {
    match layout(size) {
        // SAFETY: the layout's size is not zero. A null pointer on failure is the 0 we promise.
        Some(layout) => unsafe { alloc::alloc(layout) as i32 },
        None => 0,
    }
}

/// Takes back what `alloc` or a handler has given to the host.
///
/// # Safety
/// `ptr` and `size` must be what the host was given, and not have come back before.
#[no_mangle]
pub unsafe extern "C" fn dealloc(ptr: i32, size: i32) {
    if let (Some(layout), true) = (layout(size), ptr != 0) {
        // SAFETY: the caller's promise; both kinds of buffers have this layout.
        unsafe { alloc::dealloc(ptr as *mut u8, layout) }
    }
}

/// Decides on a request.
///
/// # Safety
/// `ptr` must come from `alloc(len)`, with all `len` bytes written by the host.
#[no_mangle]
pub unsafe extern "C" fn on_request_headers(ptr: i32, len: i32) -> i64 {
    // SAFETY: the caller's promise.
    give_away(on_request(unsafe { borrow(ptr, len) }))
}

/// Decides on a response.
///
/// # Safety
/// As for [`on_request_headers`].
#[no_mangle]
pub unsafe extern "C" fn on_response_headers(ptr: i32, len: i32) -> i64 {
    // SAFETY: the caller's promise.
    give_away(on_response(unsafe { borrow(ptr, len) }))
}

/// The layout of every buffer that crosses the border; none for zero or negative sizes.
fn layout(size: i32) -> Option<Layout> {
    let size = usize::try_from(size).ok().filter(|&size| size > 0)?;
    Layout::array::<u8>(size).ok()
}

/// The host's buffer, for the time of one call.
unsafe fn borrow<'a>(ptr: i32, len: i32) -> &'a [u8] {
    match usize::try_from(len) {
        // SAFETY: the caller's promise. An empty slice must not be made from a null pointer.
        Ok(len) if len > 0 && ptr != 0 => unsafe { slice::from_raw_parts(ptr as *const u8, len) },
        _ => &[],
    }
}

/// Leaves the verdict's memory to the host. It comes back through `dealloc`.
fn give_away(verdict: Vec<u8>) -> i64 {
    // A boxed slice has no spare capacity: its layout is its length, which is all `dealloc` gets.
    let verdict = verdict.into_boxed_slice();
    let len = verdict.len() as u64;
    let ptr = Box::into_raw(verdict) as *mut u8 as u32 as u64;
    (ptr << 32 | len) as i64
}
