package dev.functionapp.operator.plan;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Clouds whose storage accounts KEDA may be sent to with an identity. */
public enum StorageCloud {
  PUBLIC("AzurePublicCloud", "core.windows.net"),
  US_GOVERNMENT("AzureUSGovernmentCloud", "core.usgovcloudapi.net"),
  CHINA("AzureChinaCloud", "core.chinacloudapi.cn");

  private final String kedaName;
  private final String endpointSuffix;

  StorageCloud(String kedaName, String endpointSuffix) {
    this.kedaName = kedaName;
    this.endpointSuffix = endpointSuffix;
  }

  /** What KEDA's scalers call it. */
  public String kedaName() {
    return kedaName;
  }

  static Optional<StorageCloud> of(String endpointSuffix) {
    return Stream.of(values())
        .filter(cloud -> cloud.endpointSuffix.equals(endpointSuffix))
        .findFirst();
  }

  /** For people. */
  static String endpointSuffixes() {
    return Stream.of(values()).map(cloud -> cloud.endpointSuffix).collect(Collectors.joining(", "));
  }
}
