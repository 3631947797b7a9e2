package io.postern.pipeline;

import java.util.Map;

/**
 * One decision to truncate {@code raw}. First the crypto-workers' low-water marks are taken, then
 * the ends of {@code sealed}: everything below the marks was sealed and acknowledged before the
 * marks were committed, and so lies below these ends. When the store-workers' marks have reached
 * the ends, it is stored, and {@code raw} is not needed below the marks taken at the start.
 *
 * @param rawMarks per partition of {@code raw}
 * @param sealedEnds per partition of {@code sealed}
 */
public record TruncationRound(Map<Integer, Long> rawMarks, Map<Integer, Long> sealedEnds) {
  /**
   * Whether {@code raw} may go below {@link #rawMarks}.
   *
   * @param sealedMarks the store-workers' low-water marks, per partition; none where there is no
   *     commit yet
   */
  public boolean isStored(Map<Integer, Long> sealedMarks) {
    return sealedEnds.entrySet().stream()
        .allMatch(
            end ->
                end.getValue() == 0
                    || sealedMarks.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }
}
