"""The command line: one file a command. Flags in, views out, exit codes as the design page has them.

Heavy imports stand inside the commands, so that `rolewright --help` answers at once.
"""
