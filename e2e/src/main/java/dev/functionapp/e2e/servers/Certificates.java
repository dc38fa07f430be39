package dev.functionapp.e2e.servers;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A certificate authority of the tests' own, and the certificate that it issued to the source servers. Kept in {@code target}, so
 * that a cluster that is kept goes on trusting it.
 *
 * @param authority the authority's certificate, as PEM
 * @param certificate the servers' certificate, as PEM
 * @param key the servers' private key, as PEM
 * @param bundle what builds are to trust: the authority, and what this machine trusts
 */
public record Certificates(Path authority, Path certificate, Path key, Path bundle) {

  private static final Path SYSTEM = Path.of("/etc/ssl/certs/ca-certificates.crt");

  /** Those that are there, or new ones. */
  public static Certificates of(Workspace workspace) {
    Path folder = workspace.target("e2e/certificates");
    var certificates =
        new Certificates(folder.resolve("ca.crt"), folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("bundle.crt"));
    if (!Files.exists(certificates.bundle)) {
      certificates.issue(folder);
    }
    return certificates;
  }

  private void issue(Path folder) {
    String authorityKey = folder.resolve("ca.key").toString();
    String request = folder.resolve("tls.csr").toString();
    Path extensions = folder.resolve("extensions");
    try {
      Files.writeString(
          extensions,
          "subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth\n".formatted(SourceServers.HOST));
      openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=Tests' authority")
          .with("-addext", "keyUsage=critical,keyCertSign,cRLSign")
          .with("-keyout", authorityKey, "-out", authority.toString())
          .check();
      openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Source servers", "-keyout", key.toString(), "-out", request).check();
      openssl("x509", "-req", "-in", request, "-days", "365", "-CA", authority.toString(), "-CAkey", authorityKey, "-CAcreateserial")
          .with("-extfile", extensions.toString(), "-out", certificate.toString())
          .check();
      Files.writeString(bundle, Files.readString(authority) + system());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Command openssl(String... arguments) {
    return Command.of("openssl", arguments);
  }

  /** A proxy that replaces certificates is trusted by the machine's own pip through these; builds in the cluster need the same. */
  private static String system() throws IOException {
    var found =
        Stream.concat(
                Stream.of("PIP_CERT", "SSL_CERT_FILE").map(System::getenv).filter(file -> file != null && !file.isEmpty()).map(Path::of),
                Stream.of(SYSTEM))
            .filter(Files::exists)
            .findFirst();
    return found.isPresent() ? Files.readString(found.get()) : "";
  }
}
