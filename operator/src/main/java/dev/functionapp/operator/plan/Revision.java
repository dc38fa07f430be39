package dev.functionapp.operator.plan;

import java.util.SortedMap;

/**
 * What a worker pod runs: the source, how it is built, and the settings it is verified under.
 *
 * @param name 10 hexadecimal digits; names the prepare Job and the index blob
 * @param packageKey 10 hexadecimal digits; names the package blob
 * @param source where the app comes from and what pins it, for people
 * @param image the worker image, or the image that holds the app
 * @param content what it is made of
 * @param settingsData what the ConfigMaps hold that settings come from, by the ConfigMap's name
 * @param envValues values of the variables that come from an entry of a ConfigMap, by variable
 */
public record Revision(
    String name,
    String packageKey,
    String source,
    String image,
    SourceContent content,
    SortedMap<String, SortedMap<String, String>> settingsData,
    SortedMap<String, String> envValues) {

  /** Whether there is a package to build and to fetch; else the image holds the app. */
  public boolean hasPackage() {
    return !(content instanceof SourceContent.BuiltImage);
  }
}
