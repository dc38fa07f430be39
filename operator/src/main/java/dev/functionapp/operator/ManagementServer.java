package dev.functionapp.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.functionapp.operator.http.HttpServers;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Answers probes and scrapes: {@code /livez}, {@code /readyz}, {@code /metrics}. */
final class ManagementServer implements AutoCloseable {

  private final HttpServer server;

  /**
   * @param alive whether a restart would not help
   * @param ready whether everything that is watched is known
   */
  ManagementServer(
      int port, BooleanSupplier alive, BooleanSupplier ready, PrometheusMeterRegistry metrics) {
    server = HttpServers.listen(new InetSocketAddress(port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/livez", exchange -> health(exchange, alive));
    server.createContext("/readyz", exchange -> health(exchange, ready));
    server.createContext(
        "/metrics",
        exchange ->
            answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static void health(HttpExchange exchange, BooleanSupplier good) throws IOException {
    boolean isGood = good.getAsBoolean();
    answer(exchange, isGood ? 200 : 503, "text/plain", isGood ? "ok\n" : "not ready\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      var body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
