package dev.functionapp.operator.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.packages.StoreCleaner;
import dev.functionapp.operator.plan.AppId;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What goes from the package store, and what never does. */
@DisplayName("Packages are collected, never one in use")
class StoreCleanerIT {

  /** Dependencies are swept of all namespaces, those of other tests included. */
  private static Azurite azurite;

  private final AdjustableClock clock = new AdjustableClock();
  private StoreCleaner cleaner;

  @BeforeAll
  static void start() {
    azurite = new Azurite();
  }

  @AfterAll
  static void stop() {
    azurite.close();
  }

  @BeforeEach
  void empty() {
    azurite.clear();
    var store = new PackageStore(azurite.connectionString(), Optional.empty(), Clock.systemUTC());
    store.ensureContainers("shop");
    store.ensureContainers("lab");
    cleaner = new StoreCleaner(store, clock);
  }

  @Test
  void anAppKeepsWhatItUsesAndLosesWhatIsLeft() {
    azurite.put("shop", "packages/orders/used.zip", "packages/orders/left.zip");
    azurite.put("shop", "revisions/orders/used/index.json", "revisions/orders/left/index.json");
    azurite.put("shop", "packages/orders-2/other.zip", "revisions/orders-2/other/index.json");

    int deleted =
        cleaner.keepOnly(new AppId("shop", "orders", "uid"), Set.of("used"), Set.of("used"));

    assertThat(deleted).isEqualTo(2);
    assertThat(azurite.blobs("shop", ""))
        .containsExactlyInAnyOrder(
            "packages/orders/used.zip",
            "revisions/orders/used/index.json",
            "packages/orders-2/other.zip",
            "revisions/orders-2/other/index.json");
  }

  @Test
  void whatAppsLeaveThatAreGoneGoesAfterADay() {
    azurite.put("shop", "packages/gone/a.zip", "revisions/gone/a/index.json");
    azurite.put("shop", "packages/there/a.zip", "revisions/there/a/index.json");
    azurite.put("lab", "packages/gone/a.zip");

    clock.advance(Duration.ofHours(23));
    assertThat(sweep()).isZero();
    clock.advance(Duration.ofHours(2));
    assertThat(sweep()).isEqualTo(2);

    assertThat(azurite.blobs("shop", ""))
        .containsExactlyInAnyOrder("packages/there/a.zip", "revisions/there/a/index.json");
    assertThat(azurite.blobs("lab", "")).as("not watched").containsExactly("packages/gone/a.zip");
  }

  @Test
  void dependenciesAreKeptForAWeek() {
    azurite.putDependencies("shop", "key.zip");

    clock.advance(Duration.ofDays(6));
    assertThat(sweep()).isZero();
    clock.advance(Duration.ofDays(2));
    assertThat(sweep()).isEqualTo(1);
  }

  private int sweep() {
    return cleaner.sweep("shop"::equals, (namespace, app) -> app.equals("there"));
  }
}
