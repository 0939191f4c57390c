//! Things a guest should not do, written so that no optimiser undoes them.

use std::arch::wasm32;
use std::mem;
use std::ptr;

pub fn trap() -> ! {
    wasm32::unreachable()
}

pub fn loop_for_ever() -> ! {
    let mut turns = 0_u32;
    loop {
        // SAFETY: a valid place; volatile, so that the loop has something to do.
        unsafe { ptr::write_volatile(&mut turns, turns.wrapping_add(1)) }
    }
}

pub fn spin(turns: u32) {
    let mut turn = 0_u32;
    while turn < turns {
        // SAFETY: as above.
        unsafe { ptr::write_volatile(&mut turn, turn + 1) }
    }
}

/// Recurses until the host's call stack ends. The frames hold nothing in linear memory, whose own
/// stack would otherwise end first, and what is left to do after the call is no sum or product
/// that could be turned into a loop.
#[inline(never)]
pub fn recurse(depth: u32) -> u32 {
    static BOTTOM: u32 = 0;
    // SAFETY: a valid place; volatile, so that nobody knows that it is never reached.
    if depth == unsafe { ptr::read_volatile(&BOTTOM) } {
        return depth;
    }
    recurse(depth.wrapping_add(2)).rotate_left(7) ^ depth
}

/// `memory.grow`: the previous size in pages, or -1.
pub fn grow(pages: u32) -> i32 {
    wasm32::memory_grow(0, pages as usize) as i32
}

/// Takes memory from the heap, writes to all of it and forgets it. Traps if there is not so much.
pub fn leak(bytes: usize) {
    let mut memory = Vec::<u8>::with_capacity(bytes);
    for at in 0..bytes {
        // SAFETY: within the capacity.
        unsafe { ptr::write_volatile(memory.as_mut_ptr().add(at), 0xa5) }
    }
    mem::forget(memory);
}
