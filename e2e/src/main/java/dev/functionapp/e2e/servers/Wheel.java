package dev.functionapp.e2e.servers;

import java.util.LinkedHashMap;
import java.util.Map;

/** A distribution of one pure module, as pip installs it. */
final class Wheel {

  private Wheel() {}

  static String fileName(String name, String version) {
    return module(name) + "-" + version + "-py3-none-any.whl";
  }

  /** The wheel of a module, which has the distribution's name with underscores. */
  static byte[] of(String name, String version, String code) {
    String information = module(name) + "-" + version + ".dist-info/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put(module(name) + ".py", code);
    files.put(information + "METADATA", "Metadata-Version: 2.1\nName: %s\nVersion: %s\n".formatted(name, version));
    files.put(information + "WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(information + "RECORD", String.join(",,\n", files.keySet()) + ",,\n" + information + "RECORD,,\n");
    return Archive.of(files).content();
  }

  private static String module(String name) {
    return name.replace('-', '_');
  }
}
