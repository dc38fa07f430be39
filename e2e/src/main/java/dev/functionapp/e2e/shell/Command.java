package dev.functionapp.e2e.shell;

import dev.functionapp.e2e.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A command line program, run to its end. Tools that the project brought itself come before those of the machine. */
public final class Command {

  private static final Path TOOLS = Workspace.find().file("target/tools/bin");

  private final List<String> words;
  private final Map<String, String> environment = new HashMap<>();
  private String input = "";
  private Duration timeout = Duration.ofMinutes(2);

  private Command(List<String> words) {
    this.words = words;
  }

  /** A program, by name or path, and its arguments. */
  public static Command of(String program, String... arguments) {
    List<String> words = new ArrayList<>();
    Path own = TOOLS.resolve(program);
    words.add(Files.isExecutable(own) ? own.toString() : program);
    words.addAll(List.of(arguments));
    return new Command(words);
  }

  /** More arguments. */
  public Command with(String... arguments) {
    words.addAll(List.of(arguments));
    return this;
  }

  /** Sets a variable of the program's environment. */
  public Command environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Text for the program's standard input; nothing by default. */
  public Command input(String text) {
    input = text;
    return this;
  }

  /** How long the program may take; 2 minutes by default. */
  public Command timeout(Duration limit) {
    timeout = limit;
    return this;
  }

  /** How a program ended, and what it wrote. */
  public record Result(String command, int exitCode, String output, String errors) {

    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  /** Runs the program; any exit code is a result. */
  public Result run() {
    try {
      Process process = builder().start();
      var output = read(process.getInputStream());
      var errors = read(process.getErrorStream());
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException ignored) {
        // It ended without reading its input: its exit code tells what came of that.
      }
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("no end after " + timeout.toSeconds() + " s: " + line());
      }
      return new Result(line(), process.exitValue(), output.get(), errors.get());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + line(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + line(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot read what it wrote: " + line(), e.getCause());
    }
  }

  /** Starts the program, which goes on until it is ended; what it writes to both outputs is to be read as one. */
  public Process start() throws IOException {
    return builder().redirectErrorStream(true).start();
  }

  /**
   * Runs the program and returns what it wrote to its standard output.
   *
   * @throws IllegalStateException when it ends with another exit code than 0, with its last words
   */
  public String check() {
    Result result = run();
    if (!result.succeeded()) {
      throw new IllegalStateException(
          "exit code " + result.exitCode() + ": " + line() + System.lineSeparator() + result.errors().strip());
    }
    return result.output();
  }

  /**
   * Feeds the output of one program to another.
   *
   * @throws IllegalStateException when either ends with another exit code than 0
   */
  public static void pipe(Command from, Command to, Duration timeout) {
    try {
      List<Process> processes = ProcessBuilder.startPipeline(List.of(from.builder(), to.builder()));
      var errors = new ArrayList<CompletableFuture<String>>();
      processes.forEach(process -> errors.add(read(process.getErrorStream())));
      var output = read(processes.getLast().getInputStream());
      for (int i = 0; i < processes.size(); i++) {
        Process process = processes.get(i);
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
          processes.forEach(Process::destroyForcibly);
          throw new IllegalStateException("failed: " + from.line() + " | " + to.line() + ": " + errors.get(i).get() + output.get());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + to.line(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot read what it wrote: " + to.line(), e.getCause());
    }
  }

  private ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    return builder;
  }

  private String line() {
    return String.join(" ", words);
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}
