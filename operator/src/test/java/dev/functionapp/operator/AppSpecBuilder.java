package dev.functionapp.operator;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Arrangement;
import dev.functionapp.operator.plan.Build;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.Http;
import dev.functionapp.operator.plan.Rollout;
import dev.functionapp.operator.plan.Scaling;
import dev.functionapp.operator.plan.SettingsSource;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.WorkerProcesses;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Another app spec, which differs in what a test is about. */
public final class AppSpecBuilder {

  private final AppId id;
  private String pythonVersion;
  private Optional<String> image;
  private final Source source;
  private Build build;
  private SortedMap<String, String> settings;
  private List<SettingsSource> settingsFrom;
  private List<EnvVariable> env;
  private WorkerProcesses workers;
  private ComputeResources resources;
  private Scaling scaling;
  private Arrangement arrangement;
  private Http http;
  private Rollout rollout;
  private Optional<String> reconcileAt;

  private AppSpecBuilder(AppSpec given) {
    id = given.id();
    pythonVersion = given.pythonVersion();
    image = given.image();
    source = given.source();
    build = given.build();
    settings = given.settings();
    settingsFrom = given.settingsFrom();
    env = given.env();
    workers = given.workers();
    resources = given.resources();
    scaling = given.scaling();
    arrangement = given.arrangement();
    http = given.http();
    rollout = given.rollout();
    reconcileAt = given.reconcileAt();
  }

  public static AppSpecBuilder from(AppSpec given) {
    return new AppSpecBuilder(given);
  }

  public AppSpecBuilder pythonVersion(String value) {
    pythonVersion = value;
    return this;
  }

  public AppSpecBuilder image(String value) {
    image = Optional.of(value);
    return this;
  }

  public AppSpecBuilder build(Build value) {
    build = value;
    return this;
  }

  public AppSpecBuilder settings(SortedMap<String, String> value) {
    settings = value;
    return this;
  }

  public AppSpecBuilder settingsFrom(List<SettingsSource> value) {
    settingsFrom = value;
    return this;
  }

  public AppSpecBuilder env(List<EnvVariable> value) {
    env = value;
    return this;
  }

  public AppSpecBuilder workers(WorkerProcesses value) {
    workers = value;
    return this;
  }

  public AppSpecBuilder resources(ComputeResources value) {
    resources = value;
    return this;
  }

  public AppSpecBuilder scaling(Scaling value) {
    scaling = value;
    return this;
  }

  public AppSpecBuilder arrangement(Arrangement value) {
    arrangement = value;
    return this;
  }

  public AppSpecBuilder http(Http value) {
    http = value;
    return this;
  }

  public AppSpecBuilder rollout(Rollout value) {
    rollout = value;
    return this;
  }

  public AppSpecBuilder reconcileAt(String value) {
    reconcileAt = Optional.of(value);
    return this;
  }

  public AppSpec build() {
    return new AppSpec(
        id,
        pythonVersion,
        image,
        source,
        build,
        settings,
        settingsFrom,
        env,
        workers,
        resources,
        scaling,
        arrangement,
        http,
        rollout,
        reconcileAt);
  }
}
