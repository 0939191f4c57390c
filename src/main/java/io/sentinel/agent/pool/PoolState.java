package io.sentinel.agent.pool;

/**
 * A look at the pool.
 *
 * @param slots how many there are
 * @param ready those that have an instance, working or not
 * @param busy those that are running a call
 * @param waiting events in the queue
 * @param stuck threads that were given up and have not come back
 */
public record PoolState(int slots, int ready, int busy, int waiting, int stuck) {}
