"""What z/VM remembers: its directory and who is logged on. One JSON file, changed under a lock by whichever program Feilong runs."""
import contextlib
import fcntl
import json
import os
import time

FOLDER = '/var/lib/zvm'
STATE = os.path.join(FOLDER, 'state.json')
FAULTS = os.path.join(FOLDER, 'faults.json')
CALLS = os.path.join(FOLDER, 'calls.log')

NAME = 'FAKEZVM1'
CYLINDERS = 1_000_000
# Users every z/VM has; Feilong itself runs in one.
SYSTEM_USERS = ('DIRMAINT', 'FEILONG', 'MAINT', 'OPERATOR', 'TCPIP', 'VSMGUARD')


def read_json(path, default):
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


@contextlib.contextmanager
def opened():
    """The state, locked; written back when the block ends, also by sys.exit."""
    with open(STATE + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = read_json(STATE, None) or {
            'users': {name: {'directory': [f'USER {name}'], 'on': True} for name in SYSTEM_USERS},
        }
        try:
            yield state
        finally:
            with open(STATE + '.new', 'w') as file:
                json.dump(state, file, indent=1)
            os.rename(STATE + '.new', STATE)


def note_call(arguments):
    with open(CALLS, 'a') as file:
        file.write(f"{time.time():.3f} {' '.join(arguments)}\n")


def faults():
    return read_json(FAULTS, {})


def wait_as_told(name):
    """`name` is a SMAPI function or a program."""
    time.sleep(faults().get('delays', {}).get(name, 0))


def used_cylinders(state):
    disks = [line.split() for user in state['users'].values() for line in user['directory'] if line.startswith('MDISK ')]
    return sum(int(words[4]) for words in disks)
