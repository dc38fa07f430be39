"""Sources that the build step fetches itself: git repositories, archives, artifacts of registries."""
