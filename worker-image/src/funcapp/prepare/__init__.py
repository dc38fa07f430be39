"""The two steps that turn a source into a package and an index: build and verify."""
