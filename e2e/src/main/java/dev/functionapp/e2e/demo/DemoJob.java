package dev.functionapp.e2e.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.progress.Terminal;
import dev.functionapp.e2e.storage.AppStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The demo's work: photographs in, thumbnails out, with a view of what happens meanwhile and a record of it. */
public final class DemoJob {

  private static final int PHOTOS = 200;
  private static final Duration WORK_LIMIT = Duration.ofMinutes(5);
  private static final Duration SLEEP_LIMIT = Duration.ofMinutes(3);

  private final FunctionApp app;
  private final AppStorage storage;
  private final Workspace workspace;
  private final Terminal terminal;

  public DemoJob(FunctionApp app, AppStorage storage, Workspace workspace, Terminal terminal) {
    this.app = app;
    this.storage = storage;
    this.workspace = workspace;
    this.terminal = terminal;
  }

  /**
   * Sends the photos and waits until all are worked on and the app sleeps again.
   *
   * @param ready how long it took to get the app ready, for the record
   */
  public Summary run(List<Photo> photos, Duration ready) throws IOException, InterruptedException {
    int startReplicas = app.replicas(ThumbnailsRun.GROUP);
    LiveView view = new LiveView(terminal);
    try (ThumbnailsRun run = new ThumbnailsRun(app, storage, photos, PHOTOS, view)) {
      run.send();
      run.awaitThumbnails(WORK_LIMIT);
      Map<String, String> problems = run.check();
      run.awaitAsleep(SLEEP_LIMIT);
      run.close();
      view.finish(run.samples().getLast());
      Summary summary = Summary.of(run, problems, startReplicas, app.replicas(ThumbnailsRun.GROUP), ready);
      record(summary, run.samples());
      return summary;
    }
  }

  private void record(Summary summary, List<Sample> samples) throws IOException {
    Path folder = workspace.target("demo");
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(folder.resolve("summary.json").toFile(), summary);
    Files.writeString(folder.resolve("timeline.svg"), Timeline.svg(samples));
    summary.problems().forEach((id, problem) -> terminal.line("  " + id + ": " + problem));
  }
}
