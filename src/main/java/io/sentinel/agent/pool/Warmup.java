package io.sentinel.agent.pool;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.Header;
import io.sentinel.agent.wasm.CompiledModule;
import io.sentinel.agent.wasm.Guest;
import io.sentinel.agent.wasm.GuestException;
import io.sentinel.agent.wasm.GuestOutput;
import io.sentinel.agent.wasm.ModuleException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Calls the module before anybody waits for it, so that the JVM has compiled what it needs. The
 * instances are thrown away after, and what they write is not logged: no real event meets a state
 * that this left behind. What goes wrong here says nothing about real events, and is not held
 * against the module.
 */
final class Warmup {

  private static final Logger LOG = Logger.getLogger(Warmup.class);

  private static final int ROUNDS = 400;
  private static final long LIMIT_MS = 400;
  private static final int MOST_FAILURES = 5;

  private static final long SCRIPT_LIMIT_MS = 6_000;
  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long QUICK_CALL = TimeUnit.MICROSECONDS.toNanos(60);
  private static final int QUICK_WINDOWS = 4;

  private static final List<Header> HEADERS =
      List.of(
          new Header("host", List.of("shop.example.com")),
          new Header("user-agent", List.of("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101")),
          new Header("accept", List.of("text/html", "application/xhtml+xml", "*/*;q=0.8")),
          new Header("accept-language", List.of("en-GB,en;q=0.5")),
          new Header("cookie", List.of("session=0123456789abcdef; theme=dark")));

  private static final List<Header> SCANNER =
      List.of(
          new Header("host", List.of("192.0.2.1")),
          new Header("user-agent", List.of("sqlmap/1.8")));

  private static final List<Header> API =
      List.of(
          new Header("host", List.of("api.example.com")),
          new Header("authorization", List.of("Bearer 0123456789abcdef")),
          new Header("content-type", List.of("application/json")),
          new Header("x-debug", List.of("1")));

  /** What sites see: pages, forms, what attackers try, bare requests, answers of all kinds. */
  private static final List<AgentEvent> EVENTS =
      List.of(
          request("GET", "/catalog/items?page=2", HEADERS),
          request("POST", "/cart/%E2%9C%93?q=a%20b", HEADERS),
          request("GET", "/admin", List.of()),
          request("GET", "/admin/users?id=7", HEADERS),
          request("GET", "/search?q=%3CScript%3Ealert(1)%3C/script%3E", HEADERS),
          request("GET", "/item?id=1'+OR+1=1--", SCANNER),
          request("GET", "/a/../../etc/passwd%zz", SCANNER),
          request("PUT", "/api/v1/orders/42", API),
          new AgentEvent.ResponseHeaders("warm-up", 200, HEADERS),
          new AgentEvent.ResponseHeaders("warm-up", 404, List.of()),
          new AgentEvent.ResponseHeaders("warm-up", 502, API));

  private static AgentEvent request(String method, String uri, List<Header> headers) {
    return new AgentEvent.RequestHeaders(
        "warm-up", method, uri, "192.0.2.7", Optional.empty(), headers);
  }

  private final Vertx vertx;
  private final CompiledModule module;

  Warmup(Vertx vertx, CompiledModule module) {
    this.vertx = vertx;
    this.module = module;
  }

  /** Succeeds when it is over, however it went. */
  Future<Void> run() {
    return vertx
        .<Void>executeBlocking(
            () -> {
              Deadline limit =
                  new Deadline(0, Thread.currentThread(), null); // fired by the timer alone
              long timer =
                  vertx.setTimer(module.isScript() ? SCRIPT_LIMIT_MS : LIMIT_MS, _ -> limit.fire());
              try {
                if (module.isScript()) {
                  windows(limit);
                } else {
                  rounds(limit);
                }
              } finally {
                vertx.cancelTimer(timer);
                limit.disarm();
              }
              return null;
            })
        .otherwiseEmpty();
  }

  /**
   * A script's engine has methods so large that the JVM takes seconds to compile them, and calls
   * are many times slower until then. It goes on until calls are quick and stay so, on ever new
   * instances: code that was compiled for one alone would be thrown away with the next.
   */
  private void windows(Deadline limit) {
    int calls = 0;
    int quick = 0;
    int failures = 0;
    long begun = System.nanoTime();
    while (quick < QUICK_WINDOWS && failures < MOST_FAILURES && !limit.hasFired()) {
      try {
        Guest guest = module.instantiate(GuestOutput.NONE);
        long windowBegun = System.nanoTime();
        int inWindow = 0;
        long took = 0;
        while (took < WINDOW && !limit.hasFired()) {
          for (AgentEvent event : EVENTS) {
            guest.call(event);
            inWindow++;
          }
          took = System.nanoTime() - windowBegun;
        }
        calls += inWindow;
        quick = took / inWindow < QUICK_CALL ? quick + 1 : 0;
      } catch (GuestException | ModuleException e) {
        failures++;
        LOG.debugf("While warming up: %s", e.getMessage());
      }
    }
    LOG.debugf(
        "Warmed up with %d calls in %d ms, %s",
        calls,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
        quick == QUICK_WINDOWS ? "which are quick now" : "and no longer");
  }

  private void rounds(Deadline limit) {
    int failures = 0;
    int rounds = 0;
    while (rounds < ROUNDS && failures < MOST_FAILURES && !limit.hasFired()) {
      try {
        Guest guest = module.instantiate(GuestOutput.NONE);
        while (rounds < ROUNDS && !limit.hasFired()) {
          for (AgentEvent event : EVENTS) {
            guest.call(event);
          }
          rounds++;
        }
      } catch (GuestException | ModuleException e) {
        failures++;
        LOG.debugf("While warming up: %s", e.getMessage());
      }
    }
    LOG.debugf("Warmed up with %d calls", rounds * EVENTS.size());
  }
}
