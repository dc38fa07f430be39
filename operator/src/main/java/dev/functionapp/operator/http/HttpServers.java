package dev.functionapp.operator.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Makes HTTP servers whose peers cannot keep a thread or memory: not one that connects and sends
 * nothing, nor one that sends or reads a byte now and then.
 *
 * <p>The JDK takes the limits of all servers of a process from <a
 * href="https://docs.oracle.com/en/java/javase/21/docs/api/jdk.httpserver/module-summary.html">system
 * properties</a>, which it reads when the first one is made. So every server is made here. A
 * property that is set already is left as it is.
 */
public final class HttpServers {

  /** To receive a request, and then to answer it and have the answer read. */
  private static final String SECONDS = "5";

  // The documentation of the two times says milliseconds. What reads them takes them for seconds.
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", "1024",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.maxReqTime", SECONDS,
          "sun.net.httpserver.maxRspTime", SECONDS);

  static {
    LIMITS.forEach(System.getProperties()::putIfAbsent);
  }

  private HttpServers() {}

  /**
   * A server that listens, and answers once it is started.
   *
   * @param pending connections that may wait to be accepted; 0 leaves it to the system
   */
  public static HttpServer listen(InetSocketAddress address, int pending) {
    try {
      return HttpServer.create(address, pending);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + address.getPort(), e);
    }
  }
}
