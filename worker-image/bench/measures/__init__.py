"""One file for each measure."""
