"""Two files and the machine's name that Feilong reads by itself and only a mainframe has."""
import builtins
import io
import os

SYSINFO = """Manufacturer:         IBM
Type:                 8561
LPAR CPUs Total:      16
LPAR CPUs Configured: 8
VM00 Name:            FEILONG
VM00 Control Program: z/VM    7.2.0
"""
FILES = {'/proc/sysinfo': SYSINFO, '/sys/bus/ccw/drivers/vmur/0.0.000c/online': '1\n'}

real_open = builtins.open
real_uname = os.uname


def open_mainframe(file, *arguments, **named):
    if isinstance(file, str) and file in FILES:
        return io.StringIO(FILES[file])
    return real_open(file, *arguments, **named)


def uname_mainframe():
    return os.uname_result((*real_uname()[:4], 's390x'))


builtins.open = open_mainframe
os.uname = uname_mainframe
