package dev.functionapp.operator.plan;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * One file of the app.
 *
 * @param path relative to the app's root
 * @param content text, or Base64 where {@code binary}
 */
public record SourceFile(String path, String content, boolean binary) {

  public String digest() {
    return Digests.sha256(
        binary
            ? Base64.getMimeDecoder().decode(content)
            : content.getBytes(StandardCharsets.UTF_8));
  }
}
