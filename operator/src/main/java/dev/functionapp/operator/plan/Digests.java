package dev.functionapp.operator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over bytes, text and canonical JSON, as lower-case hexadecimal digits. */
public final class Digests {

  private static final ObjectMapper CANONICAL =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private Digests() {}

  public static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The first 10 digits of the digest of a value of maps, lists, text and numbers; the order of map
   * entries does not matter.
   */
  public static String shortDigest(Object value) {
    return digest(value).substring(0, 10);
  }

  /** As {@link #shortDigest}, with all its 64 digits. */
  public static String digest(Object value) {
    return sha256(canonical(value));
  }

  /** The bytes that {@link #digest} is over. */
  static byte[] canonical(Object value) {
    try {
      return CANONICAL.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not maps, lists, text and numbers: " + value.getClass(), e);
    }
  }
}
