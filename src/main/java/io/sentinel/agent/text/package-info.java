/** Text from outside: what it must be before it is parsed, and before it is logged. */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.text;
