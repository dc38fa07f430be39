package dev.functionapp.operator.packages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Revision;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files by which pods learn what they may do in the package store: each URL is good for one
 * blob, but for the one of the dependencies that a namespace shares.
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
   * What a prepare Job gets: it may make the index, and where there is something to build, make the
   * package and the dependencies that the namespace shares, or read them where they are there.
   */
  public String prepare(AppId app, Revision revision) {
    var grant = new TreeMap<String, Object>();
    grant.put("index", url(store.indexUrl(app, revision.name(), Access.CREATE)));
    if (revision.hasPackage()) {
      grant.put(
          "package", url(store.packageUrl(app, revision.packageKey(), Access.CREATE_AND_READ)));
      grant.put(
          "dependencies", url(store.dependenciesUrl(app.namespace(), Access.CREATE_AND_READ)));
    }
    return json(grant);
  }

  private static Map<String, String> url(String url) {
    return Map.of("url", url);
  }

  private static String json(Map<String, ?> grant) {
    try {
      return MAPPER.writeValueAsString(new TreeMap<>(grant));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, text and numbers are always JSON", e);
    }
  }
}
