package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
  @TempDir private Path folder;

  @Test
  void isTheFirstLineOfTheFileOrElseTheValue() throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "  hush \nsecond\n");

    assertThat(SecretFile.orValue("k", file, "")).isEqualTo("hush");
    assertThat(SecretFile.orValue("k", null, "value")).isEqualTo("value");
  }

  @Test
  void namesTheSettingAndNeverTheContent() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "\nhush\n");
    Path large = Files.writeString(folder.resolve("large"), "hush".repeat(100_000));
    for (Path file : new Path[] {empty, large, folder.resolve("absent"), folder}) {
      assertThatThrownBy(() -> SecretFile.orValue("s3.secret-key-file", file, ""))
          .isInstanceOf(CommandFailure.class)
          .hasMessageStartingWith("s3.secret-key-file: ")
          .message()
          .hasLineCount(1)
          .doesNotContain("hush");
    }
  }
}
