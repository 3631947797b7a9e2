package io.postern.bench.race;

/**
 * What a measurement has to say.
 *
 * @param text in Markdown
 * @param targetsMet whether every target that was measured is met
 */
public record Report(String text, boolean targetsMet) {}
