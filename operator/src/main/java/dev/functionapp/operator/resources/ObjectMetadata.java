package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** Metadata of the objects that are made for an app. */
final class ObjectMetadata {

  private ObjectMetadata() {}

  /** A name derived from the purpose, the labels of the app, and the app as controlling owner. */
  static ObjectMetaBuilder of(AppId app, String purpose, Labels.Component component) {
    return new ObjectMetaBuilder()
        .withNamespace(app.namespace())
        .withName(Names.of(app.name(), purpose))
        .withLabels(Labels.of(app.name(), component))
        .addToAnnotations(Labels.PURPOSE, purpose)
        .withOwnerReferences(owner(app));
  }

  /** As {@link #of}, but with the app's own name. */
  static ObjectMeta named(AppId app, String purpose, Labels.Component component) {
    return of(app, purpose, component).withName(app.name()).build();
  }

  private static OwnerReference owner(AppId app) {
    return new OwnerReferenceBuilder()
        .withApiVersion("functionapp.dev/v1alpha1")
        .withKind("FunctionApp")
        .withName(app.name())
        .withUid(app.uid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }
}
