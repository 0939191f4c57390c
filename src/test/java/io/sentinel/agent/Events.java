package io.sentinel.agent;

import io.sentinel.agent.client.AgentClient;
import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.wire.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Events for tests, and the asking of them. */
public final class Events {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK_EVERY = Duration.ofMillis(1);

  /** A thread for each: peers block, and the common pool may have a single thread. */
  private static final Executor THREADS =
      Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  private Events() {}

  public static CompletableFuture<Void> inBackground(Runnable task) {
    return CompletableFuture.runAsync(task, THREADS);
  }

  public static <T> CompletableFuture<T> inBackground(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, THREADS);
  }

  /**
   * A GET request.
   *
   * @param headers names and values in turn
   */
  public static AgentEvent.RequestHeaders request(String uri, String... headers) {
    return request(UUID.randomUUID().toString(), uri, headers);
  }

  public static AgentEvent.RequestHeaders request(String id, String uri, String[] headers) {
    return new AgentEvent.RequestHeaders(
        id, "GET", uri, "192.0.2.7:40412", Optional.empty(), headers(headers));
  }

  public static AgentEvent.ResponseHeaders response(int status, String... headers) {
    return new AgentEvent.ResponseHeaders(UUID.randomUUID().toString(), status, headers(headers));
  }

  public static Answer ask(AgentClient client, AgentEvent event) throws IOException {
    return client.ask(event.type(), EventWriter.write(event), PATIENCE);
  }

  /** Has the puppet return this as its result. */
  public static Answer result(AgentClient client, String result) throws IOException {
    return ask(client, request("/result", "x-result", result));
  }

  /** Waits until something is so, and fails if it does not come to be. */
  public static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("it did not come to be within " + PATIENCE);
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos()); // the core is better left to what is awaited
    }
  }

  private static List<Header> headers(String... namesAndValues) {
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(new Header(namesAndValues[i], List.of(namesAndValues[i + 1])));
    }
    return headers;
  }
}
