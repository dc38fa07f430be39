package dev.functionapp.operator.plan;

import java.util.List;
import java.util.SortedMap;

/** Where the app's files come from. */
public sealed interface Source {

  /**
   * Files in the FunctionApp itself.
   *
   * @param files text by path
   */
  record Inline(SortedMap<String, String> files) implements Source {}

  /**
   * Files in a ConfigMap of the app's namespace.
   *
   * @param items which keys to take; empty means every key, as a file in the app's root
   */
  record FromConfigMap(String name, List<Item> items) implements Source {}

  /** One key of a ConfigMap and the path its content gets in the app. */
  record Item(String key, String path) {}
}
