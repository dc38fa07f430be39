package dev.functionapp.operator.it;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every number of replicas that a group's Deployment asks for while this is open. */
final class Replicas implements AutoCloseable {

  private final List<Integer> values = new CopyOnWriteArrayList<>();
  private final Watch watch;

  Replicas(Cluster cluster, String app, String group) {
    var deployment = cluster.deployment(app, group).orElseThrow();
    watch =
        cluster
            .client
            .resource(deployment)
            .watch(
                new Watcher<Deployment>() {
                  @Override
                  public void eventReceived(Action action, Deployment found) {
                    if (found != null) {
                      values.add(found.getSpec().getReplicas());
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {}
                });
  }

  List<Integer> values() {
    return List.copyOf(values);
  }

  @Override
  public void close() {
    watch.close();
  }
}
