package dev.functionapp.operator.scaling;

import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks worker pods for their reports: all of a group at a time, within a second in all. */
public final class PodReports implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PodReports.class);

  private static final Duration TIME = Duration.ofSeconds(1);
  private static final int MAX_BYTES = 64 * 1024;
  private static final int HTTP_OK = 200;

  /** Over all groups: what is asked must not take the operator's sockets and memory. */
  private static final int MAX_REQUESTS = 512;

  /** Of one group, so that one whose pods do not answer leaves room for others. */
  private static final int MAX_REQUESTS_OF_GROUP = 64;

  private final int port;
  private final Duration time;
  private final Clock clock;
  private final MeterRegistry metrics;
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;

  /**
   * @param port of the workers' management server
   */
  public PodReports(int port, Clock clock, MeterRegistry metrics) {
    this(port, TIME, clock, metrics);
  }

  /**
   * @param time for all reports of a group together
   */
  PodReports(int port, Duration time, Clock clock, MeterRegistry metrics) {
    this.port = port;
    this.time = time;
    this.clock = clock;
    this.metrics = metrics;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(time)
            .build();
  }

  /**
   * The reports of those pods that answer in time.
   *
   * @param functions those of the group
   */
  List<PodReport> ask(List<Pod> pods, Set<String> functions) {
    long deadline = System.nanoTime() + time.toNanos();
    var ofGroup = new Semaphore(MAX_REQUESTS_OF_GROUP);
    var answers = new ArrayList<Future<Optional<PodReport>>>();
    for (var pod : pods) {
      answers.add(threads.submit(() -> askInTurn(pod, functions, ofGroup, deadline)));
    }
    var reports = new ArrayList<PodReport>();
    for (var answer : answers) {
      try {
        answer.get().ifPresent(reports::add);
      } catch (ExecutionException e) {
        log.warn("a report failed unexpectedly", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        answers.forEach(other -> other.cancel(true));
        return List.of();
      }
    }
    return List.copyOf(reports);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.shutdownNow();
  }

  private Optional<PodReport> askInTurn(
      Pod pod, Set<String> functions, Semaphore ofGroup, long deadline)
      throws InterruptedException {
    if (!acquire(ofGroup, deadline)) {
      return failed(pod, "timeout");
    }
    try {
      if (!acquire(requests, deadline)) {
        return failed(pod, "timeout");
      }
      try {
        return ask(pod, functions, deadline);
      } finally {
        requests.release();
      }
    } finally {
      ofGroup.release();
    }
  }

  private static boolean acquire(Semaphore permits, long deadline) throws InterruptedException {
    return permits.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private Optional<PodReport> ask(Pod pod, Set<String> functions, long deadline)
      throws InterruptedException {
    var request = HttpRequest.newBuilder(address(pod)).header("Accept", "application/json").build();
    var answer = client.sendAsync(request, info -> new LimitedBody(MAX_BYTES));
    try {
      HttpResponse<byte[]> response =
          answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (response.statusCode() != HTTP_OK) {
        return failed(pod, "status");
      }
      return Optional.of(
          new PodReport(
              pod.getMetadata().getLabels().getOrDefault(Labels.REVISION, ""),
              clock.instant(),
              ReportParser.parse(response.body(), functions)));
    } catch (TimeoutException e) {
      return failed(pod, "timeout");
    } catch (ExecutionException e) {
      return failed(pod, reason(e));
    } catch (IllegalArgumentException e) {
      return failed(pod, "invalid");
    } finally {
      answer.cancel(true);
    }
  }

  private static String reason(ExecutionException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof LimitedBody.TooLarge) {
        return "tooLarge";
      }
    }
    return e.getCause() instanceof java.net.http.HttpTimeoutException
        ? "timeout"
        : e.getCause() instanceof IOException ? "connection" : "unexpected";
  }

  private URI address(Pod pod) {
    var ip = pod.getStatus().getPodIP();
    var host = ip.contains(":") ? "[" + ip + "]" : ip;
    return URI.create("http://%s:%d/scaling".formatted(host, port));
  }

  /** Says nothing of the answer's content, which is a tenant's. */
  private Optional<PodReport> failed(Pod pod, String reason) {
    metrics.counter("functionapp.scaling.report.failures", "reason", reason).increment();
    log.atDebug()
        .addKeyValue("namespace", pod.getMetadata().getNamespace())
        .addKeyValue("pod", pod.getMetadata().getName())
        .addKeyValue("reason", reason)
        .log("a pod did not report");
    return Optional.empty();
  }
}
