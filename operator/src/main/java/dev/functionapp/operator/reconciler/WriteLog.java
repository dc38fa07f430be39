package dev.functionapp.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs and counts what is written to the cluster: an operator that is at rest writes nothing. */
final class WriteLog {

  private static final Logger log = LoggerFactory.getLogger(WriteLog.class);

  private final MeterRegistry metrics;

  WriteLog(MeterRegistry metrics) {
    this.metrics = metrics;
  }

  /** Tells that an object is about to be written, without what is in it. */
  void tell(String verb, HasMetadata object) {
    log.atInfo()
        .addKeyValue("verb", verb)
        .addKeyValue("kind", object.getKind())
        .addKeyValue("object", object.getMetadata().getName())
        .log("writing");
    metrics.counter("functionapp.writes", "kind", object.getKind(), "verb", verb).increment();
  }
}
