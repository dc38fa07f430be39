"""Python values of bindings, one file for each kind; `registry` lists them."""
