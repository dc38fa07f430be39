package dev.functionapp.operator.scaling.simulation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * Messages of a while, in the order in which they are sent.
 *
 * @param title for people
 * @param seconds how long to look
 */
record Trace(String name, String title, World world, List<Message> messages, int seconds) {

  private static final int SEED = 6;

  /** Five times what one replica does, for an hour. */
  static Trace steady() {
    return arrivals(
        "steady",
        "20 messages a second, 200 ms of processor time each",
        World.COMPUTING,
        0.2,
        3600,
        second -> 20);
  }

  static Trace burst() {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 2000; i++) {
      messages.add(new Message(60, 60, 0.2, false));
    }
    return new Trace(
        "burst",
        "2,000 messages at once, 200 ms of processor time each",
        World.COMPUTING,
        messages,
        900);
  }

  static Trace burstOfWaiting() {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 20_000; i++) {
      messages.add(new Message(60, 60, 0.2, false));
    }
    return new Trace(
        "burst-io",
        "20,000 messages at once, each waits 200 ms for something else",
        World.WAITING,
        messages,
        900);
  }

  /** One at a time in each replica. */
  static Trace slow() {
    return arrivals(
        "slow",
        "a message every five seconds, each takes a minute",
        World.ONE_AT_A_TIME,
        60,
        3600,
        second -> second < 2400 ? 0.2 : 0);
  }

  /** A little load, and messages that fail whenever they are tried. */
  static Trace poison() {
    var light = arrivals("", "", World.WAITING, 0.2, 1800, second -> 2);
    var messages = new ArrayList<>(light.messages());
    for (int i = 0; i < 1000; i++) {
      messages.add(new Message(300, 300, 0.2, true));
    }
    return of(
        "poison", "2 messages a second, and 1,000 that always fail", World.WAITING, messages, 1800);
  }

  /** A little load, and messages that were sent long before they can be received. */
  static Trace scheduled() {
    var light = arrivals("", "", World.WAITING, 0.2, 3000, second -> 2);
    var messages = new ArrayList<>(light.messages());
    for (int i = 0; i < 200; i++) {
      messages.add(new Message(10, 1200 + i * 5, 0.2, false));
    }
    return of(
        "scheduled",
        "2 messages a second, and 200 that are delayed by 20 to 37 minutes",
        World.WAITING,
        messages,
        3000);
  }

  /**
   * Four hours from diurnal.csv, which {@link #main} has made: a day's shape with noise and bursts.
   */
  static Trace diurnal() {
    var counts = new ArrayList<Integer>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                Trace.class.getResourceAsStream("/scaling/diurnal.csv"), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .skip(1)
          .forEach(line -> counts.add(Integer.parseInt(line.substring(line.indexOf(',') + 1))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var random = new Random(SEED);
    var messages = new ArrayList<Message>();
    for (int i = 0; i < counts.size(); i++) {
      for (int j = 0; j < counts.get(i); j++) {
        double sent = (i + random.nextDouble()) * 10;
        messages.add(new Message(sent, sent, 0.2, false));
      }
    }
    return of(
        "diurnal",
        "a day's shape in four hours, 200 ms of processor time each",
        World.COMPUTING,
        messages,
        counts.size() * 10 + 600);
  }

  private static Trace arrivals(
      String name, String title, World world, double work, int seconds, DoubleUnaryOperator rate) {
    var random = new Random(SEED);
    var messages = new ArrayList<Message>();
    for (int second = 1; second < seconds - 60; second++) {
      for (int i = poisson(random, rate.applyAsDouble(second)); i > 0; i--) {
        double sent = second + random.nextDouble();
        messages.add(new Message(sent, sent, work, false));
      }
    }
    return of(name, title, world, messages, seconds);
  }

  private static Trace of(
      String name, String title, World world, List<Message> messages, int seconds) {
    return new Trace(
        name,
        title,
        world,
        messages.stream().sorted(Comparator.comparingDouble(Message::sent)).toList(),
        seconds);
  }

  private static int poisson(Random random, double mean) {
    int count = 0;
    for (double left = Math.exp(-mean), p = random.nextDouble(); p > left; count++) {
      p *= random.nextDouble();
    }
    return count;
  }

  /** Prints diurnal.csv: messages sent in each ten seconds. */
  public static void main(String[] arguments) {
    var random = new Random(SEED);
    var csv = new StringBuilder("second,messages\n");
    for (int i = 0; i < 1440; i++) {
      double day = Math.sin(Math.PI * i / 1440);
      double mean = 5 + 350 * day * day;
      boolean burst = random.nextInt(200) == 0;
      double noisy = mean * Math.exp(random.nextGaussian() * 0.2);
      csv.append(i * 10).append(',').append(Math.round(noisy) + (burst ? 800 : 0)).append('\n');
    }
    System.out.print(csv);
  }
}
