package io.sentinel.agent.ops;

import java.time.Duration;

/**
 * What metrics say of an agent beside what it counts.
 *
 * @param module what the module is called: the name of its file
 * @param version the agent's
 * @param timeout of an event
 * @param queueCapacity events that may wait
 * @param memoryLimitBytes what the memories of one instance may come to
 */
public record MeteredAgent(
    String module, String version, Duration timeout, int queueCapacity, long memoryLimitBytes) {}
