package io.sentinel.agent.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The admin port of an agent in a process of its own. */
final class AdminHttp {

  private AdminHttp() {}

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static String get(int port, String path) {
    return ask(port, path).body();
  }

  /** The status of an answer; 0 where nobody listens. */
  static int status(int port, String path) {
    try {
      return ask(port, path).statusCode();
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  private static HttpResponse<String> ask(int port, String path) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
