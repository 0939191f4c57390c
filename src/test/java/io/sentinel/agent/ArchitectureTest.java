package io.sentinel.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house: its rooms, and who may know whom. The picture is in docs/architecture.puml. */
@AnalyzeClasses(
    packages = "io.sentinel.agent",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.sentinel.agent.";

  @ArchTest
  static final ArchRule roomsKnowOnlyWhatThePictureShows =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("text")
          .definedBy(ROOT + "text..")
          .layer("message")
          .definedBy(ROOT + "message..")
          .layer("wire")
          .definedBy(ROOT + "wire..")
          .layer("wasm")
          .definedBy(ROOT + "wasm..")
          .layer("pool")
          .definedBy(ROOT + "pool..")
          .layer("server")
          .definedBy(ROOT + "server..")
          .layer("ops")
          .definedBy(ROOT + "ops..")
          .layer("config")
          .definedBy(ROOT + "config..")
          .layer("client")
          .definedBy(ROOT + "client..")
          .layer("cli")
          .definedBy(ROOT + "cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("ops")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("client")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("ops", "config", "cli")
          .whereLayer("pool")
          .mayOnlyBeAccessedByLayers("server", "ops", "config", "cli")
          .whereLayer("wasm")
          .mayOnlyBeAccessedByLayers("pool", "config", "cli")
          .whereLayer("wire")
          .mayOnlyBeAccessedByLayers("server", "client", "cli")
          .whereLayer("message")
          .mayOnlyBeAccessedByLayers("wire", "wasm", "pool", "server", "ops", "client", "cli")
          .whereLayer("text")
          .mayOnlyBeAccessedByLayers("wire", "wasm", "pool", "server", "config", "cli");

  @ArchTest
  static final ArchRule vocabularyNeedsNothingButTheLanguage =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + "message..", ROOT + "text..")
          .should()
          .dependOnClassesThat(
              outside("java..", "org.jspecify..", ROOT + "message..", ROOT + "text.."));

  @ArchTest
  static final ArchRule onlyWasmKnowsTheEngine = onlyIn("com.dylibso.chicory..", "wasm..");

  @ArchTest
  static final ArchRule onlyWireAndTheGuestsKnowJson =
      onlyIn("com.fasterxml.jackson..", "wire..", "wasm..");

  @ArchTest
  static final ArchRule onlyServerKnowsSockets =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx.core.net..", "io.netty..");

  @ArchTest
  static final ArchRule onlyPoolAndServerKnowTheEventBus =
      onlyIn("io.vertx.core.eventbus..", "pool..", "server..");

  @ArchTest
  static final ArchRule onlyOpsKnowsTelemetryAndHealth =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "ops..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.micrometer..", "io.opentelemetry..", "org.eclipse.microprofile.health..");

  @ArchTest static final ArchRule onlyCliKnowsTheCommandLine = onlyIn("picocli..", "cli..");

  @ArchTest
  static final ArchRule wireAndWasmAreSynchronous =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + "wire..", ROOT + "wasm..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.quarkus..", "java.util.concurrent..");

  private static ArchRule onlyIn(String what, String... rooms) {
    String[] packages = new String[rooms.length];
    for (int i = 0; i < rooms.length; i++) {
      packages[i] = ROOT + rooms[i];
    }
    return noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(what);
  }

  private static DescribedPredicate<JavaClass> outside(String... packages) {
    return DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(packages));
  }
}
