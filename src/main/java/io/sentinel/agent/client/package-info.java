/** The other end of the wire: sends events to an agent as a proxy would. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.client;
