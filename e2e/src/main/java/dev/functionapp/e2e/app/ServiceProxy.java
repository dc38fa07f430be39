package dev.functionapp.e2e.app;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A Service inside the cluster, reached through the API server: as for a client inside, each request goes to one of the pods
 * that are ready then, so that nothing has to be opened again when pods come and go.
 */
public final class ServiceProxy {

  private static final String KEY_HEADER = "x-functions-key";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final KubernetesClient client;
  private final String base;

  ServiceProxy(KubernetesClient client, String namespace, String service) {
    this.client = client;
    this.base = client.getMasterUrl() + "api/v1/namespaces/" + namespace + "/services/" + service + ":80/proxy";
  }

  /** An HTTP response. 503 also stands for a Service that has no ready pod. */
  public record Answer(int status, byte[] body) {

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Gets a path, for example {@code /api/hello}. */
  public Answer get(String path) throws IOException {
    return send(request(path));
  }

  /** Gets a path with a function key. */
  public Answer get(String path, String key) throws IOException {
    return send(request(path).header(KEY_HEADER, key));
  }

  /** Posts nothing to a path, with a function key. */
  public Answer post(String path, String key) throws IOException {
    return send(request(path).header(KEY_HEADER, key).post("text/plain", new byte[0]));
  }

  /** Posts a body to a path. */
  public Answer post(String path, String contentType, byte[] body) throws IOException {
    return send(request(path).post(contentType, body));
  }

  private HttpRequest.Builder request(String path) {
    return client.getHttpClient().newHttpRequestBuilder().uri(URI.create(base + path)).timeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  private Answer send(HttpRequest.Builder request) throws IOException {
    HttpClient http = client.getHttpClient();
    try {
      HttpResponse<byte[]> response = http.sendAsync(request.build(), byte[].class).get(TIMEOUT.toSeconds() + 5, TimeUnit.SECONDS);
      return new Answer(response.code(), response.body());
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + TIMEOUT.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
