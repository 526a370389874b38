"""One guest: a folder with what it was made of, and the shell scripts that start, stop and pack it."""
import base64
import os
import tarfile

from nova import exception
from oslo_concurrency import processutils

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONSOLE_LIMIT = 1024 * 1024


def guests_folder():
    return os.environ['SIDEGATE_LAB_GUESTS']


def stored_guests():
    return [Guest(uuid) for uuid in os.listdir(guests_folder())]


class Guest:
    def __init__(self, uuid):
        self.uuid = uuid
        self.folder = os.path.join(guests_folder(), uuid)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def create(self, instance, network_info, size):
        os.makedirs(self.folder, exist_ok=True)
        self._write('host', instance.host)
        self._write('name', instance.name)
        self._write('size', ' '.join(str(number) for number in size))
        self._write('hostname', instance.hostname)
        self._write('boot', instance.metadata.get('lab_boot', ''))
        self._write('interfaces', ''.join(interface_lines(network_info)))
        self._write('authorized_keys', (instance.key_data or '').strip() + '\n')
        if instance.user_data:
            self._write('user-data', base64.b64decode(instance.user_data).decode(errors='replace'))

    def load_disk(self, image):
        """A snapshot is a tar archive of what its server wrote; any other image is an empty disk."""
        packed = os.path.exists(image) and tarfile.is_tarfile(image)
        self._script('guest-disk.sh', 'mount', self.folder, *([image] if packed else []))
        if os.path.exists(image):
            os.unlink(image)

    def pack_disk(self):
        archive = self.path('snapshot.tar')
        self._script('guest-disk.sh', 'pack', self.folder, archive)
        return archive

    def start(self):
        if not self.running():
            self._script('start-guest.sh', self.folder)

    def stop(self):
        self._script('stop-guest.sh', self.folder)

    def destroy(self):
        if os.path.isdir(self.folder):
            self.stop()
            self._script('guest-disk.sh', 'remove', self.folder)

    def running(self):
        try:
            with open(f"/proc/{self.read('pid').strip()}/cmdline") as file:
                return self.folder in file.read().split('\0')
        except FileNotFoundError:
            return False

    def console(self):
        return self.read('console.log')[-CONSOLE_LIMIT:]

    def _write(self, name, text):
        with open(self.path(name), 'w') as file:
            file.write(text)

    def _script(self, name, *arguments):
        try:
            processutils.execute('/bin/bash', os.path.join(SCRIPTS, name), *arguments)
        except processutils.ProcessExecutionError as error:
            raise exception.NovaException(f'{name} {arguments[0]}: {error.stderr[-1000:]}') from error


def interface_lines(network_info):
    """`DEVICE MAC ADDRESS/PREFIX GATEWAY` for each fixed address; `-` is no gateway."""
    for vif in network_info:
        for subnet in vif['network']['subnets']:
            prefix = subnet['cidr'].split('/')[1]
            gateway = (subnet.get('gateway') or {}).get('address') or '-'
            for ip in subnet['ips']:
                yield f"{vif['devname']} {vif['address']} {ip['address']}/{prefix} {gateway}\n"
