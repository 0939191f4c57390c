/** The command line, and the composition root: parses, builds, starts, stops. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.cli;
