// The border between the agent and the policy: numbers outside, objects inside.
import { JSON } from "json-as";
import "./abort";
import { Event, Verdict, onRequest, onResponse } from "./policy";

/** Lends the host a buffer, which the collector knows nothing of. */
export function alloc(size: usize): usize {
  return heap.alloc(size);
}

/** Takes back the event's buffer, and the result's. */
export function dealloc(ptr: usize, size: usize): void {
  heap.free(ptr);
}

export function on_request_headers(ptr: usize, len: usize): u64 {
  return giveAway(onRequest(read(ptr, len)));
}

export function on_response_headers(ptr: usize, len: usize): u64 {
  return giveAway(onResponse(read(ptr, len)));
}

function read(ptr: usize, len: usize): Event {
  return JSON.parse<Event>(String.UTF8.decodeUnsafe(ptr, len));
}

/** Out of the collector's reach, into a buffer that dealloc frees. */
function giveAway(verdict: Verdict): u64 {
  const bytes = String.UTF8.encode(JSON.stringify<Verdict>(verdict));
  const len = <usize>bytes.byteLength;
  const ptr = heap.alloc(len);
  memory.copy(ptr, changetype<usize>(bytes), len);
  return ((<u64>ptr) << 32) | (<u64>len);
}
