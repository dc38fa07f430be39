package dev.functionapp.operator.it;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A worker's management server, at an address of its own, that reports what it is told. */
final class Worker implements AutoCloseable {

  /** Where every worker's management server listens. */
  private static final int PORT = 8081;

  final String address = Loopback.address();
  private final HttpServer server;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile String report;

  Worker(String report) {
    this.report = report;
    try {
      server = HttpServer.create(new InetSocketAddress(address, PORT), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/scaling",
        exchange -> {
          try (exchange) {
            asked.incrementAndGet();
            var body = this.report.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
  }

  void report(String next) {
    report = next;
  }

  /** How often it has been asked for a report. */
  int asked() {
    return asked.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
