package dev.functionapp.operator.plan;

import java.util.SortedMap;

/**
 * What a ConfigMap holds.
 *
 * @param data text by key
 * @param binaryData Base64 by key
 */
public record ConfigMapContent(
    SortedMap<String, String> data, SortedMap<String, String> binaryData) {}
