package dev.functionapp.operator.plan;

import java.util.List;
import java.util.SortedMap;

/**
 * What a worker pod runs: the source, how it is built, and the settings it is verified under.
 *
 * @param name 10 hexadecimal digits; names the prepare Job and the index blob
 * @param packageKey 10 hexadecimal digits; names the package blob
 * @param source where the files come from and a digest of them, for people
 * @param image the worker image
 * @param files the app's files, by path
 * @param settingsData what the ConfigMaps hold that settings come from, by the ConfigMap's name
 * @param envValues values of the variables that come from an entry of a ConfigMap, by variable
 */
public record Revision(
    String name,
    String packageKey,
    String source,
    String image,
    List<SourceFile> files,
    SortedMap<String, SortedMap<String, String>> settingsData,
    SortedMap<String, String> envValues) {}
