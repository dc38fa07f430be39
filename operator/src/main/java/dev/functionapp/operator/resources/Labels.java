package dev.functionapp.operator.resources;

import java.util.LinkedHashMap;
import java.util.Map;

/** Labels and annotations that the operator writes and selects by. */
public final class Labels {

  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String OPERATOR = "functionapp-operator";
  public static final String COMPONENT = "app.kubernetes.io/component";
  public static final String APP = "functionapp.dev/app";
  public static final String GROUP = "functionapp.dev/group";
  public static final String REVISION = "functionapp.dev/revision";

  /** On a user's ConfigMap: changes of it are noticed at once. */
  public static final String WATCH = "functionapp.dev/watch";

  /**
   * Annotation on an app: another value asks to look up anew and to try again; on a prepare Job:
   * the value that it was made under.
   */
  public static final String RECONCILE_AT = "functionapp.dev/reconcile-at";

  /** Annotation on a prepare Job: a hash of how it gets at what its revision is made of. */
  public static final String ACCESS = "functionapp.dev/access";

  /** Annotation: the purpose that the object's name is made of, in full. */
  public static final String PURPOSE = "functionapp.dev/purpose";

  /** Annotation on pods: the key of the package that they fetch. */
  public static final String PACKAGE_KEY = "functionapp.dev/package-key";

  /** Annotation on a prepare Job: how many there have been for this revision. */
  public static final String ATTEMPT = "functionapp.dev/attempt";

  /**
   * Annotation on a Deployment that nobody scales: the minimum that its replicas were chosen under.
   */
  public static final String MIN_REPLICAS = "functionapp.dev/min-replicas";

  /** Annotation on a Deployment: what its group is scaled by, JSON. */
  public static final String SCALING = "functionapp.dev/scaling";

  /** Annotation on a Deployment: when its group has something to do next, JSON. */
  public static final String WAKE = "functionapp.dev/wake";

  /** Annotation on a revision: when it was last rolled out. */
  static final String APPLIED_AT = "functionapp.dev/applied-at";

  /** Annotation on a revision: when its rollout ended well. */
  static final String READY_AT = "functionapp.dev/ready-at";

  /** Annotation on a revision: the groups in which pods of it have been ready, comma-separated. */
  static final String PROVEN_GROUPS = "functionapp.dev/proven-groups";

  /** Annotation on a revision: why it was given up, one word. */
  static final String FAILED_REASON = "functionapp.dev/failed-reason";

  /** Annotation on a revision: why it was given up, a sentence. */
  static final String FAILED_MESSAGE = "functionapp.dev/failed-message";

  /** Annotation on a revision: the try that it was given up in. */
  static final String FAILED_ATTEMPT = "functionapp.dev/failed-attempt";

  private Labels() {}

  /** What an object is for. */
  public enum Component {
    WORKER("worker"),
    ROUTE("route"),
    RESOLVE("resolve"),
    PREPARE("prepare"),
    SETTINGS("settings"),
    PACKAGE("package"),
    KEYS("keys"),
    REVISION("revision");

    private final String value;

    Component(String value) {
      this.value = value;
    }

    public String value() {
      return value;
    }
  }

  /** Labels of every object of an app. */
  static Map<String, String> of(String app, Component component) {
    var labels = new LinkedHashMap<String, String>();
    labels.put("app.kubernetes.io/name", "functionapp");
    labels.put("app.kubernetes.io/instance", app);
    labels.put(COMPONENT, component.value());
    labels.put(MANAGED_BY, OPERATOR);
    labels.put(APP, app);
    return labels;
  }

  /** Selects the pods of one scale group; never changes, because a Deployment's selector cannot. */
  static Map<String, String> selector(String app, String groupObject) {
    var labels = new LinkedHashMap<String, String>();
    labels.put(APP, app);
    labels.put(GROUP, groupObject);
    return labels;
  }
}
