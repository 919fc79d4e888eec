"""The example stacks, installed with the package so that `rolewright demo` finds them."""
