//! The module ABI, with the lies and traps that a command has ordered.

use std::alloc::{self, Layout};
use std::slice;

use crate::command::{self, Reply};
use crate::event::{Event, Kind};
use crate::misdeeds;
use crate::state::{NextDealloc, STATE};

#[no_mangle]
pub extern "C" fn alloc(size: i32) -> i32 {
    if let Some(lie) = STATE.with(|state| state.tell_lie()) {
        return lie as i32;
    }
    match layout(size) {
        // SAFETY: the size is not zero.
        Some(layout) => unsafe { alloc::alloc(layout) as i32 },
        None => 0,
    }
}

/// # Safety
/// As the ABI says: a buffer from `alloc` or a result, given back once. An address that `alloc`
/// only made up may come back as well; it is ignored.
#[no_mangle]
pub unsafe extern "C" fn dealloc(ptr: i32, size: i32) {
    match STATE.with(|state| state.next_dealloc.take()) {
        NextDealloc::Frees => {}
        NextDealloc::Traps => misdeeds::trap(),
        NextDealloc::Loops => misdeeds::loop_for_ever(),
    }
    if ptr == 0 || STATE.with(|state| state.was_lie(ptr as u32)) {
        return;
    }
    if let Some(layout) = layout(size) {
        // SAFETY: the caller's promise.
        unsafe { alloc::dealloc(ptr as *mut u8, layout) }
    }
}

/// # Safety
/// `ptr` and `len` must be memory that the host has written.
#[no_mangle]
pub unsafe extern "C" fn on_request_headers(ptr: i32, len: i32) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { handle(Kind::Request, ptr, len) }
}

/// # Safety
/// `ptr` and `len` must be memory that the host has written.
#[no_mangle]
pub unsafe extern "C" fn on_response_headers(ptr: i32, len: i32) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { handle(Kind::Response, ptr, len) }
}

unsafe fn handle(kind: Kind, ptr: i32, len: i32) -> i64 {
    STATE.with(|state| state.count_call());
    let input = match layout(len) {
        // SAFETY: the caller's promise. (Wasm itself traps if it was broken.)
        Some(layout) if ptr != 0 => unsafe {
            slice::from_raw_parts(ptr as *const u8, layout.size())
        },
        _ => &[],
    };
    match command::obey(&Event::new(kind, input)) {
        Reply::Packed(ptr, len) => pack(ptr, len),
        Reply::Result(bytes) => {
            let bytes = bytes.into_boxed_slice();
            let len = bytes.len() as u32;
            pack(Box::into_raw(bytes) as *mut u8 as u32, len)
        }
    }
}

fn layout(size: i32) -> Option<Layout> {
    let size = usize::try_from(size).ok().filter(|&size| size > 0)?;
    Layout::array::<u8>(size).ok()
}

fn pack(ptr: u32, len: u32) -> i64 {
    (u64::from(ptr) << 32 | u64::from(len)) as i64
}
