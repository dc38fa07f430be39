package dev.functionapp.operator.scaling;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.functionapp.operator.http.HttpServers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers KEDA: {@code GET /scaling/<namespace>/<app>/<group>}. Whoever reaches the port may ask;
 * the answer holds a number and names of functions.
 */
public final class ScalingServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ScalingServer.class);

  /** Names that an object can have; nothing in them needs decoding. */
  private static final Pattern PATH =
      Pattern.compile(
          "/scaling/([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)/([a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)"
              + "/([A-Za-z0-9_-]{1,140})");

  /** KEDA asks for each group in turn; more at a time is nobody that means well. */
  private static final int MAX_REQUESTS = 256;

  private static final int PENDING_CONNECTIONS = 256;

  private final GroupScaler scaler;
  private final MeterRegistry metrics;
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final JsonMapper mapper = JsonMapper.builder().build();
  private final HttpServer server;

  /**
   * Listens.
   *
   * @param port 0 takes a free one
   */
  public ScalingServer(int port, GroupScaler scaler, MeterRegistry metrics) {
    this.scaler = scaler;
    this.metrics = metrics;
    server = HttpServers.listen(new InetSocketAddress(port), PENDING_CONNECTIONS);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private record Response(int status, String body) {}

  private void handle(HttpExchange exchange) throws IOException {
    var time = Timer.start(metrics);
    var response = respond(exchange);
    time.stop(metrics.timer("functionapp.scaling.requests", "status", "" + response.status()));
    try (exchange) {
      var body = response.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (response.status() == 405) {
        exchange.getResponseHeaders().set("Allow", "GET");
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(response.status(), -1);
        return;
      }
      exchange.sendResponseHeaders(response.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Response respond(HttpExchange exchange) {
    if (!exchange.getRequestMethod().equals("GET")) {
      return error(405, "only GET is answered");
    }
    var path = PATH.matcher(exchange.getRequestURI().getRawPath());
    if (!path.matches()) {
      return error(404, "the path is /scaling/<namespace>/<app>/<group>");
    }
    if (!requests.tryAcquire()) {
      return error(503, "too many requests at a time");
    }
    try {
      return respond(scaler.answer(path.group(1), path.group(2), path.group(3)));
    } catch (RuntimeException e) {
      log.error("a request for scaling failed", e);
      return error(500, "an unexpected error, see the operator's log");
    } finally {
      requests.release();
    }
  }

  private Response respond(GroupScaler.Answer answer) {
    return switch (answer) {
      case GroupScaler.Recommended(var found) ->
          new Response(
              200,
              mapper
                  .createObjectNode()
                  .put("replicas", found.replicas())
                  .put("reason", found.reason().name())
                  .put("message", found.message())
                  .toString());
      case GroupScaler.NotFound() -> error(404, "no such group is scaled by this endpoint");
      case GroupScaler.NotKnown(var message) -> error(503, message);
    };
  }

  private Response error(int status, String message) {
    return new Response(status, mapper.createObjectNode().put("error", message).toString());
  }
}
