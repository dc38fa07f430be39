package dev.functionapp.operator.plan;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A queue that a function of an app takes messages from.
 *
 * @param account equal for two apps of a namespace only where both reach the same storage account
 */
public record QueueUse(String function, String queue, String account) {

  /**
   * Those of an app, as far as it can be known which account they are in: the operator reads no
   * Secrets.
   *
   * @param evaluationStorage whether apps that bring no storage share an account
   */
  public static Set<QueueUse> of(AppPlan plan, boolean evaluationStorage) {
    var settings = new SettingOrigins(plan.spec(), plan.revision(), evaluationStorage);
    var uses = new LinkedHashSet<QueueUse>();
    for (var group : plan.groups()) {
      if (group.scale() instanceof Group.Scaled scaled) {
        for (var queue : scaled.queues()) {
          account(queue.connection(), settings)
              .ifPresent(
                  account -> uses.add(new QueueUse(queue.function(), queue.queue(), account)));
        }
      }
    }
    return uses;
  }

  private static Optional<String> account(Trigger.Connection connection, SettingOrigins settings) {
    return switch (connection.form()) {
      case IDENTITY -> connection.accountName().map(name -> "account " + name);
      case CONNECTION_STRING -> settings.of(connection.setting());
    };
  }
}
