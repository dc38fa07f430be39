package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;

/**
 * How the app's requirements get into its package.
 *
 * @param pipIndexUrl takes the place of the platform's
 * @param pipExtraIndexUrls further package indexes
 * @param pipSecret a Secret that opens these indexes
 */
public record Build(
    BuildMode mode,
    Optional<String> pipIndexUrl,
    List<String> pipExtraIndexUrls,
    Optional<String> pipSecret) {}
