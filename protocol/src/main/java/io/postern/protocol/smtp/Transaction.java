package io.postern.protocol.smtp;

import java.util.ArrayList;
import java.util.List;

/** What one MAIL has begun. RSET, EHLO and the message's end leave it behind. */
final class Transaction {
  private final Command.Mail mail;
  private final List<String> recipients = new ArrayList<>();
  private boolean someRefused;
  private Reception reception;

  Transaction(Command.Mail mail) {
    this.mail = mail;
  }

  Command.Mail mail() {
    return mail;
  }

  List<String> recipients() {
    return recipients;
  }

  void accept(String recipient) {
    recipients.add(recipient);
  }

  void refuseOne() {
    someRefused = true;
  }

  void begin(Reception reception) {
    this.reception = reception;
  }

  /** Where the message's octets go; null before DATA or the first BDAT. */
  Reception reception() {
    return reception;
  }

  void abandon() {
    if (reception != null) {
      reception.abandon();
    }
  }

  Phase phase() {
    if (reception != null) {
      return reception.refusal() == null ? Phase.CHUNKS : Phase.SPOILED;
    }
    return recipients.isEmpty() ? Phase.SENDER : Phase.RECIPIENTS;
  }

  /** RFC 5321, section 3.3: whether recipients were named and none was accepted. */
  boolean allRefused() {
    return recipients.isEmpty() && someRefused;
  }
}
