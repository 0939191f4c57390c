// Throws where the path is /throw.

export function alloc(size: usize): usize {
  return heap.alloc(size);
}

export function dealloc(ptr: usize, size: usize): void {
  heap.free(ptr);
}

export function on_request_headers(ptr: usize, len: usize): u64 {
  if (String.UTF8.decodeUnsafe(ptr, len).includes('"/throw"')) {
    throw new Error("no rule for this");
  }
  return 0;
}
