package dev.functionapp.e2e.servers;

import dev.functionapp.e2e.Folder;
import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.shell.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What apps are published from: a git server over HTTPS and SSH, a file server, a package index and an OCI registry, in a pod of
 * the cluster. Pods reach them by {@link #HOST}; this machine through tunnels.
 */
public final class SourceServers implements AutoCloseable {

  public static final String NAMESPACE = "source-servers";
  public static final String HOST = "servers." + NAMESPACE + ".svc";

  /** Who may read and write everything that is not open. */
  public static final String USER = "developer";

  public static final String PASSWORD = "correct-horse";

  private static final String IMAGE = "localhost/functionapp-source-servers:dev";
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final int HTTPS_PORT = 443;
  private static final int REGISTRY_PORT = 5000;

  private final Cluster cluster;
  private final Workspace workspace;
  private final Certificates certificates;
  private final PortForward https;
  private final PortForward registry;

  private SourceServers(Cluster cluster, Workspace workspace, Certificates certificates) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.certificates = certificates;
    this.https = PortForward.open(cluster, NAMESPACE, "servers", HTTPS_PORT);
    this.registry = PortForward.open(cluster, NAMESPACE, "servers", REGISTRY_PORT);
  }

  /** Starts the servers, or finds them running. */
  public static SourceServers start(Cluster cluster, Workspace workspace, Certificates certificates) {
    Namespaces.restricted(cluster.client(), NAMESPACE);
    String secret =
        cluster
            .kubectl("create", "secret", "tls", "tls", "--namespace", NAMESPACE, "--dry-run=client", "--output", "yaml")
            .with("--cert", certificates.certificate().toString(), "--key", certificates.key().toString())
            .check();
    cluster.kubectl("apply", "--server-side", "--filename", "-").input(secret).check();
    try {
      String manifest =
          Files.readString(workspace.file("e2e/servers/servers.yaml"))
              .replace("IMAGE", cluster.deliver(IMAGE))
              .replace("value: USER", "value: " + USER)
              .replace("value: PASSWORD", "value: " + PASSWORD);
      cluster.kubectl("apply", "--filename", "-").input(manifest).check();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cluster.kubectl("rollout", "status", "deployment/servers", "--namespace", NAMESPACE, "--timeout", "120s").timeout(Duration.ofMinutes(3)).check();
    return new SourceServers(cluster, workspace, certificates);
  }

  /** A new repository on the git server, and a clone of it on this machine. The name must not have been used before. */
  public GitRepository repository(String name) {
    shell("git init --quiet --bare --initial-branch main /srv/git/" + name + ".git");
    return GitRepository.clone(name, "https://" + USER + ":" + PASSWORD + "@localhost:" + https.port() + "/git/" + name + ".git", workspace, certificates);
  }

  /** Puts a file on the file server. Those below {@code open/} are for everybody, those below {@code closed/} for who has the password. */
  public String publish(String path, byte[] content) {
    String file = "/srv/files/" + path;
    shell("mkdir -p $(dirname " + file + ") && base64 -d > " + file, Base64.getEncoder().encodeToString(content));
    return "https://" + HOST + "/" + path;
  }

  /** Puts a distribution of one module on the package index. */
  public void publishPackage(String name, String version, String code) {
    publish("simple/" + name + "/" + Wheel.fileName(name, version), Wheel.of(name, version, code));
  }

  /** The package index, for who has the password. */
  public String index() {
    return "https://" + HOST + "/simple/";
  }

  /** The registry as pods know it. */
  public String registry() {
    return HOST + ":" + REGISTRY_PORT;
  }

  /** The registry as this machine knows it. */
  public String registryFromHere() {
    return "localhost:" + registry.port();
  }

  /** A registry's credentials as {@code docker login} writes them, for the addresses of the registry. */
  public String dockerConfig() {
    String auth = Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return "{\"auths\": {\"%s\": {\"auth\": \"%s\"}, \"%s\": {\"auth\": \"%s\"}}}".formatted(registry(), auth, registryFromHere(), auth);
  }

  /**
   * Packs an app and pushes it to the registry, as its developers would.
   *
   * @return the digest of its manifest, {@code sha256:…}
   */
  public String push(String repository, Map<String, String> files) {
    Path folder = workspace.target("e2e/pushed").resolve(UUID.randomUUID().toString());
    Folder.write(folder.resolve("app"), files);
    Folder.write(folder, Map.of("config.json", dockerConfig()));
    String output =
        Command.of(workspace.funcapp(), "pack", folder.resolve("app").toString(), "--output", folder.resolve("app.zip").toString(), "--push", "oci://" + registryFromHere() + "/" + repository)
            .environment("DOCKER_CONFIG", folder.toString())
            .environment("SSL_CERT_FILE", certificates.bundle().toString())
            .check();
    return DIGEST.matcher(output).results().map(MatchResult::group).findFirst().orElseThrow(() -> new AssertionError("no digest in: " + output));
  }

  /** The file server's address of a blob in the storage account of apps, which has no HTTPS of its own. */
  public String blob(String container, String blob) {
    return "https://" + HOST + "/apps/" + container + "/" + blob;
  }

  /** The key that the SSH server lets in, and how it proves who it is. */
  public String sshPrivateKey() {
    return shell("cat /srv/ssh/client");
  }

  /** A line of a file {@code known_hosts}. */
  public String knownHosts() {
    return HOST + " " + shell("cat /srv/ssh/host.pub");
  }

  /** What the web server was asked for, a line for each request. */
  public String requests() {
    return cluster.kubectl("logs", "deployment/servers", "--namespace", NAMESPACE, "--container", "web").check();
  }

  private String shell(String script) {
    return shell(script, "");
  }

  private String shell(String script, String input) {
    return exec(script).input(input).check();
  }

  private Command exec(String script) {
    return cluster.kubectl("exec", "--stdin", "deployment/servers", "--namespace", NAMESPACE, "--container", "web", "--", "sh", "-c", script);
  }

  @Override
  public void close() {
    https.close();
    registry.close();
  }
}
