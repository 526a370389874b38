#!/usr/bin/python3 -Es
"""Every program of z/VM that Feilong calls is a link to this file; its name says which one is meant."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True

import programs
import smapi
import system


def main():
    name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
    if os.geteuid() == 0:
        system.note_call([name, *arguments])
    if name == 'smcli':
        return smapi.smcli(arguments)
    system.wait_as_told(name)
    programs.PROGRAMS[name](arguments)


main()
