package dev.functionapp.operator.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of {@code crds/tests} is accepted, or refused with the message in its first line. */
class CrdContractIT {

  private static final Path CORPUS = Path.of("../crds/tests");

  /** From its first line to the end of its block or of its here-document. */
  private static final Pattern MANIFEST =
      Pattern.compile("(?ms)^apiVersion: functionapp.dev/v1alpha1$.*?(?=^(```|YAML)$)");

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  static Stream<Path> valid() throws IOException {
    return corpus("valid-");
  }

  static Stream<Path> invalid() throws IOException {
    return corpus("invalid-");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void isAccepted(Path file) {
    assertThatCode(() -> create(file)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void isRefusedWithTheMessageInItsFirstLine(Path file) throws IOException {
    var expected = Files.readAllLines(file).getFirst();
    assertThat(expected).startsWith("# ");

    assertThatThrownBy(() -> create(file))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining(expected.substring(2));
  }

  /** Without a status, kstatus would take the app for one that is current. */
  @Test
  void aNewAppSaysThatNobodyHasLookedAtItYet() throws IOException {
    assertThat(create(CORPUS.resolve("valid-everything.yaml")))
        .contains("\"status\":{\"observedGeneration\":-1}");
  }

  /** What the README shows is what a newcomer types. */
  static Stream<String> readme() throws IOException {
    var text = Files.readString(Path.of("../README.md"));
    var manifests = MANIFEST.matcher(text).results().map(match -> match.group().strip()).toList();
    assertThat(manifests).hasSizeGreaterThan(1);
    return manifests.stream();
  }

  @ParameterizedTest
  @MethodSource("readme")
  void examplesOfTheReadmeAreAccepted(String manifest) {
    assertThatCode(() -> create(manifest)).doesNotThrowAnyException();
  }

  private static Stream<Path> corpus(String prefix) throws IOException {
    try (var files = Files.list(CORPUS)) {
      var found =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).sorted().toList();
      assertThat(found).isNotEmpty();
      return found.stream();
    }
  }

  private static String create(Path file) throws IOException {
    return create(Files.readString(file));
  }

  private static String create(String manifest) {
    var object =
        cluster
            .client
            .getKubernetesSerialization()
            .unmarshal(manifest, GenericKubernetesResource.class);
    return cluster.client.raw(
        "/apis/functionapp.dev/v1alpha1/namespaces/%s/functionapps?dryRun=All&fieldValidation=Strict"
            .formatted(cluster.namespace),
        "POST",
        object);
  }
}
