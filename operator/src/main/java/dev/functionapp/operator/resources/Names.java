package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.Digests;
import java.util.Locale;

/**
 * Names of the objects that are made for an app: {@code <app>-<slug>-<hash>}. The hash is over app
 * and purpose as they are, so two of them never share a name although slugs lose case, underscores
 * and length.
 */
public final class Names {

  /** KEDA labels its HPA {@code keda-hpa-<name>}, and a label's value ends at 63 characters. */
  public static final int MAX_LENGTH = 54;

  private static final int HASH_LENGTH = 8;
  private static final int TEXT_LENGTH = MAX_LENGTH - HASH_LENGTH - 2;
  private static final int MIN_SLUG_LENGTH = 16;

  private Names() {}

  /**
   * The name for one purpose of an app.
   *
   * @param purpose of the form {@code word}, {@code word-detail} or {@code word/digest}; what
   *     follows a slash is hashed only
   */
  public static String of(String app, String purpose) {
    var word = slug(purpose.split("/", 2)[0]);
    var slug = shorten(word, Math.max(MIN_SLUG_LENGTH, TEXT_LENGTH - app.length()));
    var hash = Digests.sha256(app + "\0" + purpose).substring(0, HASH_LENGTH);
    return shorten(app, TEXT_LENGTH - slug.length()) + "-" + slug + "-" + hash;
  }

  private static String slug(String purpose) {
    return purpose.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  private static String shorten(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length).replaceAll("-+$", "");
  }
}
