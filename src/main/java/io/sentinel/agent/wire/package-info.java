/** Bytes to messages and back. Synchronous: no sockets, no Vert.x, no threads. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.wire;
