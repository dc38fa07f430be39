package dev.functionapp.operator.reconciler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;

/**
 * Writes Secrets without ever reading one: the operator has no permission to. What was written
 * lately is remembered as a digest, so that the same is not written at every pass; what someone
 * else changed is put right when that is forgotten.
 */
final class SecretWriter {

  private static final Duration REMEMBERED = Duration.ofMinutes(10);
  private static final long MAX_REMEMBERED = 10_000;

  private final KubernetesClient client;
  private final WriteLog writes;
  private final Cache<String, String> written =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();

  SecretWriter(KubernetesClient client, WriteLog writes) {
    this.client = client;
    this.writes = writes;
  }

  void write(Secret secret) {
    var key = key(secret);
    var digest = Digests.shortDigest(secret.getData());
    if (!digest.equals(written.getIfPresent(key))) {
      writes.tell("apply", secret);
      client.resource(secret).fieldManager(Labels.OPERATOR).forceConflicts().serverSideApply();
      written.put(key, digest);
    }
  }

  /** Creates a Secret where there is none of its name; one that is there is its user's. */
  void createOnce(Secret secret) {
    var key = key(secret);
    if (written.getIfPresent(key) != null) {
      return;
    }
    try {
      client.resource(secret).create();
      writes.tell("create", secret);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
    written.put(key, "");
  }

  private static String key(Secret secret) {
    var metadata = secret.getMetadata();
    return metadata.getOwnerReferences().getFirst().getUid()
        + "/"
        + metadata.getNamespace()
        + "/"
        + metadata.getName();
  }
}
