package dev.functionapp.operator.packages;

/**
 * The package store does not answer, or not as it should; trying again may help. The message holds
 * no credentials.
 */
public final class PackageStoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  PackageStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
