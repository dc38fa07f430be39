package dev.functionapp.operator.plan;

/** One word for programs: why a condition has its status. The constants are the words. */
public enum Reason {
  // Everything is as asked for.
  Ready,
  Pinned,
  Prepared,
  AllFunctionsLoaded,
  Serving,
  Scaling,
  NothingToScale,
  NotStalled,
  NotProgressing,

  // The user has to mend something.
  SourceNotFound,
  SourceUnauthorized,
  SourceTooLarge,
  ChecksumMismatch,
  SettingsNotFound,
  SettingsInvalid,
  SettingsTooLarge,
  PythonVersionNotOffered,
  ImageNotAllowed,
  RequirementsNotInstalled,
  RequirementsInvalid,
  PackageIndexUnauthorized,
  SourceInvalid,
  DependenciesUnfit,
  PackageTooLarge,
  HostJsonInvalid,
  FunctionAppInvalid,
  SomeFunctionsBroken,
  NoFunctionLoads,
  NoFunctionFound,
  FunctionsNoLongerLoad,
  PinNotFound,
  NameConflict,
  ProgressDeadlineExceeded,

  // The operator goes on by itself.
  Resolving,
  ResolveFailed,
  Preparing,
  PrepareFailed,
  PackageStoreUnavailable,
  NotVerified,
  RollingOut,
  NothingDeployed,
  NoReplicaAvailable,
  ReplicasNotCreated,
  KedaNotInstalled,
  KedaPending,
  ScaledObjectNotReady,
  ConnectionNotSupported,
  QueueShared,
  ReconcileFailed
}
