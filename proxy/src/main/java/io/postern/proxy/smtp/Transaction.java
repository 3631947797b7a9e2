package io.postern.proxy.smtp;

import java.util.ArrayList;
import java.util.List;

/** A mail transaction (RFC 5321, section 3.3) as the mail server has agreed to it so far. */
final class Transaction {
  /** Together, so that the copy's envelope stays within its limit. */
  private static final int MAX_ADDRESS_CHARS = 100_000;

  private final String from;
  private final List<String> recipients = new ArrayList<>();
  private int asked;
  private int addressChars;
  private boolean broken;

  Transaction(String from) {
    this.from = from;
  }

  String from() {
    return from;
  }

  /** Whether one more recipient can be asked about; counts it. */
  boolean ask(String recipient, int max) {
    if (asked >= max || addressChars + recipient.length() > MAX_ADDRESS_CHARS) {
      return false;
    }
    asked++;
    addressChars += recipient.length();
    return true;
  }

  void accepted(String recipient) {
    recipients.add(recipient);
  }

  void refused(String recipient) {
    asked--;
    addressChars -= recipient.length();
  }

  List<String> recipients() {
    return List.copyOf(recipients);
  }

  /** A chunk was refused: nothing can come of this any more. */
  void breakOff() {
    broken = true;
  }

  boolean isBroken() {
    return broken;
  }
}
