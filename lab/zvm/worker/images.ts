import type { OpenstackSession } from '../../openstack/openstack-session.ts';

/** An image of a z/VM disk: 36 bytes say how large the disk is, then comes what is on it. Nobody boots it here. */
function diskImage(content: string): Uint8Array {
  const header = `xCAT CKD Disk Image:${'1000'.padStart(12)} CYL`;
  return Buffer.concat([Buffer.from(header + content), Buffer.alloc(64 * 1024)]);
}

/** Uploads an image as the driver takes one: the property says which Linux is on it. */
export async function addImage(admin: OpenstackSession, name: string): Promise<string> {
  const image = {
    name,
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'public',
    os_distro: 'rhel7.2',
  };
  const { id } = await admin.ask<{ id: string }>('image', 'POST /v2/images', { body: image });
  await admin.ask('image', `PUT /v2/images/${id}/file`, { body: diskImage(name) });
  return id;
}
