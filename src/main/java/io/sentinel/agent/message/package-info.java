/** The vocabulary: what the proxy says, what the agent answers, and why there is no answer. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.message;
