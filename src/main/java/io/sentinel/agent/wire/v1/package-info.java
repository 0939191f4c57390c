/** Version 1 of the protocol, as Sentinel up to 0.3 speaks it (protocol.md, section 2). */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.wire.v1;
