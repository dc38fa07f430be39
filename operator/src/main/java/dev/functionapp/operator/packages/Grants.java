package dev.functionapp.operator.packages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Index;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files by which pods learn what they may do in the package store; each is good for one blob.
 */
public final class Grants {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final PackageStore store;

  public Grants(PackageStore store) {
    this.store = store;
  }

  /** What a worker gets: it may read its package, and knows what it must be. */
  public String worker(AppId app, String packageKey, Index.PackageDigest digest) {
    return json(
        Map.of(
            "url", store.packageUrl(app, packageKey, Access.READ),
            "sha256", digest.sha256(),
            "size", digest.size()));
  }

  /**
   * What a prepare Job gets: it may make the package, or read it where it is there, and make the
   * index.
   */
  public String prepare(AppId app, String packageKey, String revision) {
    return json(
        Map.of(
            "package", Map.of("url", store.packageUrl(app, packageKey, Access.CREATE_AND_READ)),
            "index", Map.of("url", store.indexUrl(app, revision, Access.CREATE))));
  }

  private static String json(Map<String, ?> grant) {
    try {
      return MAPPER.writeValueAsString(new TreeMap<>(grant));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, text and numbers are always JSON", e);
    }
  }
}
