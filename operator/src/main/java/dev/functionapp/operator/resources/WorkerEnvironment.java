package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.SettingsSource;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvFromSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The environment that an app's code sees; verification and workers get the same. */
final class WorkerEnvironment {

  private final AppSpec spec;
  private final Platform platform;

  WorkerEnvironment(AppSpec spec, Platform platform) {
    this.spec = spec;
    this.platform = platform;
  }

  /** Everything that comes from whole objects, lowest precedence first. */
  List<EnvFromSource> sources() {
    var sources = new ArrayList<EnvFromSource>();
    if (platform.evaluationStorage().isPresent()) {
      sources.add(secret(Secrets.evaluationStorageName(spec.id())));
    }
    for (var source : spec.settingsFrom()) {
      sources.add(
          switch (source) {
            case SettingsSource.FromConfigMap(var name) -> configMap(name);
            case SettingsSource.FromSecret(var name) -> secret(name);
          });
    }
    sources.add(configMap(ConfigMaps.settingsName(spec)));
    return sources;
  }

  /**
   * The app's single variables and then the runtime's own, which replace them: the API server
   * refuses a name twice.
   *
   * @param runtime variables of the worker contract
   */
  List<EnvVar> variables(Map<String, String> runtime) {
    var variables = new LinkedHashMap<String, EnvVar>();
    spec.env().forEach(variable -> variables.put(variable.name(), variable(variable)));
    runtimeVariables(runtime)
        .forEach((name, value) -> {
          variables.remove(name);
          variables.put(name, new EnvVarBuilder().withName(name).withValue(value).build());
        });
    return List.copyOf(variables.values());
  }

  private Map<String, String> runtimeVariables(Map<String, String> runtime) {
    var variables = new LinkedHashMap<String, String>();
    spec.workers()
        .processes()
        .ifPresent(count -> variables.put("FUNCTIONS_WORKER_PROCESS_COUNT", "" + count));
    spec.workers()
        .threads()
        .ifPresent(count -> variables.put("PYTHON_THREADPOOL_THREAD_COUNT", "" + count));
    variables.put("AzureWebJobsScriptRoot", Volumes.APP_PATH);
    variables.put("FUNCAPP_NAMESPACE", spec.id().namespace());
    variables.put("FUNCAPP_NAME", spec.id().name());
    variables.putAll(runtime);
    return variables;
  }

  private static EnvVar variable(EnvVariable variable) {
    var builder = new EnvVarBuilder().withName(variable.name());
    return switch (variable.value()) {
      case EnvVariable.Literal(var text) ->
          text.isEmpty() ? builder.build() : builder.withValue(text).build();
      case EnvVariable.ConfigMapKey(var configMap, var key) ->
          builder
              .withNewValueFrom()
              .withNewConfigMapKeyRef(key, configMap, null)
              .endValueFrom()
              .build();
      case EnvVariable.SecretKey(var secret, var key) ->
          builder.withNewValueFrom().withNewSecretKeyRef(key, secret, null).endValueFrom().build();
    };
  }

  private static EnvFromSource configMap(String name) {
    return new EnvFromSourceBuilder()
        .withNewConfigMapRef()
        .withName(name)
        .endConfigMapRef()
        .build();
  }

  private static EnvFromSource secret(String name) {
    return new EnvFromSourceBuilder().withNewSecretRef().withName(name).endSecretRef().build();
  }
}
