package dev.functionapp.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import dev.functionapp.operator.PlatformBuilder;
import dev.functionapp.operator.TestApps;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Images that apps may not name are rejected")
class AllowedImagesTest {

  private static final AllowedImages ALLOWED =
      new AllowedImages(List.of("registry.example/team/", "other.example:5000/base"));

  @ParameterizedTest
  @CsvSource({
    "registry.example/team/orders:1, true",
    "registry.example/team/deep/orders@sha256:00, true",
    "other.example:5000/base:2, true",
    "other.example:5000/base@sha256:00, true",
    "other.example:5000/base, true",
    "registry.example/team-evil/orders:1, false",
    "registry.example/teamorders:1, false",
    "other.example:5000/base2:2, false",
    "evil.example/registry.example/team/orders:1, false",
    "registry.example/tea, false",
  })
  void aPrefixEndsWhereAPartOfTheNameEnds(String image, boolean allowed) {
    assertThat(ALLOWED.allow(image)).isEqualTo(allowed);
  }

  @Test
  void withoutAListEveryImageIsAllowed() {
    assertThat(AllowedImages.ALL.allow("anything")).isTrue();
  }

  @Test
  void anAppThatNamesAnotherImageIsToldThePathTheImageAndThoseThatMayBe() {
    var source = new Source.Image("evil.example/app:1", List.of());
    assertThat(resolve(TestApps.spec(source), ALLOWED))
        .isEqualTo(
            new Resolution.Rejected(
                Reason.ImageNotAllowed,
                "spec.source.image.name: \"evil.example/app:1\" is not an image that apps may run"
                    + " here; use one from registry.example/team/, other.example:5000/base, or ask"
                    + " whoever installed the operator (workers.allowedImages of its chart)"));
    assertThat(resolve(withImage("evil.example/worker:1"), ALLOWED))
        .isInstanceOfSatisfying(
            Resolution.Rejected.class,
            rejected ->
                assertThat(rejected.message()).startsWith("spec.runtime.image: \"evil.example"));
    assertThat(resolve(withImage("registry.example/team/worker:1"), ALLOWED))
        .isInstanceOf(Resolution.Resolved.class);
  }

  private static AppSpec withImage(String image) {
    return AppSpecBuilder.from(TestApps.spec()).image(image).build();
  }

  private static Resolution resolve(AppSpec spec, AllowedImages allowed) {
    var platform = PlatformBuilder.from(TestApps.PLATFORM).allowedImages(allowed).build();
    return Revisions.resolve(spec, Map.of(), SourceState.NONE, platform);
  }
}
