"""Export: what a stack owns, written for another tool to take over, so that nobody is locked in."""
