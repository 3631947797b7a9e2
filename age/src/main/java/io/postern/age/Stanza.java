package io.postern.age;

import java.util.List;

/**
 * A recipient stanza.
 *
 * @param type the first argument, for example {@code X25519}
 * @param args the arguments after the type
 * @param body the decoded body; not copied
 */
public record Stanza(String type, List<String> args, byte[] body) {}
