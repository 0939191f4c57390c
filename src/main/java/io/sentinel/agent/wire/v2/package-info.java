/** Version 2 of the protocol, as Zentinel speaks it (protocol.md, section 3). */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.wire.v2;
