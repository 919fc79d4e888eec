"""Bringing what exists under control: discovery, state, and stack files written for people."""
