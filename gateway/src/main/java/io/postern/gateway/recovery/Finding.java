package io.postern.gateway.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One thing that is amiss, or worth a line.
 *
 * @param finding which kind
 * @param amiss whether somebody must do something
 * @param message the message's id, where it is about one
 * @param mailbox the mailbox's id, where it is about one
 * @param address its address, where it has one
 * @param object an object's key, where it is about one
 * @param text what is the matter, for people
 * @param remedy the command that mends it, where one does
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Finding(
    @JsonProperty String finding,
    @JsonProperty boolean amiss,
    @JsonProperty String message,
    @JsonProperty String mailbox,
    @JsonProperty String address,
    @JsonProperty String object,
    @JsonProperty String text,
    @JsonProperty String remedy) {

  static Finding ofCopy(Verdict verdict, String message, String mailbox, String address) {
    return new Finding(
        verdict.key(), verdict.isAmiss(), message, mailbox, address, null, verdict.text(), null);
  }

  static Finding ofMailbox(String finding, String mailbox, String address, String text) {
    return new Finding(finding, true, null, mailbox, address, null, text, null);
  }

  static Finding ofObject(String key) {
    String text = "no object of ours has such a name";
    return new Finding("unknown_object", true, null, null, null, key, text, null);
  }

  Finding withRemedy(String command) {
    return new Finding(finding, amiss, message, mailbox, address, object, text, command);
  }

  /** One line. */
  String line() {
    StringBuilder line = new StringBuilder("%-15s".formatted(finding.replace('_', ' ')));
    for (String part : new String[] {message, address == null ? mailbox : address, object}) {
      if (part != null) {
        line.append("  ").append(part);
      }
    }
    line.append(": ").append(text);
    return (remedy == null ? line : line.append("; ").append(remedy)).toString();
  }
}
