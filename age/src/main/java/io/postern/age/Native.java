package io.postern.age;

import java.security.Provider;
import java.util.Optional;
import org.conscrypt.Conscrypt;

/** Conscrypt's native cryptography (BoringSSL), where its library loads on this machine. */
final class Native {
  private static final Optional<Provider> PROVIDER = load();

  private Native() {}

  static Optional<Provider> provider() {
    return PROVIDER;
  }

  private static Optional<Provider> load() {
    try {
      return Optional.of(Conscrypt.newProvider());
    } catch (LinkageError | RuntimeException e) {
      // Another processor, another C library or a temporary directory that forbids execution: the
      // pure Java implementations do the same, slower.
      return Optional.empty();
    }
  }
}
