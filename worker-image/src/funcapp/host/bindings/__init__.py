"""The storage side of bindings, one file for each kind; `service` answers the function processes."""
