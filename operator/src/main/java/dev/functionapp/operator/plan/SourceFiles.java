package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects an app's files from where its spec says that they are. */
final class SourceFiles {

  private SourceFiles() {}

  static List<SourceFile> inline(Source.Inline source) {
    return source.files().entrySet().stream()
        .map(file -> new SourceFile(file.getKey(), file.getValue(), false))
        .toList();
  }

  /**
   * The files that a ConfigMap holds.
   *
   * @throws InvalidInput where it or a key of it is missing, or it holds nothing
   */
  static List<SourceFile> fromConfigMap(
      AppSpec spec, Source.FromConfigMap source, Map<String, ConfigMapContent> configMaps) {
    var content = configMaps.get(source.name());
    if (content == null) {
      throw new InvalidInput(
          Reason.SourceNotFound,
          "spec.source.configMap.name: there is no ConfigMap \"%s\" in the namespace \"%s\"; create it or name another"
              .formatted(source.name(), spec.id().namespace()));
    }
    var items = source.items().isEmpty() ? everyKey(content) : source.items();
    if (items.isEmpty()) {
      throw new InvalidInput(
          Reason.SourceNotFound,
          "spec.source.configMap.name: the ConfigMap \"%s\" holds no files; add the app's files to its data"
              .formatted(source.name()));
    }
    var files = new ArrayList<SourceFile>();
    for (int i = 0; i < items.size(); i++) {
      files.add(file(source.name(), i, items.get(i), content));
    }
    files.sort(Comparator.comparing(SourceFile::path));
    return List.copyOf(files);
  }

  static Map<String, String> digests(List<SourceFile> files) {
    var digests = new TreeMap<String, String>();
    files.forEach(file -> digests.put(file.path(), file.digest()));
    return digests;
  }

  private static List<Source.Item> everyKey(ConfigMapContent content) {
    var items = new ArrayList<Source.Item>();
    content.data().keySet().forEach(key -> items.add(new Source.Item(key, key)));
    content.binaryData().keySet().forEach(key -> items.add(new Source.Item(key, key)));
    return items;
  }

  private static SourceFile file(
      String configMap, int i, Source.Item item, ConfigMapContent content) {
    var text = content.data().get(item.key());
    if (text != null) {
      return new SourceFile(item.path(), text, false);
    }
    var binary = content.binaryData().get(item.key());
    if (binary != null) {
      return new SourceFile(item.path(), binary, true);
    }
    throw new InvalidInput(
        Reason.SourceNotFound,
        "spec.source.configMap.items[%d].key: the ConfigMap \"%s\" has no key \"%s\"; add it or name another"
            .formatted(i, configMap, item.key()));
  }
}
