package io.postern.maildrop;

/**
 * A message as it lies in the store.
 *
 * @param messageId the message, a ULID in lower case; the POP3 UIDL
 * @param headerLength octets of the age file's header text
 * @param objectBytes octets of the sealed object
 * @param sizeBytes exact octets of the message inside
 */
public record StoredMail(String messageId, int headerLength, long objectBytes, long sizeBytes) {}
