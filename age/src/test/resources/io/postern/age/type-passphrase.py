"""Runs a command on a terminal of its own and answers each of its prompts with the passphrase.

usage: type-passphrase.py PASSPHRASE COMMAND ARGUMENT...
"""

import os
import pty
import sys

passphrase, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)

said = b""
while True:
    try:
        piece = os.read(terminal, 1024)
    except OSError:  # The terminal is gone with the command.
        break
    said += piece
    if said.rstrip().endswith(b":"):
        os.write(terminal, passphrase.encode() + b"\n")
        said = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
