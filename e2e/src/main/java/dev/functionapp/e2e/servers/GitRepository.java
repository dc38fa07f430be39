package dev.functionapp.e2e.servers;

import dev.functionapp.e2e.Folder;
import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** A repository on the git server, and the clone that a developer works in. */
public final class GitRepository {

  private final String name;
  private final Path folder;
  private final Path authority;

  private GitRepository(String name, Path folder, Path authority) {
    this.name = name;
    this.folder = folder;
    this.authority = authority;
  }

  static GitRepository clone(String name, String url, Workspace workspace, Certificates certificates) {
    Path folder = workspace.target("e2e/git").resolve(name + "-" + UUID.randomUUID());
    var repository = new GitRepository(name, folder, certificates.authority());
    repository.git("clone", "--quiet", url, folder.toString());
    repository.inside("config", "user.name", "Developer");
    repository.inside("config", "user.email", "developer@example.com");
    repository.inside("checkout", "--quiet", "-B", "main");
    return repository;
  }

  /** The address for builds, which need the password. */
  public String url() {
    return "https://" + SourceServers.HOST + "/git/" + name + ".git";
  }

  /** The address for builds that bring an SSH key. */
  public String sshUrl() {
    return "ssh://git@" + SourceServers.HOST + "/srv/git/" + name + ".git";
  }

  /**
   * Commits files and pushes them to {@code main}.
   *
   * @return the commit, 40 hexadecimal digits
   */
  public String push(Map<String, String> files) {
    Folder.write(folder, files);
    inside("add", "--all");
    inside("commit", "--quiet", "--message", "Change the app");
    inside("push", "--quiet", "origin", "main");
    return inside("rev-parse", "HEAD").strip();
  }

  /** Names the last commit. */
  public void tag(String tag) {
    inside("tag", tag);
    inside("push", "--quiet", "origin", tag);
  }

  private String inside(String... arguments) {
    return git(Command.of("git", "-C", folder.toString()).with(arguments));
  }

  private void git(String... arguments) {
    git(Command.of("git", arguments));
  }

  private String git(Command command) {
    return command
        .environment("GIT_SSL_CAINFO", authority.toString())
        .environment("GIT_TERMINAL_PROMPT", "0")
        .environment("GIT_CONFIG_GLOBAL", "/dev/null")
        .check();
  }
}
