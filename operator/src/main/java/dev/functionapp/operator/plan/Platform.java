package dev.functionapp.operator.plan;

import java.net.URI;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What whoever installed the operator decided for all apps.
 *
 * @param workerImages worker image by Python version
 * @param allowedImages those that an app may name in place of these
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}
 * @param podLabels labels of worker pods, besides those that the operator sets itself
 * @param pipIndexUrl empty text leaves pip's own default
 * @param pipArguments shell-quoted extra arguments of {@code pip install}
 * @param trustedCa PEM certificates that builds trust: pip in place of its own, others beside
 *     theirs
 * @param privateNetworks whether sources may stand in private networks
 * @param sourceDistributions whether requirements may be installed from source distributions
 * @param clusterDomain the DNS domain of Services, without a leading dot
 * @param buildMemoryLimit memory that the build step may use
 * @param scalingEndpoint where KEDA reaches the operator's scaling endpoint, without a path
 * @param evaluationStorage connection string of a storage account for apps that bring none
 */
public record Platform(
    SortedMap<String, String> workerImages,
    AllowedImages allowedImages,
    String imagePullPolicy,
    SortedMap<String, String> podLabels,
    String pipIndexUrl,
    String pipArguments,
    Optional<String> trustedCa,
    boolean privateNetworks,
    boolean sourceDistributions,
    String clusterDomain,
    String buildMemoryLimit,
    URI scalingEndpoint,
    Optional<String> evaluationStorage) {

  /** The image that an app's pods run; empty where its Python version is not on offer. */
  public Optional<String> workerImage(AppSpec spec) {
    return spec.source() instanceof Source.Image image
        ? Optional.of(image.name())
        : spec.image().or(() -> Optional.ofNullable(workerImages.get(spec.pythonVersion())));
  }

  /** Leaves out the connection string, which is a credential. */
  @Override
  public String toString() {
    return "Platform[workerImages=" + workerImages + ", clusterDomain=" + clusterDomain + "]";
  }
}
