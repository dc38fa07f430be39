package dev.functionapp.operator.scaling;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.functionapp.operator.http.HttpServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Management servers of worker pods, each on an address of its own and all on one port. */
final class FakeWorkers implements AutoCloseable {

  /** How a worker answers. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final List<HttpServer> servers = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  final AtomicInteger asked = new AtomicInteger();
  final int port;

  FakeWorkers() throws IOException {
    try (var probe = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
  }

  /** Another worker; gives its address. */
  String add(Answer answer) {
    var address = "127.0.0." + (servers.size() + 2);
    var server = HttpServers.listen(new InetSocketAddress(address, port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/scaling",
        exchange -> {
          asked.incrementAndGet();
          answer.to(exchange);
        });
    server.start();
    servers.add(server);
    return address;
  }

  static Answer json(String text) {
    return exchange -> send(exchange, 200, text);
  }

  static void send(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      var body = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Takes the request and never answers. */
  Answer silence() {
    return exchange -> {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Answers for as long as anyone reads, a byte now and then. */
  Answer trickle() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      try (exchange) {
        while (!closed.await(100, TimeUnit.MILLISECONDS)) {
          exchange.getResponseBody().write(' ');
          exchange.getResponseBody().flush();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  @Override
  public void close() {
    closed.countDown();
    servers.forEach(server -> server.stop(0));
  }
}
