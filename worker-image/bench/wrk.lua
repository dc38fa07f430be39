-- Says the result as one line of JSON.
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p99": %.3f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(99.0) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
