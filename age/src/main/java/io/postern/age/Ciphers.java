package io.postern.age;

/** How long this process is going to work with ciphers, where that decides which are fastest. */
public final class Ciphers {
  private static volatile boolean shortProcess;

  private Ciphers() {}

  /**
   * Says that this process ends within seconds: native ciphers are fast from the first octet, while
   * those of the JDK, which are faster in the end on some processors, must be compiled first. They
   * are loaded while the caller goes on. To be said once, before anything is sealed or opened.
   */
  public static void forShortProcess() {
    shortProcess = true;
    Thread loading = new Thread(ChaChaPoly::cipher, "ciphers");
    loading.setDaemon(true);
    loading.start();
  }

  static boolean areForShortProcess() {
    return shortProcess;
  }
}
