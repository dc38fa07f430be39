package dev.functionapp.e2e.support;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Opens the cluster with the first test class and closes it after the last; gives each class a namespace of its own. */
final class EnvironmentExtension implements BeforeAllCallback, ParameterResolver {

  private static final Namespace STORE = Namespace.create(EnvironmentExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    E2E options = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), E2E.class).orElseThrow();
    Environment environment = environment(context);
    environment.prepare(options.keda());
    context.getStore(STORE).put(TestNamespace.class, TestNamespace.create(environment, context.getRequiredTestClass().getSimpleName()));
  }

  static Environment environment(ExtensionContext context) {
    Store store = context.getRoot().getStore(STORE);
    return store.computeIfAbsent(Environment.class, key -> new Environment(), Environment.class);
  }

  static TestNamespace namespace(ExtensionContext context) {
    return context.getStore(STORE).get(TestNamespace.class, TestNamespace.class);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Environment.class || type == TestNamespace.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Environment.class ? environment(context) : namespace(context);
  }
}
