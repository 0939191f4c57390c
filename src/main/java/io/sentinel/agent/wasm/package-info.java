/**
 * Guests: modules and their instances. The only room that knows the engine. Synchronous; whoever
 * calls stops a call that takes too long by interrupting its thread.
 */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.wasm;
