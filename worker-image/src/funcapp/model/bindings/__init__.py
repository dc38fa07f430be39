"""The kinds of binding, one file each; `registry` lists them."""
