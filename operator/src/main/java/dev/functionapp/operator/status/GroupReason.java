package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.Group;
import dev.functionapp.v1alpha1.functionappstatus.Groups;

/** How many replicas a group may have, and what is known of why without asking its pods. */
final class GroupReason {

  private GroupReason() {}

  static void put(Group group, Groups status) {
    switch (group.scale()) {
      case Group.Fixed(var replicas) -> put(status, replicas, replicas);
      case Group.Stopped() -> {
        put(status, 0, 0);
        status.setReason("Stopped");
        status.setMessage("spec.stopped is true");
      }
      case Group.Unscaled unscaled -> {
        status.setMinReplicas((long) unscaled.minReplicas());
        status.setReason("Minimum");
        status.setMessage(unscaled.message());
      }
      case Group.Scaled scaled -> {
        put(status, scaled.minReplicas(), scaled.maxReplicas());
        if (scaled.paused()) {
          status.setReason("Paused");
          status.setMessage("scaling.paused is true: replicas stay as they are");
        }
      }
    }
  }

  /** Where it is not known now what the group is to be. */
  static void keep(Groups before, Groups status) {
    if (before != null) {
      status.setMinReplicas(before.getMinReplicas());
      status.setMaxReplicas(before.getMaxReplicas());
      status.setReason(before.getReason());
      status.setMessage(before.getMessage());
    }
  }

  private static void put(Groups status, int least, int most) {
    status.setMinReplicas((long) least);
    status.setMaxReplicas((long) most);
  }
}
