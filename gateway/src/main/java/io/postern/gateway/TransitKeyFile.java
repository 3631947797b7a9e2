package io.postern.gateway;

import io.postern.age.AgeException;
import io.postern.age.FreshKeys;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Sealer;
import io.postern.gateway.config.Settings;
import io.postern.pipeline.TransitKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The identities that open messages on their way, and the key that new ones are sealed to: the
 * file's first.
 *
 * @param current whom ingest seals to
 * @param identities what crypto-workers open with, the current one first
 */
record TransitKeyFile(TransitKey current, List<Identity> identities) {
  private static final String RECIPIENT_MARK = "# public key: ";

  /**
   * Reads the file that the settings name, or the one below {@code data}, which is made where it is
   * missing.
   */
  static TransitKeyFile of(Settings settings, SecureRandom random) {
    Path named = settings.transit().identityFile();
    Path file = named != null ? named : settings.data().resolve("keys/transit.txt");
    try {
      if (named == null && !Files.exists(file)) {
        make(file, random);
      }
      return read(file, recipient(settings.transit()), random);
    } catch (AgeException e) {
      throw new CommandFailure("transit key " + file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandFailure("cannot use the transit key " + file + ": " + e, e);
    }
  }

  /**
   * For a process that seals and opens: what it has just sealed it opens without a decapsulation.
   */
  TransitKeyFile withFreshKeys() {
    FreshKeys fresh = new FreshKeys();
    List<Identity> freshFirst = new ArrayList<>(List.of(fresh));
    freshFirst.addAll(identities);
    return new TransitKeyFile(
        new TransitKey(current.id(), fresh.noting(current.recipient())), freshFirst);
  }

  /**
   * For a service that only seals: the key alone, from {@code transit.recipient}.
   *
   * @throws CommandFailure where it is not set, cannot be read or is none
   */
  static TransitKey recipientOf(Settings.Transit transit) {
    String text = recipient(transit);
    if (text.isEmpty()) {
      throw new CommandFailure(
          "transit.recipient or transit.recipient-file: who takes mail must know whom to seal to");
    }
    try {
      return TransitKey.of(text);
    } catch (AgeException e) {
      throw new CommandFailure("transit.recipient: " + e.getMessage(), e);
    }
  }

  /**
   * For a service that only opens.
   *
   * @throws CommandFailure where no file is named, or it cannot be used
   */
  static List<Identity> identitiesOf(Settings.Transit transit) {
    if (transit.identityFile() == null) {
      throw new CommandFailure(
          "transit.identity-file: a crypto-worker needs the identities of the transit key");
    }
    try {
      byte[] octets = Files.readAllBytes(transit.identityFile());
      try {
        return Keys.identities(octets);
      } finally {
        Arrays.fill(octets, (byte) 0);
      }
    } catch (IOException e) {
      throw new CommandFailure(
          "transit.identity-file: " + transit.identityFile() + ": " + e.getMessage(), e);
    }
  }

  private static String recipient(Settings.Transit transit) {
    return SecretFile.orValue(
        "transit.recipient-file", transit.recipientFile(), transit.recipient());
  }

  private static TransitKeyFile read(Path file, String recipient, SecureRandom random)
      throws IOException {
    byte[] octets = Files.readAllBytes(file);
    try {
      String current = recipient.isEmpty() ? firstRecipient(file, octets) : recipient;
      TransitKeyFile key = new TransitKeyFile(TransitKey.of(current), Keys.identities(octets));
      key.requireMatch(file, random);
      return key;
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** What is sealed to a key that nobody here holds would be accepted and never be opened. */
  private void requireMatch(Path file, SecureRandom random) throws AgeException {
    ByteArrayOutputStream probe = new ByteArrayOutputStream();
    new Sealer(List.of(current.recipient()), random).finish(probe::write);
    try (Opener opener = new Opener(identities)) {
      opener.update(probe.toByteArray(), 0, probe.size(), (octets, offset, length) -> {});
    } catch (AgeException e) {
      if (e.category() != AgeException.Category.NO_MATCH) {
        throw e;
      }
      throw new CommandFailure(
          "transit.recipient: " + file + " has no identity that opens what is sealed to it", e);
    }
  }

  /** Key files of age name the public key in a comment before each key. */
  private static String firstRecipient(Path file, byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(RECIPIENT_MARK))
        .map(line -> line.substring(RECIPIENT_MARK.length()).strip())
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailure(
                    file + " has no line '" + RECIPIENT_MARK + "age1…': set transit.recipient"));
  }

  /** Makes a new key; what is accepted from then on is lost with its file. */
  static void make(Path file, SecureRandom random) throws IOException {
    Keys.KeyPair pair = Keys.generate(false, random);
    try {
      SecretFile.write(file, pair.identityFile());
    } finally {
      Arrays.fill(pair.identityFile(), (byte) 0);
    }
  }

  /**
   * The recipient of a file's first identity.
   *
   * @throws CommandFailure where the file does not say
   */
  static String firstRecipient(Path file) throws IOException {
    byte[] octets = Files.readAllBytes(file);
    try {
      return firstRecipient(file, octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }
}
