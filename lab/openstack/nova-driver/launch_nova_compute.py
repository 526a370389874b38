#!/usr/bin/python3
"""nova-compute without the Debian package of this name, which would bring libvirt along."""
import os
import sys

import nova.virt
from nova.cmd.compute import main

nova.virt.__path__.append(os.path.dirname(os.path.abspath(__file__)))

if __name__ == '__main__':
    sys.exit(main())
