package io.postern.pipeline.work;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BudgetTest {
  private final Budget budget = new Budget(100);

  @Test
  void letsInWhatFitsAndTheOthersInTheirOrder() {
    assertThat(budget.take("a", 60)).isTrue();
    assertThat(budget.take("large", 80)).isFalse();
    assertThat(budget.take("small", 10)).as("behind the large one").isFalse();
    assertThat(budget.take("nothing", 0)).isTrue();

    budget.release("a");

    assertThat(budget.admits("small", 10)).isFalse();
    assertThat(budget.take("large", 80)).isTrue();
    assertThat(budget.take("small", 10)).isTrue();
    assertThat(budget.usedBytes()).isEqualTo(90);
  }

  @Test
  void letsInWhatIsLargerThanEverythingAlone() {
    assertThat(budget.take("a", 1)).isTrue();
    assertThat(budget.take("huge", 1000)).isFalse();
    budget.release("a");
    assertThat(budget.take("huge", 1000)).isTrue();
    assertThat(budget.take("b", 1)).isFalse();
    budget.release("huge");
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void forgetsWhoLeavesTheLine() {
    assertThat(budget.take("a", 100)).isTrue();
    assertThat(budget.take("b", 100)).isFalse();
    assertThat(budget.take("c", 50)).isFalse();
    budget.release("b");
    budget.release("a");
    assertThat(budget.take("c", 50)).isTrue();
  }
}
