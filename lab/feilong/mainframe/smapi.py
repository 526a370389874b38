"""smcli: the Systems Management API, as far as Feilong uses it. An answer is `OVERALL-RC RC RS` and text."""
import sys

import system


class Refused(Exception):
    def __init__(self, rc, rs, text):
        super().__init__(text)
        self.codes = f'8 {rc} {rs}'


def smcli(arguments):
    function, options = arguments[0], parse_options(arguments[1:])
    system.wait_as_told(function)
    try:
        refuse_as_told(function, options)
        if function not in FUNCTIONS:
            raise Refused(900, 12, f'{function} is unknown to this z/VM')
        with system.opened() as state:
            text = FUNCTIONS[function](state, options)
    except Refused as refused:
        print(f'{refused.codes} (details) {refused}\n{refused}')
        sys.exit(1)
    # Feilong takes every line for one of the answer, an empty one too.
    print(f"0 0 0\n{text or ''}", end='')


def parse_options(words):
    """`-k a=1 -k b=2 -f IMMED` by letter, each a list; Feilong writes some as one word (`-f IMMED`)."""
    options = {}
    rest = [part for word in words if word != '--addRCheader' for part in (word.split(' ', 1) if word[:1] == '-' else [word])]
    while rest:
        word = rest.pop(0)
        if word.startswith('-') and rest and not rest[0].startswith('-'):
            options.setdefault(word, []).append(rest.pop(0).strip("'\""))
    return options


def refuse_as_told(function, options):
    told = system.faults()
    if function in told.get('fail', []):
        raise Refused(596, 6213, 'DIRMAINT internal error (injected)')
    if target(options) in told.get('locked', []) and function.endswith('_DM') and 'Query' not in function:
        raise Refused(400, 12, 'Image or profile definition is locked')


def target(options):
    return options.get('-T', [''])[0].upper()


def user_of(state, options):
    user = state['users'].get(target(options))
    if user is None:
        raise Refused(400, 4, 'Image or profile definition not found')
    return user


def create(state, options):
    if target(options) in state['users']:
        raise Refused(400, 8, 'Image or profile name already defined')
    with open(options['-f'][0]) as file:
        state['users'][target(options)] = {'directory': file.read().splitlines(), 'on': False}


def replace(state, options):
    with open(options['-f'][0]) as file:
        user_of(state, options)['directory'] = file.read().splitlines()


def delete(state, options):
    user_of(state, options)
    del state['users'][target(options)]


def activate(state, options):
    user = user_of(state, options)
    if user['on']:
        raise Refused(200, 8, 'Image already active')
    user.update(on=True, linux='up')


def deactivate(state, options):
    active(state, options).update(on=False, linux='down')


def recycle(state, options):
    active(state, options).update(linux='up')


def active(state, options):
    user = user_of(state, options)
    if not user['on']:
        raise Refused(200, 12, 'Image not active')
    return user


def pause(state, options):
    active(state, options)['paused'] = options['-k'] == ['PAUSE=YES']


def create_disk(state, options):
    size = int(options['-z'][0])
    if system.used_cylinders(state) + size > system.CYLINDERS:
        raise Refused(596, 6213, 'DIRMAINT: no space left in the group')
    user_of(state, options)['directory'].append(f"MDISK {options['-v'][0]} 3390 1 {size} VOL001 MR")


def delete_disk(state, options):
    directory = user_of(state, options)['directory']
    directory[:] = [line for line in directory if not line.startswith(f"MDISK {options['-v'][0]} ")]


def volume_space(state, options):
    used = system.used_cylinders(state)
    free = {'1': system.CYLINDERS, '2': system.CYLINDERS - used, '3': used}[options['-q'][0]]
    return f'VOL001 3390-A 0001 {free} 0 0 0 POOL1 REG1\n'


def create_adapter(state, options):
    words = dict(word.split('=', 1) for word in options['-k'])
    user_of(state, options)['directory'].append(f"NICDEF {words['image_device_number']} TYPE QDIO")


def adapters(state, options):
    numbers = [line.split()[1] for line in user_of(state, options)['directory'] if line.startswith('NICDEF ')]
    blocks = [
        f'adapter_address={number}\nadapter_status=02\nlan_owner=SYSTEM\nlan_name=VSW1\nmac_address=02000000{number}\nadapter_info_end'
        for number in numbers
    ]
    return '\n'.join([f'adapter_count={len(numbers)}', *blocks])


def accept(state, options):
    """Changes a directory entry in ways nothing here looks at."""
    user_of(state, options)


def ignore(state, options):
    pass


def cluster(state, options):
    raise Refused(4, 3008, 'This system is not a member of an SSI cluster')


FUNCTIONS = {
    'Image_Create_DM': create,
    'Image_Replace_DM': replace,
    'Image_Delete_DM': delete,
    'Image_Query_DM': lambda state, options: '\n'.join(user_of(state, options)['directory']) + '\n',
    'Image_Name_Query_DM': lambda state, options: '\n'.join(sorted(state['users'])) + '\n',
    'Image_Lock_DM': accept,
    'Image_Unlock_DM': accept,
    'Image_Definition_Update_DM': accept,
    'Image_IPL_Set_DM': accept,
    'Image_Activate': activate,
    'Image_Deactivate': deactivate,
    'Image_Recycle': recycle,
    'Image_Pause': pause,
    'Image_Console_Get': accept,
    'Image_Disk_Create_DM': create_disk,
    'Image_Disk_Delete_DM': delete_disk,
    'Image_Volume_Space_Query_DM': volume_space,
    'Name_List_Add': ignore,
    'Name_List_Remove': ignore,
    'Name_List_Query': lambda state, options: '\n'.join(sorted(state['users'])),
    'SSI_Query': cluster,
    'System_RDR_File_Manage': accept,
    'System_Information_Query': lambda *_: 'STORAGE=STORAGE=256G CONFIGURED=256G INC=1G RESERVED=0 STANDBY=0G\n',
    'System_Performance_Information_Query': lambda *_: f'MEMORY_IN_USE={2**21}\n',
    'System_Processor_Query': ignore,
    'Virtual_Network_Adapter_Create_Extended_DM': create_adapter,
    'Virtual_Network_Adapter_Connect_Vswitch_DM': accept,
    'Virtual_Network_Adapter_Disconnect_DM': accept,
    'Virtual_Network_Adapter_Delete_DM': accept,
    'Virtual_Network_Adapter_Query_Extended': adapters,
    'Virtual_Network_Vswitch_Query': lambda *_: 'VSWITCH:  Name: VSW1\n',
    'Virtual_Network_Vswitch_Set_Extended': ignore,
}
