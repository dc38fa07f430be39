package dev.functionapp.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.sun.net.httpserver.HttpServer;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.CustomResource;
import java.net.InetSocketAddress;

@AnalyzeClasses(
    packages = "dev.functionapp.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String BASE = "dev.functionapp.operator.";

  /** Of the client only the base class of generated types is data. */
  private static final DescribedPredicate<JavaClass> REACHES_CLUSTER =
      resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..", "com.azure..")
          .and(not(equivalentTo(CustomResource.class)));

  @ArchTest
  static final ArchRule planKnowsNothingButItself =
      noClasses()
          .that()
          .resideInAPackage(BASE + "plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..",
              "io.javaoperatorsdk..",
              "com.azure..",
              "sh.keda..",
              "dev.functionapp.v1alpha1..",
              BASE + "resources..",
              BASE + "packages..",
              BASE + "status..",
              BASE + "reconciler..");

  @ArchTest
  static final ArchRule resourcesReachNoCluster =
      noClasses()
          .that()
          .resideInAPackage(BASE + "resources..")
          .should()
          .dependOnClassesThat(
              REACHES_CLUSTER.or(
                  resideInAnyPackage(
                      BASE + "packages..", BASE + "status..", BASE + "reconciler..")));

  @ArchTest
  static final ArchRule statusReachesNoCluster =
      noClasses()
          .that()
          .resideInAPackage(BASE + "status..")
          .should()
          .dependOnClassesThat(
              REACHES_CLUSTER.or(resideInAnyPackage(BASE + "packages..", BASE + "reconciler..")));

  @ArchTest
  static final ArchRule scalingReachesNoCluster =
      noClasses()
          .that()
          .resideInAPackage(BASE + "scaling..")
          .should()
          .dependOnClassesThat(
              REACHES_CLUSTER.or(
                  resideInAnyPackage(
                      BASE + "packages..", BASE + "status..", BASE + "reconciler..")));

  @ArchTest
  static final ArchRule onlyTheStoreKnowsAzure =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "packages..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.azure..");

  @ArchTest
  static final ArchRule onlyTheReconcilerKnowsJosdk =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "reconciler..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.javaoperatorsdk..");

  /** The limits of what peers may take hold only where these are set before any server is made. */
  @ArchTest
  static final ArchRule everyHttpServerIsMadeWithLimits =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + "http..")
          .should()
          .callMethod(HttpServer.class, "create")
          .orShould()
          .callMethod(HttpServer.class, "create", InetSocketAddress.class, int.class);

  @ArchTest
  static final ArchRule noCycles = slices().matching(BASE + "(*)..").should().beFreeOfCycles();
}
