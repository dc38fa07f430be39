package dev.functionapp.e2e.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An {@link E2E} class whose tests mostly wait, and disturb nobody: they run beside those of other such classes. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@E2E
@Execution(ExecutionMode.CONCURRENT)
public @interface SideBySide {}
