/** The operator's settings: where they come from, what they may be, and each room's share. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.config;
