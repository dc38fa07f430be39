package dev.functionapp.e2e.servers;

import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.shell.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A port of this machine that leads to one of a Service, by {@code kubectl port-forward}: for programs that keep connections. */
final class PortForward implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) ->.*");

  private final Process process;
  private final int port;

  private PortForward(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static PortForward open(Cluster cluster, String namespace, String service, int servicePort) {
    Command command = cluster.kubectl("port-forward", "--namespace", namespace, "--address", "127.0.0.1", "service/" + service, ":" + servicePort);
    try {
      Process process = command.start();
      var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = output.readLine();
      Matcher ready = READY.matcher(line == null ? "" : line);
      if (!ready.matches()) {
        process.destroy();
        throw new IllegalStateException("kubectl port-forward to " + service + " said: " + line);
      }
      // What it says of each connection has to go somewhere, lest it wait for a reader.
      Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
      return new PortForward(process, Integer.parseInt(ready.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
