package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Build;
import dev.functionapp.operator.plan.BuildMode;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.Http;
import dev.functionapp.operator.plan.Rollout;
import dev.functionapp.operator.plan.SettingsSource;
import dev.functionapp.operator.plan.WorkerProcesses;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappspec.Env;
import dev.functionapp.v1alpha1.functionappspec.Resources;
import dev.functionapp.v1alpha1.functionappspec.SettingsFrom;
import dev.functionapp.v1alpha1.functionappspec.Workers;
import dev.functionapp.v1alpha1.functionappspec.build.Pip;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the custom resource, as the API server has checked and completed it, into the operator's
 * own types.
 */
public final class AppSpecs {

  private static final Pattern DURATION_PART = Pattern.compile("([0-9]+)([hms])");

  private AppSpecs() {}

  public static AppId id(FunctionApp app) {
    var metadata = app.getMetadata();
    return new AppId(metadata.getNamespace(), metadata.getName(), metadata.getUid());
  }

  /** Whether the operator is to leave everything as it is. */
  static boolean isSuspended(FunctionApp app) {
    return Boolean.TRUE.equals(app.getSpec().getSuspend());
  }

  public static AppSpec of(FunctionApp app) {
    var spec = app.getSpec();
    return new AppSpec(
        id(app),
        spec.getRuntime().getVersion(),
        Optional.ofNullable(spec.getRuntime().getImage()).filter(image -> !image.isBlank()),
        SourceSpecs.of(spec.getSource()),
        build(spec.getBuild()),
        new TreeMap<>(Optional.ofNullable(spec.getSettings()).orElseGet(TreeMap::new)),
        stream(spec.getSettingsFrom()).map(AppSpecs::settingsSource).toList(),
        stream(spec.getEnv()).map(AppSpecs::variable).toList(),
        workers(spec.getWorkers()),
        resources(spec.getResources()),
        GroupSpecs.scaling(spec.getScaling()),
        GroupSpecs.arrangement(spec),
        http(spec.getHttp()),
        rollout(spec.getRollout()),
        Optional.ofNullable(app.getMetadata().getAnnotations())
            .map(annotations -> annotations.get(Labels.RECONCILE_AT))
            .filter(value -> !value.isBlank()));
  }

  private static Build build(dev.functionapp.v1alpha1.functionappspec.Build build) {
    var pip = Optional.ofNullable(build.getPip());
    return new Build(
        BuildMode.valueOf(build.getMode().getValue().toUpperCase(Locale.ROOT)),
        pip.map(Pip::getIndexUrl),
        pip.map(Pip::getExtraIndexUrls).orElse(List.of()),
        pip.map(Pip::getSecretRef).map(secret -> secret.getName()));
  }

  private static SettingsSource settingsSource(SettingsFrom from) {
    return from.getConfigMapRef() != null
        ? new SettingsSource.FromConfigMap(from.getConfigMapRef().getName())
        : new SettingsSource.FromSecret(from.getSecretRef().getName());
  }

  private static EnvVariable variable(Env env) {
    if (env.getValueFrom() == null) {
      return EnvVariable.of(env.getName(), env.getValue());
    }
    var configMap = env.getValueFrom().getConfigMapKeyRef();
    var secret = env.getValueFrom().getSecretKeyRef();
    return new EnvVariable(
        env.getName(),
        configMap != null
            ? new EnvVariable.ConfigMapKey(configMap.getName(), configMap.getKey())
            : new EnvVariable.SecretKey(secret.getName(), secret.getKey()));
  }

  private static WorkerProcesses workers(Workers workers) {
    return workers == null
        ? new WorkerProcesses(OptionalInt.empty(), OptionalInt.empty())
        : new WorkerProcesses(number(workers.getProcesses()), number(workers.getThreads()));
  }

  static ComputeResources resources(Resources resources) {
    var requests = new TreeMap<String, String>();
    var limits = new TreeMap<String, String>();
    if (resources.getRequests() != null) {
      put(requests, "cpu", resources.getRequests().getCpu());
      put(requests, "memory", resources.getRequests().getMemory());
    }
    if (resources.getLimits() != null) {
      put(limits, "cpu", resources.getLimits().getCpu());
      put(limits, "memory", resources.getLimits().getMemory());
    }
    return new ComputeResources(requests, limits);
  }

  private static void put(Map<String, String> quantities, String name, IntOrString quantity) {
    if (quantity != null) {
      quantities.put(name, String.valueOf(quantity.getValue()));
    }
  }

  private static Http http(dev.functionapp.v1alpha1.functionappspec.Http http) {
    var given = Optional.ofNullable(http);
    return new Http(
        given
            .map(dev.functionapp.v1alpha1.functionappspec.Http::getCors)
            .map(cors ->
                new Http.Cors(
                    stream(cors.getAllowedOrigins()).toList(),
                    Boolean.TRUE.equals(cors.getSupportCredentials()))),
        given
            .map(dev.functionapp.v1alpha1.functionappspec.Http::getKeys)
            .map(keys -> keys.getSecretRef().getName()),
        given.flatMap(Exposures::of));
  }

  private static Rollout rollout(dev.functionapp.v1alpha1.functionappspec.Rollout rollout) {
    return new Rollout(
        duration(rollout.getProgressDeadline()),
        rollout.getHistoryLimit().intValue(),
        Optional.ofNullable(rollout.getPin()).filter(pin -> !pin.isBlank()));
  }

  /** Hours, minutes and seconds, as the schema's pattern allows them. */
  static Duration duration(String text) {
    var total = Duration.ZERO;
    var part = DURATION_PART.matcher(text);
    while (part.find()) {
      long amount = Long.parseLong(part.group(1));
      total =
          total.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofSeconds(amount);
              });
    }
    return total;
  }

  static OptionalInt number(Long value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value.intValue());
  }

  static <T> Stream<T> stream(List<T> list) {
    return list == null ? Stream.empty() : list.stream();
  }
}
