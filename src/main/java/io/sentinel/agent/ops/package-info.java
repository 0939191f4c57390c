/** What an operator sees: metrics and health. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.ops;
