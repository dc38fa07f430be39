"""Every kind of binding that a function may have."""

from __future__ import annotations

from funcapp.model.bindings import blob, http, queue, timer
from funcapp.model.bindings.base import BindingKind

KINDS: dict[str, BindingKind] = {
    kind.type.lower(): kind for kind in (*http.KINDS, *queue.KINDS, *blob.KINDS, *timer.KINDS)
}
"""By lower-cased type: types are read without regard to case."""
