"""A virt driver with servers one can log in to by SSH, and none of the weight of a hypervisor.

What the server's metadata says under `lab_boot` makes it misbehave: `hang` stays in BUILD until it is deleted, `error` fails
on every host, `no-ssh` becomes ACTIVE and never listens.
"""
import os
import time

from nova.compute import power_state, task_states, vm_states
from nova import exception
from nova.image import glance
from nova.virt import fake, hardware
from nova.virt.sidegate_lab.guest import Guest, stored_guests
from oslo_log import log as logging

LOG = logging.getLogger(__name__)


class NamespaceDriver(fake.FakeDriver):
    vcpus = 64
    memory_mb = 256 * 1024
    local_gb = 2000

    def init_host(self, host):
        """Guests outlive nova-compute, as those of a hypervisor do."""
        super().init_host(host)
        for guest in stored_guests():
            if guest.read('host') == host:
                self._claim(guest.uuid, guest.read('name'), [int(word) for word in guest.read('size').split()])

    def spawn(self, context, instance, image_meta, injected_files, admin_password, allocations, network_info=None,
              block_device_info=None, power_on=True, accel_info=None):
        self._misbehave(instance)
        flavor = instance.flavor
        size = [flavor.vcpus, flavor.memory_mb, flavor.root_gb]
        guest = Guest(instance.uuid)
        guest.create(instance, network_info or [], size)
        image = guest.path('image')
        if instance.image_ref:
            glance.API().download(context, instance.image_ref, dest_path=image)
        guest.load_disk(image)
        if power_on:
            guest.start()
        self._claim(instance.uuid, instance.name, size)

    def destroy(self, context, instance, network_info, block_device_info=None, destroy_disks=True,
                destroy_secrets=True):
        Guest(instance.uuid).destroy()
        super().destroy(context, instance, network_info, block_device_info, destroy_disks)

    def cleanup(self, context, instance, network_info, block_device_info=None, destroy_disks=True, migrate_data=None,
                destroy_vifs=True, destroy_secrets=True):
        """What a failed spawn left."""
        Guest(instance.uuid).destroy()

    def power_off(self, instance, timeout=0, retry_interval=0):
        Guest(instance.uuid).stop()

    def power_on(self, context, instance, network_info, block_device_info=None, accel_info=None):
        Guest(instance.uuid).start()

    def reboot(self, context, instance, network_info, reboot_type, block_device_info=None, bad_volumes_callback=None,
               accel_info=None):
        guest = Guest(instance.uuid)
        guest.stop()
        guest.start()

    def snapshot(self, context, instance, image_id, update_task_state):
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        guest = Guest(instance.uuid)
        packed = guest.pack_disk()
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        metadata = {'status': 'active', 'disk_format': 'raw', 'container_format': 'bare'}
        try:
            with open(packed, 'rb') as data:
                glance.API().update(context, image_id, metadata, data)
        finally:
            os.unlink(packed)

    def get_info(self, instance, use_cache=True):
        if instance.uuid not in self.instances:
            raise exception.InstanceNotFound(instance_id=instance.uuid)
        running = Guest(instance.uuid).running()
        return hardware.InstanceInfo(state=power_state.RUNNING if running else power_state.SHUTDOWN)

    def get_console_output(self, context, instance):
        return Guest(instance.uuid).console()

    def _claim(self, uuid, name, size):
        vcpus, memory, disk = size
        self.resources.claim(vcpus=vcpus, mem=memory, disk=disk)
        self.instances[uuid] = fake.FakeInstance(name, power_state.RUNNING, uuid)

    def _misbehave(self, instance):
        wish = instance.metadata.get('lab_boot')
        if wish == 'error':
            raise exception.NovaException('lab_boot=error')
        while wish == 'hang':
            time.sleep(0.5)
            instance.refresh()
            if instance.task_state == task_states.DELETING or instance.vm_state == vm_states.DELETED:
                raise exception.InstanceNotFound(instance_id=instance.uuid)
