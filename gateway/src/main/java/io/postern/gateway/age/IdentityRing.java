package io.postern.gateway.age;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Passphrase;
import io.postern.gateway.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The identities that a command was given. */
public final class IdentityRing implements AutoCloseable {
  private static final int MAX_FILE_LENGTH = 1 << 20;

  private final PassphraseOptions passphrase;
  private final int maxLogN;
  private final List<Identity> identities = new ArrayList<>();

  IdentityRing(PassphraseOptions passphrase, int maxLogN) {
    this.passphrase = passphrase;
    this.maxLogN = maxLogN;
  }

  /**
   * The identities in a file, for the caller to wipe. Where it is sealed with a passphrase, the
   * terminal is asked.
   *
   * @throws CommandFailure in one line what is wrong
   */
  public static List<Identity> ofFile(Path file) {
    // Not closed: that would wipe what is handed over.
    IdentityRing ring = new IdentityRing(PassphraseOptions.NONE, Passphrase.DEFAULT_MAX_LOG_N);
    try {
      ring.addFile(file);
      return List.copyOf(ring.identities);
    } catch (IOException e) {
      throw new CommandFailure("identity file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  List<Identity> identities() {
    return identities;
  }

  /** Adds the identities in the files, and the passphrase where one is wanted. */
  void add(List<Path> files) throws IOException {
    for (Path file : files) {
      addFile(file);
    }
    if (passphrase.wanted()) {
      identities.add(passphraseIdentity("the file"));
    }
  }

  /** Adds the identities in a file, which may itself be sealed with a passphrase. */
  private void addFile(Path file) throws IOException {
    byte[] content = read(file);
    try {
      byte[] plain = Unsealing.looksSealed(content) ? unseal(content, file) : content;
      identities.addAll(Keys.identities(plain));
      Arrays.fill(plain, (byte) 0);
    } catch (AgeException e) {
      boolean wrongPassphrase = e.category() == AgeException.Category.NO_MATCH;
      String reason = wrongPassphrase ? "wrong passphrase" : e.getMessage();
      throw new CommandFailure("identity file " + file + ": " + reason, e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_FILE_LENGTH + 1);
      if (content.length > MAX_FILE_LENGTH) {
        throw new CommandFailure("identity file " + file + ": too long to be one");
      }
      return content;
    }
  }

  private byte[] unseal(byte[] sealed, Path file) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Identity identity = passphraseIdentity(file.toString());
    try {
      Unsealing.unseal(new ByteArrayInputStream(sealed), List.of(identity), plain::write);
    } finally {
      identity.wipe();
    }
    return plain.toByteArray();
  }

  private Identity passphraseIdentity(String what) throws IOException {
    byte[] secret = passphrase.read(what);
    try {
      return Passphrase.identity(secret, maxLogN);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Override
  public void close() {
    identities.forEach(Identity::wipe);
  }
}
