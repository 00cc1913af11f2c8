"""Where to search for the parameters of a classifier."""

from ._search_space import default_search_space

__all__ = ["default_search_space"]
