"""The table as it was."""

from importlib import import_module

Migration = import_module("tests.fleet.before.0001_initial").Migration
