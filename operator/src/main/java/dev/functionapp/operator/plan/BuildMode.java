package dev.functionapp.operator.plan;

/** How the app's requirements get into its package. */
public enum BuildMode {
  AUTO("Auto"),
  REMOTE("Remote"),
  NONE("None");

  private final String value;

  BuildMode(String value) {
    this.value = value;
  }

  /** The name in the contract and in {@code FUNCAPP_BUILD_MODE}. */
  public String value() {
    return value;
  }
}
