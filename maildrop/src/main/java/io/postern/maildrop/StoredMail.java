package io.postern.maildrop;

/**
 * A message as it lies in the store.
 *
 * @param key its name
 * @param objectBytes octets of the sealed object
 * @param sizeBytes exact octets of the message inside
 */
public record StoredMail(MailKey key, long objectBytes, long sizeBytes) {}
