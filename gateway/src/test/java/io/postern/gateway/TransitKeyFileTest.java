package io.postern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Sealer;
import io.postern.gateway.config.Settings;
import io.postern.gateway.config.SettingsReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transit key of a process that seals and opens. */
class TransitKeyFileTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] TEXT = "a message".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  @Test
  void opensWhatItSealsWithFreshKeysAndWithoutThem() throws AgeException {
    TransitKeyFile key = TransitKeyFile.of(settings(Map.of()), RANDOM);
    TransitKeyFile fresh = key.withFreshKeys();
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    Sealer sealer = new Sealer(List.of(fresh.current().recipient()), RANDOM);
    sealer.update(TEXT, 0, TEXT.length, sealed::write);
    sealer.finish(sealed::write);

    assertThat(fresh.current().id()).isEqualTo(key.current().id());
    assertThat(open(sealed.toByteArray(), fresh.identities().subList(0, 1))).isEqualTo(TEXT);
    assertThat(open(sealed.toByteArray(), fresh.identities())).isEqualTo(TEXT);
    assertThat(open(sealed.toByteArray(), key.identities())).isEqualTo(TEXT);
  }

  @Test
  void refusesAKeyThatNobodyHereOpens() {
    String anothers = Keys.generate(false, RANDOM).recipient();
    Settings settings = settings(Map.of("POSTERN_TRANSIT_RECIPIENT", anothers));

    assertThatThrownBy(() -> TransitKeyFile.of(settings, RANDOM))
        .isInstanceOf(CommandFailure.class)
        .hasMessage(
            "transit.recipient: "
                + folder.resolve("keys/transit.txt")
                + " has no identity that opens what is sealed to it");
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("POSTERN_DATA", folder.toString());
    return new SettingsReader(environment).readEnvironment();
  }

  private static byte[] open(byte[] sealed, List<Identity> identities) throws AgeException {
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      opener.update(sealed, 0, sealed.length, opened::write);
      opener.finish(opened::write);
    }
    return opened.toByteArray();
  }
}
