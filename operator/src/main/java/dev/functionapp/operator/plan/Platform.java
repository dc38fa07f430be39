package dev.functionapp.operator.plan;

import java.util.Optional;
import java.util.SortedMap;

/**
 * What whoever installed the operator decided for all apps.
 *
 * @param workerImages worker image by Python version
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}
 * @param pipIndexUrl empty text leaves pip's own default
 * @param pipArguments shell-quoted extra arguments of {@code pip install}
 * @param trustedCa PEM certificates that pip trusts in place of its own
 * @param clusterDomain the DNS domain of Services, without a leading dot
 * @param buildMemoryLimit memory that the build step may use
 * @param evaluationStorage connection string of a storage account for apps that bring none
 */
public record Platform(
    SortedMap<String, String> workerImages,
    String imagePullPolicy,
    String pipIndexUrl,
    String pipArguments,
    Optional<String> trustedCa,
    String clusterDomain,
    String buildMemoryLimit,
    Optional<String> evaluationStorage) {

  /** Leaves out the connection string, which is a credential. */
  @Override
  public String toString() {
    return "Platform[workerImages=" + workerImages + ", clusterDomain=" + clusterDomain + "]";
  }
}
