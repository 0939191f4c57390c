package io.sentinel.agent.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/** Takes what an OpenTelemetry collector is sent over HTTP, and keeps it in hexadecimal by path. */
final class Collector implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, String> received = new ConcurrentHashMap<>();

  private Collector(HttpServer server) {
    this.server = server;
  }

  static Collector start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Collector collector = new Collector(server);
    server.createContext("/", collector::take);
    server.start();
    return collector;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Whether the bytes, in hexadecimal, were sent to the path. */
  boolean has(String path, String hex) {
    return received.getOrDefault(path, "").contains(hex);
  }

  /** Whether the text was sent to the path. */
  boolean hasText(String path, String text) {
    return has(path, HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether anything was sent to the path. */
  boolean heardOf(String path) {
    return received.containsKey(path);
  }

  private void take(HttpExchange exchange) throws IOException {
    InputStream body = exchange.getRequestBody();
    if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
      body = new GZIPInputStream(body);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    body.transferTo(bytes);
    received.merge(
        exchange.getRequestURI().getPath(),
        HexFormat.of().formatHex(bytes.toByteArray()),
        String::concat);
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
