package dev.functionapp.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.packages.IndexParser;
import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.ConfigMapContent;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.operator.reconciler.AppSpecs;
import dev.functionapp.operator.reconciler.SourceSpecs;
import dev.functionapp.operator.resources.ConfigMaps;
import dev.functionapp.operator.resources.ControllerRevisions;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.DisruptionBudgets;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.PrepareJobs;
import dev.functionapp.operator.resources.ResolveJobs;
import dev.functionapp.operator.resources.ScaledObjects;
import dev.functionapp.operator.resources.Secrets;
import dev.functionapp.operator.resources.ServiceAccounts;
import dev.functionapp.operator.resources.Services;
import dev.functionapp.operator.resources.TriggerAuthentications;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every folder of {@code golden} is a case: from {@code in-functionapp.yaml}, the ConfigMaps that
 * it names and {@code in-functions.json} come exactly the objects of {@code
 * out-<Kind>-<name>.yaml}. With the system property {@code golden.write} the outputs are written
 * anew, to be read before they are committed.
 */
class GoldenResourcesTest {

  private static final Path CASES = Path.of("src/test/resources/golden");
  private static final boolean WRITE = Boolean.getBoolean("golden.write");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final Platform PLATFORM =
      PlatformBuilder.from(TestApps.PLATFORM)
          .workerImages(new TreeMap<>(Map.of("3.13", "registry.example/worker:1-python3.13")))
          .podLabels(
              new TreeMap<>(Map.of("azure.workload.identity/use", "true", Labels.APP, "another")))
          .pipIndexUrl("https://pypi.example/simple")
          .pipArguments("--only-binary :all:")
          .trustedCa("PEM\n")
          .evaluationStorage("AccountName=evaluation;AccountKey=a2V5")
          .build();

  static Stream<Path> cases() throws IOException {
    try (var folders = Files.list(CASES)) {
      return folders.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void objectsAreAsWritten(Path folder) throws IOException {
    var unused = new HashSet<>(outputs(folder));
    for (var object : objects(folder)) {
      var file =
          folder.resolve(
              "out-%s-%s.yaml".formatted(object.getKind(), object.getMetadata().getName()));
      var yaml = YAML.asYaml(object);
      if (WRITE) {
        Files.writeString(file, yaml);
      }
      assertThat(file).exists();
      assertThat(yaml).as(file.toString()).isEqualTo(Files.readString(file));
      unused.remove(file);
    }
    assertThat(unused).as("files that nothing makes any more").isEmpty();
  }

  private static List<HasMetadata> objects(Path folder) throws IOException {
    var app =
        YAML.unmarshal(Files.readString(folder.resolve("in-functionapp.yaml")), FunctionApp.class);
    var spec = AppSpecs.of(app);
    var state = SourceSpecs.state(app);
    var resolution = Revisions.resolve(spec, configMaps(folder), state, PLATFORM);
    var revision = ((Resolution.Resolved) resolution).revision();

    var objects = new ArrayList<HasMetadata>();
    objects.add(ServiceAccounts.serviceAccount(spec.id()));
    objects.add(ConfigMaps.settings(spec.id(), spec.settings()));
    revision
        .settingsData()
        .values()
        .forEach(data -> objects.add(ConfigMaps.settings(spec.id(), data)));
    ConfigMaps.source(spec.id(), revision).ifPresent(objects::add);
    objects.add(ConfigMaps.trustedCa(spec.id(), PLATFORM.trustedCa().orElseThrow()));
    objects.add(Secrets.evaluationStorage(spec.id(), PLATFORM.evaluationStorage().orElseThrow()));
    objects.add(
        Secrets.packageGrants(spec.id(), Map.of(Secrets.workerGrantKey(revision.name()), "{}")));
    objects.add(Secrets.functionKeys(spec.id(), Map.of("host.master", "key")));
    if (spec.source() instanceof Source.Git git && git.request().isPresent()) {
      var known = state.resolved(git);
      objects.add(ResolveJobs.job(spec, git, revision.image(), known, PLATFORM, 1));
    }
    objects.add(PrepareJobs.job(spec, revision, PLATFORM, 1));
    objects.add(controllerRevision(spec, revision));
    objects.addAll(planned(folder, spec, revision));
    return objects;
  }

  /** As it is stored, after it was read back: applying it again makes the same objects. */
  private static ControllerRevision controllerRevision(AppSpec spec, Revision revision) {
    var stored = StoredRevision.of(spec, revision);
    var past =
        new PastRevision(
            revision.name(),
            3,
            revision.source(),
            revision.packageKey(),
            Optional.of("a".repeat(64)),
            Instant.parse("2026-01-01T00:00:00Z"),
            Optional.of(Instant.parse("2026-01-01T00:01:00Z")),
            new TreeSet<>(Set.of("http")),
            Optional.empty());
    var object = ControllerRevisions.of(spec.id(), stored, past);
    var read = YAML.unmarshal(YAML.asJson(object), ControllerRevision.class);
    assertThat(ControllerRevisions.past(read)).isEqualTo(past);
    assertThat(environmentOf(ControllerRevisions.stored(read), spec))
        .isEqualTo(environmentOf(stored, spec));
    return object;
  }

  /** What pods of a stored revision look like, for a group that there could be. */
  private static HasMetadata environmentOf(StoredRevision stored, AppSpec spec) {
    var group = new Group("http", List.of("f"), spec.resources(), new Group.Fixed(1));
    var plan =
        new AppPlan(
            stored.under(spec), stored.revision(), List.of(group), List.of(), Optional.empty(), 30);
    return Deployments.deployment(plan, group, PLATFORM);
  }

  private static List<HasMetadata> planned(Path folder, AppSpec spec, Revision revision)
      throws IOException {
    var json =
        """
        {"schemaVersion": 1, "revision": "%s", "package": %s,
         "host": {"functionTimeoutSeconds": 90, "routePrefix": "api",
                  "queues": {"batchSize": 16, "newBatchThreshold": 8}},
         "functions": %s}
        """
            .formatted(
                revision.name(),
                revision.hasPackage()
                    ? "{\"sha256\": \"%s\", \"size\": 1}".formatted("a".repeat(64))
                    : "null",
                Files.readString(folder.resolve("in-functions.json")));
    var index = IndexParser.parse(json.getBytes(StandardCharsets.UTF_8), revision.name());
    var plan = ((Plan.Planned) new Planner(PLATFORM).plan(spec, revision, index, true)).plan();

    var objects = new ArrayList<HasMetadata>();
    plan.httpGroup()
        .map(group -> Services.service(spec.id(), Deployments.name(spec.id().name(), group)))
        .ifPresent(objects::add);
    for (var group : plan.groups()) {
      objects.add(Deployments.deployment(plan, group, PLATFORM));
      objects.add(DisruptionBudgets.disruptionBudget(spec.id(), group));
      if (group.scale() instanceof Group.Scaled scale) {
        objects.addAll(TriggerAuthentications.of(spec.id(), scale));
        objects.add(ScaledObjects.scaledObject(spec.id(), group, scale, revision, PLATFORM));
      }
    }
    return objects;
  }

  private static Map<String, ConfigMapContent> configMaps(Path folder) throws IOException {
    var contents = new HashMap<String, ConfigMapContent>();
    try (var files = Files.list(folder)) {
      for (var file :
          files.filter(file -> file.getFileName().toString().startsWith("in-configmap")).toList()) {
        var configMap = YAML.unmarshal(Files.readString(file), ConfigMap.class);
        contents.put(
            configMap.getMetadata().getName(),
            new ConfigMapContent(
                new TreeMap<>(configMap.getData()), new TreeMap<>(configMap.getBinaryData())));
      }
    }
    return contents;
  }

  private static List<Path> outputs(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("out-")).toList();
    }
  }
}
