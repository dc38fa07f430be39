package dev.functionapp.e2e.demo;

import java.util.Map;

/**
 * What was to be seen at one moment.
 *
 * @param seconds since the run began
 * @param total photos to send
 * @param sent photos that the app acknowledged
 * @param retries requests that were sent again
 * @param processed thumbnails that there are
 * @param queueLength messages in the queue
 * @param oldestSeconds age of the first visible message; 0 without one
 * @param replicas replicas asked for, by scale group
 */
public record Sample(
    double seconds,
    int total,
    int sent,
    int retries,
    int processed,
    int queueLength,
    double oldestSeconds,
    Map<String, Integer> replicas) {}
