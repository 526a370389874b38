"""The other programs Feilong runs: CP commands, spool files, disks, and commands inside a guest's Linux by IUCV."""
import os
import sys

import system

CPLEVEL = 'z/VM Version 7 Release 2.0, service level 2101 (64-bit)\nGenerated at 03/11/21 10:00:00 EST\nIPL at 11/20/26 08:00:00 UTC'
DISK_BYTES = 8 << 20


def vmcp(arguments):
    words = ' '.join(arguments).upper().split()
    if words[:2] == ['QUERY', 'USERID']:
        print(f'FEILONG AT {system.NAME}')
    elif words[:2] == ['QUERY', 'CPLEVEL']:
        print(CPLEVEL)
    elif words[0] in ('Q', 'QUERY') and len(words) in (2, 3):
        query_user(words[-1], of_directory=len(words) == 2)


def query_user(name, of_directory):
    """`QUERY NAME` tells an unknown user from one logged off, `QUERY USER NAME` does not."""
    with system.opened() as state:
        user = state['users'].get(name)
    if user and user['on']:
        print(f'{name:8} - DSC')
    elif user is None and of_directory:
        fail(3, f'HCPCQU003E Invalid option - {name}')
    else:
        fail(45, f'HCPCQU045E {name} not logged on')


def fail(code, text):
    print(f'{text}\nError: non-zero CP response for command: #{code}')
    sys.exit(code)


def vmur(arguments):
    verb = arguments[0] if arguments else ''
    if verb == 'list':
        print('ORIGINID FILE CLASS RECORDS  CPY HOLD DATE  TIME     NAME      TYPE     DIST')
        with system.opened() as state:
            for number, name in enumerate(sorted(state['users']), 1):
                print(f'{name:8} {number:04} T CON 00000020 001 NONE 11/22 10:00:00')
    elif verb in ('re', 'receive'):
        print('\n'.join(f'boot line {number} of the Linux under z/VM' for number in range(40)))
    elif verb == 'punch':
        print('Reader file with spoolid 0001 created.')


def link_disk(arguments):
    """Feilong puts /dev/ before the device name and makes a file system there: two files do for a disk and its partition."""
    name = os.path.join(system.FOLDER, f'disk-{arguments[0]}-{arguments[1]}-')
    for path in (name, name + '1'):
        with open(path, 'wb') as file:
            file.truncate(DISK_BYTES)
    print(f'Success: Userid {arguments[0]} vdev {arguments[1]} linked at ad35 device name ..{name}')


def unlink_disk(arguments):
    name = os.path.join(system.FOLDER, f'disk-{arguments[0]}-{arguments[1]}-')
    for path in (name, name + '1'):
        if os.path.exists(path):
            os.unlink(path)


def run_in_guest(arguments):
    """Linux answers while it runs; of a reboot it misses one call."""
    command = ' '.join(arguments[1:])
    with system.opened() as state:
        user = state['users'].get(arguments[0].upper())
        reachable = bool(user and user['on'] and user.get('linux') == 'up')
        if user and user.get('linux') == 'rebooting':
            user['linux'] = 'up'
        if reachable and command.startswith('shutdown'):
            user['linux'] = 'rebooting' if '-r' in command.split() else 'down'
    if not reachable:
        print('Return code 4, Reason code 1.')
        sys.exit(4)
    print('Linux')


def succeed(arguments):
    pass


PROGRAMS = {
    'vmcp': vmcp,
    'vmur': vmur,
    'iucvclnt': run_in_guest,
    'linkdiskandbringonline': link_disk,
    'offlinediskanddetach': unlink_disk,
    'unpackdiskimage': succeed,
    'creatediskimage': succeed,
    'dasdfmt': succeed,
    'fdasd': succeed,
    'chccwdev': succeed,
    'cio_ignore': succeed,
    # A real one wants a running udevd; Feilong waits for it after each new disk.
    'udevadm': succeed,
}
