package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What others write into the Ingress of an app. */
class IngressEditsIT {

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void rulesAreTheOperatorsAloneAndAnnotationsAreNot() {
    cluster.apply(
        "shop",
        "{source: {inline: {files: {function_app.py: shop}}}, http: {hostnames: [shop.example]}}");
    new Preparer(cluster).prepare("shop", Preparer.HTTP);
    await("its Ingress")
        .atMost(30, SECONDS)
        .until(() -> !cluster.objects(Ingress.class, "shop").isEmpty());

    // As cert-manager does with acme.cert-manager.io/http01-edit-in-place.
    var edited =
        cluster
            .client
            .resource(ingress())
            .edit(ingress -> {
              ingress.getMetadata().getAnnotations().put("example.com/note", "mine");
              var paths = ingress.getSpec().getRules().getFirst().getHttp().getPaths();
              paths.add(
                  new HTTPIngressPathBuilder(paths.getFirst())
                      .withPath("/.well-known/acme-challenge/x")
                      .build());
              return ingress;
            });
    assertThat(paths(edited)).hasSize(2);

    await("the rules to be those of the spec")
        .atMost(30, SECONDS)
        .until(() -> paths(ingress()).equals(List.of("/")));
    assertThat(ingress().getMetadata().getAnnotations()).containsEntry("example.com/note", "mine");
  }

  private static Ingress ingress() {
    return cluster.objects(Ingress.class, "shop").getFirst();
  }

  private static List<String> paths(Ingress ingress) {
    return ingress.getSpec().getRules().getFirst().getHttp().getPaths().stream()
        .map(HTTPIngressPath::getPath)
        .toList();
  }
}
