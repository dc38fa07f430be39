package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SettingsSource;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvFromSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The environment that an app's code sees; verification and workers get the same. */
final class WorkerEnvironment {

  /** Names that win over {@link #objects}, whatever those hold one day. */
  private static final String FIXED_SETTINGS = "FUNCAPP_FIXED_SETTINGS";

  private final AppSpec spec;
  private final Revision revision;
  private final Platform platform;

  WorkerEnvironment(AppSpec spec, Revision revision, Platform platform) {
    this.spec = spec;
    this.revision = revision;
    this.platform = platform;
  }

  /** Everything that comes from whole objects, lowest precedence first. */
  List<EnvFromSource> sources() {
    var sources = new ArrayList<EnvFromSource>();
    for (var object : objects()) {
      sources.add(
          switch (object) {
            case SettingsSource.FromConfigMap(var name) -> configMap(name);
            case SettingsSource.FromSecret(var name) -> secret(name);
          });
    }
    sources.add(configMap(ConfigMaps.settingsName(spec.id(), spec.settings())));
    return sources;
  }

  /**
   * The objects that settings come from beside the spec itself, as pods name them, lowest
   * precedence first. In place of a ConfigMap stands the copy that its content was verified in.
   */
  List<SettingsSource> objects() {
    var objects = new ArrayList<SettingsSource>();
    if (platform.evaluationStorage().isPresent()) {
      objects.add(new SettingsSource.FromSecret(Secrets.evaluationStorageName(spec.id())));
    }
    for (var source : spec.settingsFrom()) {
      objects.add(
          switch (source) {
            case SettingsSource.FromConfigMap(var name) ->
                new SettingsSource.FromConfigMap(
                    ConfigMaps.settingsName(spec.id(), revision.settingsData().get(name)));
            case SettingsSource.FromSecret secret -> secret;
          });
    }
    return objects;
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
          variables.put(name, literal(name, value));
        });
    var fixed = new TreeSet<>(spec.settings().keySet());
    fixed.addAll(variables.keySet());
    variables.put(FIXED_SETTINGS, literal(FIXED_SETTINGS, String.join(",", fixed)));
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

  private static EnvVar literal(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value.isEmpty() ? null : value).build();
  }

  /** A ConfigMap's entry stands there as it was verified: pods do not read it anew. */
  private EnvVar variable(EnvVariable variable) {
    return switch (variable.value()) {
      case EnvVariable.Literal(var text) -> literal(variable.name(), text);
      case EnvVariable.ConfigMapKey entry ->
          literal(variable.name(), asItIs(revision.envValues().get(variable.name())));
      case EnvVariable.SecretKey(var secret, var key) ->
          new EnvVarBuilder()
              .withName(variable.name())
              .withNewValueFrom()
              .withNewSecretKeyRef(key, secret, null)
              .endValueFrom()
              .build();
    };
  }

  /** The kubelet replaces {@code $(NAME)} in values, but not in those that it reads elsewhere. */
  private static String asItIs(String value) {
    return value.contains("$(") || value.contains("$$") ? value.replace("$", "$$") : value;
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
