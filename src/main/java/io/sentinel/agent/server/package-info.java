/** The agent's end of the socket: connections, what becomes of events, what becomes of failures. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.server;
