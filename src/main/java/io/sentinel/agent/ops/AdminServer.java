package io.sentinel.agent.ops;

import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * The HTTP server of health and metrics, on Quarkus's routes. Quarkus's own server would end the
 * process where its port is taken; an agent without metrics is better than none.
 */
@ApplicationScoped
public class AdminServer {

  private final Vertx vertx;

  @Inject
  public AdminServer(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Opens the port; fails if it is taken. It is closed with the process. */
  public Future<HttpServer> listen(String host, int port) {
    return vertx
        .createHttpServer()
        .requestHandler(VertxHttpRecorder.getRootHandler())
        .listen(port, host);
  }
}
