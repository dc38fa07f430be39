package dev.functionapp.operator.plan;

import java.util.List;

/**
 * The images that apps may name themselves.
 *
 * @param repositories registries, paths below them or repositories, as {@code
 *     registry.example/team}; empty allows every image
 */
public record AllowedImages(List<String> repositories) {

  public static final AllowedImages ALL = new AllowedImages(List.of());

  /** Whether an image is one of these: a prefix ends where a part of the image's name ends. */
  public boolean allow(String image) {
    return repositories.isEmpty()
        || repositories.stream().anyMatch(allowed -> isAtOrBelow(image, allowed));
  }

  private static boolean isAtOrBelow(String image, String allowed) {
    var prefix = allowed.replaceAll("/+$", "");
    return image.equals(prefix)
        || (image.startsWith(prefix) && "/:@".indexOf(image.charAt(prefix.length())) >= 0);
  }
}
