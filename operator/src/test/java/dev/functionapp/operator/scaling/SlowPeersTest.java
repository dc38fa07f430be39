package dev.functionapp.operator.scaling;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What peers can take of the scaling endpoint that never come to an end. */
@DisplayName("Fault: peers that keep the scaling endpoint waiting")
class SlowPeersTest {

  private static final String PATH = "/scaling/shop/photos/queue-resize";

  private static final String REQUEST = "GET " + PATH + " HTTP/1.1\r\n\r\n";

  private static final String BY_AGE =
      """
      {"minReplicas": 0, "maxReplicas": 3, "messageAgeSeconds": 30,
       "functions": {"resize": "queueTrigger"}, "revision": "3f9c0a12be"}
      """;

  /** Of each kind. */
  private static final int PEERS = 100;

  private static final int MAX_CONNECTIONS = 1024;

  /** How long KEDA waits for an answer. */
  private static final Duration KEDA = Duration.ofSeconds(3);

  /** Five seconds, and what the JDK takes until it has looked at its timers: ten at the most. */
  private static final Duration CUT = Duration.ofSeconds(25);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Socket> peers = new ArrayList<>();
  private PodReports pods;
  private ScalingServer server;

  @BeforeEach
  void start() {
    var metrics = new SimpleMeterRegistry();
    pods = new PodReports(1, Clock.systemUTC(), metrics);
    server =
        new ScalingServer(
            0, new GroupScaler(FakeGroups.of(BY_AGE, 0), pods, Clock.systemUTC()), metrics);
  }

  @AfterEach
  void stop() throws IOException {
    for (var peer : peers) {
      peer.close();
    }
    threads.shutdownNow();
    server.close();
    pods.close();
  }

  @Test
  void theyAreCutAndKedaIsAnsweredMeanwhile() throws Exception {
    var silent = endsOf(PEERS, SlowPeersTest::awaitEnd);
    var sendsHeaders = endsOf(PEERS, peer -> drip(peer, "GET " + PATH + " HTTP/1.1\r\nX: "));
    var sendsBody =
        endsOf(
            PEERS, peer -> drip(peer, "POST " + PATH + " HTTP/1.1\r\nContent-Length: 900\r\n\r\n"));
    var readsNothing = endsOf(2, peer -> flood(peer, REQUEST.repeat(100)));

    assertKedaIsAnswered();

    assertThat(silent).as("sends nothing").allSatisfy(SlowPeersTest::assertCut);
    assertThat(sendsHeaders).as("headers without end").allSatisfy(SlowPeersTest::assertCut);
    assertThat(sendsBody).as("a body without end").allSatisfy(SlowPeersTest::assertCut);
    assertThat(readsNothing).as("reads no answer").allSatisfy(SlowPeersTest::assertCut);
    assertKedaIsAnswered();
  }

  @Test
  void whoTakesTwoSecondsIsAnswered() throws Exception {
    var peer = connect();
    send(peer, REQUEST.substring(0, 10));
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
    send(peer, REQUEST.substring(10));

    assertThat(new String(peer.getInputStream().readNBytes(12), US_ASCII))
        .isEqualTo("HTTP/1.1 200");
  }

  @Test
  void oneConnectionMoreThanThereMayBeIsCutAtOnce() throws Exception {
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
      connect();
    }

    assertThat(endOf(connect(), SlowPeersTest::awaitEnd).get(KEDA.toSeconds(), SECONDS)).isTrue();
  }

  private void assertKedaIsAnswered() throws Exception {
    try (var keda = HttpClient.newBuilder().connectTimeout(KEDA).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port(), PATH)))
              .timeout(KEDA)
              .build();
      var answer = keda.send(request, HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  private List<Future<Boolean>> endsOf(int peers, Consumer<Socket> behaviour) throws IOException {
    var ends = new ArrayList<Future<Boolean>>();
    for (int i = 0; i < peers; i++) {
      ends.add(endOf(connect(), behaviour));
    }
    return ends;
  }

  private Socket connect() throws IOException {
    var peer = new Socket();
    peers.add(peer);
    peer.setReceiveBufferSize(1024);
    peer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    return peer;
  }

  /** True once the server has ended the connection. */
  private Future<Boolean> endOf(Socket peer, Consumer<Socket> behaviour) {
    return threads.submit(() -> {
      try {
        behaviour.accept(peer);
      } catch (UncheckedIOException e) {
        // A reset: the server has gone while bytes were under way.
      }
      return true;
    });
  }

  private static void assertCut(Future<Boolean> end) throws Exception {
    assertThat(end.get(CUT.toSeconds(), SECONDS)).isTrue();
  }

  /** A byte now and then. */
  private static void drip(Socket peer, String beginning) {
    send(peer, beginning);
    while (true) {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      send(peer, "x");
    }
  }

  private static void flood(Socket peer, String text) {
    while (true) {
      send(peer, text);
    }
  }

  private static void send(Socket peer, String text) {
    try {
      peer.getOutputStream().write(text.getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitEnd(Socket peer) {
    try {
      peer.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
