package dev.functionapp.e2e.support;

import java.util.Set;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLocksProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** A test class has the cluster for itself, unless it is for {@link SideBySide}. */
final class ClusterLock implements ResourceLocksProvider {

  @Override
  public Set<Lock> provideForClass(Class<?> testClass) {
    boolean shares = AnnotationSupport.isAnnotated(testClass, SideBySide.class);
    return Set.of(new Lock("cluster", shares ? ResourceAccessMode.READ : ResourceAccessMode.READ_WRITE));
  }
}
