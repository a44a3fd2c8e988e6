"""`approx`: numbers, and containers of numbers, that are equal up to a tolerance."""

import math


class approx:
    def __init__(self, expected, rel=None, abs=None, nan_ok=False):
        self.expected = expected
        self.rel = rel
        self.abs = abs
        self.nan_ok = nan_ok

    def _near(self, got, expected):
        if isinstance(expected, dict):
            return got.keys() == expected.keys() and all(
                self._near(got[key], value) for key, value in expected.items()
            )
        if isinstance(expected, (list, tuple)):
            return len(got) == len(expected) and all(map(self._near, got, expected))
        if not isinstance(expected, (int, float, complex)):
            return got == expected
        if got == expected:
            return True
        if expected != expected:
            return self.nan_ok and got != got
        if isinstance(expected, float) and math.isinf(expected):
            return False
        # A relative tolerance alone has no absolute one beside it, as the documentation of pytest says.
        least = self.abs if self.abs is not None else (1e-12 if self.rel is None else 0.0)
        share = self.rel if self.rel is not None else (1e-6 if self.abs is None else 0.0)
        return abs(got - expected) <= max(least, share * abs(expected))

    def __eq__(self, got):
        return self._near(got, self.expected)

    def __ne__(self, got):
        return not self == got

    __hash__ = None

    def __repr__(self):
        return f"approx({self.expected!r})"
