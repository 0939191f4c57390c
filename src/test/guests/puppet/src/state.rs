//! What an instance remembers from call to call.

use std::cell::{Cell, RefCell};

thread_local! {
    /// A Wasm instance has one thread, so this is the instance's state. Nothing in it may stay
    /// borrowed across a trap: a test may well go on with the instance.
    pub static STATE: State = State::default();
}

#[derive(Default)]
pub struct State {
    pub calls: Cell<u32>,
    pub secret: RefCell<String>,
    pub next_alloc: Cell<Option<u32>>,
    pub next_dealloc: Cell<NextDealloc>,
    /// The last address that `alloc` has made up.
    lie: Cell<Option<u32>>,
}

#[derive(Clone, Copy, Default)]
pub enum NextDealloc {
    #[default]
    Frees,
    Traps,
    Loops,
}

impl State {
    pub fn count_call(&self) {
        self.calls.set(self.calls.get().wrapping_add(1));
    }

    /// The address that the next `alloc` was told to return, once.
    pub fn tell_lie(&self) -> Option<u32> {
        let lie = self.next_alloc.take();
        if lie.is_some() {
            self.lie.set(lie);
        }
        lie
    }

    /// Did `alloc` make up this address? It comes back once.
    pub fn was_lie(&self, ptr: u32) -> bool {
        let was = self.lie.get() == Some(ptr);
        if was {
            self.lie.set(None);
        }
        was
    }
}
