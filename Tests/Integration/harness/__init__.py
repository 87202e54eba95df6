"""What the integration cases are written with. Cases stand in ../cases_*.py; ../run.py runs them."""

from .cases import Skip, case, cases
from .checks import (
    contains, equal, excludes, false, fails, less, matches, succeeds, true,
)

__all__ = [
    "Skip", "case", "cases", "contains", "equal", "excludes", "fails", "false", "less", "matches", "succeeds", "true",
]
