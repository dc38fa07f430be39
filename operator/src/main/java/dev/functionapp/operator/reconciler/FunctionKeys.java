package dev.functionapp.operator.reconciler;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/** Makes function keys. */
final class FunctionKeys {

  /** 54 characters of URL-safe Base64. */
  private static final int KEY_BYTES = 40;

  private final SecureRandom random = new SecureRandom();

  /** What an app needs at first, by the name of the entry: upstream's names. */
  Map<String, String> generate() {
    return Map.of("host.master", key(), "host.function.default", key());
  }

  private String key() {
    var bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
