"""The namespace under test: the names that Skein has of the Array API standard, version 2024.12."""

from bridge import namespace

__array_api_version__ = "2024.12"
globals().update(namespace)
