package dev.functionapp.operator;

import dev.functionapp.operator.plan.AllowedImages;
import dev.functionapp.operator.plan.Platform;
import java.net.URI;
import java.util.Optional;
import java.util.SortedMap;

/** Another platform, which differs in what a test is about. */
public final class PlatformBuilder {

  private SortedMap<String, String> workerImages;
  private AllowedImages allowedImages;
  private final String imagePullPolicy;
  private SortedMap<String, String> podLabels;
  private String pipIndexUrl;
  private String pipArguments;
  private Optional<String> trustedCa;
  private final boolean privateNetworks;
  private boolean sourceDistributions;
  private final String clusterDomain;
  private final String buildMemoryLimit;
  private final URI scalingEndpoint;
  private Optional<String> evaluationStorage;

  private PlatformBuilder(Platform given) {
    workerImages = given.workerImages();
    allowedImages = given.allowedImages();
    imagePullPolicy = given.imagePullPolicy();
    podLabels = given.podLabels();
    pipIndexUrl = given.pipIndexUrl();
    pipArguments = given.pipArguments();
    trustedCa = given.trustedCa();
    privateNetworks = given.privateNetworks();
    sourceDistributions = given.sourceDistributions();
    clusterDomain = given.clusterDomain();
    buildMemoryLimit = given.buildMemoryLimit();
    scalingEndpoint = given.scalingEndpoint();
    evaluationStorage = given.evaluationStorage();
  }

  public static PlatformBuilder from(Platform given) {
    return new PlatformBuilder(given);
  }

  public PlatformBuilder workerImages(SortedMap<String, String> value) {
    workerImages = value;
    return this;
  }

  public PlatformBuilder allowedImages(AllowedImages value) {
    allowedImages = value;
    return this;
  }

  public PlatformBuilder podLabels(SortedMap<String, String> value) {
    podLabels = value;
    return this;
  }

  public PlatformBuilder pipIndexUrl(String value) {
    pipIndexUrl = value;
    return this;
  }

  public PlatformBuilder pipArguments(String value) {
    pipArguments = value;
    return this;
  }

  public PlatformBuilder trustedCa(String value) {
    trustedCa = Optional.of(value);
    return this;
  }

  public PlatformBuilder sourceDistributions(boolean value) {
    sourceDistributions = value;
    return this;
  }

  public PlatformBuilder evaluationStorage(String value) {
    evaluationStorage = Optional.of(value);
    return this;
  }

  public Platform build() {
    return new Platform(
        workerImages,
        allowedImages,
        imagePullPolicy,
        podLabels,
        pipIndexUrl,
        pipArguments,
        trustedCa,
        privateNetworks,
        sourceDistributions,
        clusterDomain,
        buildMemoryLimit,
        scalingEndpoint,
        evaluationStorage);
  }
}
