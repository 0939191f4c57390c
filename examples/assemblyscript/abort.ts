/** Where AssemblyScript's own errors end: a trap, which is a module error for this event alone. */
export function onAbort(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}
