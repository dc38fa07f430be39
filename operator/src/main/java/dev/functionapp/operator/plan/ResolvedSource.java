package dev.functionapp.operator.plan;

import java.time.Instant;

/**
 * The commit at which a branch or tag was found.
 *
 * @param request what was looked up, as {@link Source.Git#request} names it
 * @param commit 40 or 64 hexadecimal digits
 * @param at when it was found
 */
public record ResolvedSource(String request, String commit, Instant at) {}
