/**
 * The pool of guests: a bounded queue, slots that pull from it, and the watchdog that keeps the
 * deadlines. The only room that knows verticles.
 */
@org.jspecify.annotations.NullMarked
package io.sentinel.agent.pool;
