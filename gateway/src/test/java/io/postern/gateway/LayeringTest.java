package io.postern.gateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may import what: the one list, and whatever is not on it is refused. */
class LayeringTest {
  private static final String VERTX = "io.vertx.core..";
  private static final String NETTY = "io.netty..";
  private static final String KAFKA = "org.apache.kafka.clients..";
  private static final String KAFKA_COMMON = "org.apache.kafka.common..";
  private static final String KAFKA_SERVER = "kafka..";
  private static final String KAFKA_REST = "org.apache.kafka..";
  private static final String SCALA = "scala..";
  private static final String MINIO = "io.minio..";
  private static final String OKHTTP = "okhttp3..";
  private static final String BOUNCY_CASTLE = "org.bouncycastle..";
  private static final String CONSCRYPT = "org.conscrypt..";
  private static final String JACKSON = "com.fasterxml.jackson..";
  private static final String MICROMETER = "io.micrometer..";
  private static final String SLF4J = "org.slf4j..";
  private static final String PICOCLI = "picocli..";

  /** Room → the packages that it may use beside the JDK and itself. */
  private static final Map<String, List<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("age", List.of(BOUNCY_CASTLE, CONSCRYPT)),
              Map.entry("protocol", List.of()),
              Map.entry(
                  "wire",
                  List.of("io.postern.protocol..", VERTX, NETTY, BOUNCY_CASTLE, MICROMETER, SLF4J)),
              Map.entry("broker", List.of(KAFKA_SERVER, KAFKA_REST, SCALA, SLF4J)),
              Map.entry(
                  "pipeline",
                  List.of("io.postern.age..", KAFKA, KAFKA_COMMON, JACKSON, MICROMETER, SLF4J)),
              Map.entry("maildrop", List.of("io.postern.age..", MINIO, OKHTTP, SLF4J)),
              Map.entry(
                  "mailbox",
                  List.of(
                      "io.postern.age..",
                      "io.postern.pipeline..",
                      "io.postern.maildrop..",
                      KAFKA,
                      KAFKA_COMMON,
                      JACKSON,
                      SLF4J)),
              Map.entry(
                  "ingest",
                  List.of(
                      "io.postern.protocol..",
                      "io.postern.wire..",
                      "io.postern.pipeline..",
                      "io.postern.mailbox..",
                      VERTX,
                      MICROMETER,
                      SLF4J)),
              Map.entry(
                  "crypto",
                  List.of(
                      "io.postern.age..",
                      "io.postern.pipeline..",
                      "io.postern.mailbox..",
                      MICROMETER,
                      SLF4J)),
              Map.entry(
                  "store",
                  List.of("io.postern.pipeline..", "io.postern.maildrop..", MICROMETER, SLF4J)),
              Map.entry(
                  "pop3",
                  List.of(
                      "io.postern.age..",
                      "io.postern.protocol..",
                      "io.postern.wire..",
                      "io.postern.pipeline..",
                      "io.postern.mailbox..",
                      "io.postern.maildrop..",
                      VERTX,
                      MICROMETER,
                      SLF4J)),
              Map.entry(
                  "proxy",
                  List.of(
                      "io.postern.protocol..",
                      "io.postern.wire..",
                      "io.postern.pipeline..",
                      "io.postern.mailbox..",
                      VERTX,
                      MICROMETER,
                      SLF4J)),
              Map.entry(
                  "gateway",
                  List.of(
                      "io.postern..",
                      "io.vertx..",
                      KAFKA,
                      KAFKA_COMMON,
                      JACKSON,
                      MICROMETER,
                      SLF4J,
                      PICOCLI,
                      "me.tongfei.progressbar..",
                      "ch.qos.logback..",
                      "io.prometheus.."))));

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/testkit"))
          .importPackages("io.postern");

  static Stream<String> rooms() {
    return MAY_USE.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void a_room_uses_only_what_is_listed(String room) {
    String[] allowed =
        Stream.concat(
                Stream.of("java..", "javax..", "", "io.postern." + room + ".."),
                MAY_USE.get(room).stream())
            .toArray(String[]::new);
    classes()
        .that(resideInAPackage("io.postern." + room + ".."))
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed))
        .as(room + " may use " + Arrays.toString(allowed))
        .check(OURS);
  }

  @Test
  void every_class_is_in_a_room_of_the_list() {
    assertThat(
            OURS.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !MAY_USE.containsKey(room(name))))
        .isEmpty();
  }

  private static String room(String packageName) {
    String rest = packageName.substring("io.postern".length());
    return rest.isEmpty() ? "" : rest.substring(1).split("\\.")[0];
  }
}
