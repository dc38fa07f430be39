package dev.functionapp.e2e.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A test class on a cluster with the operator installed. Constructors may ask for the {@link Environment} and for the class's
 * own {@link TestNamespace}, which is removed after the last test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({EnvironmentExtension.class, DiagnosticsExtension.class})
@ResourceLock(providers = ClusterLock.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
public @interface E2E {

  /** Whether the cluster has KEDA when the first test begins. */
  boolean keda() default true;
}
