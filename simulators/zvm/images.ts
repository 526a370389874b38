import type { Call } from './call.ts';
import { takeScpFault } from './deploy.ts';
import { imageFailure, noSuchImage, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schemas.ts';
import type { Image } from './system.ts';
import { validate } from './validate.ts';

/** Real images have their own; nobody looks at these. */
const md5sum = '65dbb1aa8b6f2e1d8d3ff4e5c7d9ab10';

export function listImages(call: Call): Reply {
  const { images } = call.room.system;
  const wanted = call.query.get('imagename');
  if (wanted === null) return ok([...images.values()].map((image) => describe(call, image)));
  const image = images.get(wanted);
  return image ? ok([describe(call, image)]) : noSuchImage(wanted);
}

/** Real Feilong copies the file from `remote_host` here; the simulator only keeps the record. */
export function createImage(call: Call): Reply {
  validate(schemas.createImage, call.body);
  const { images } = call.room.system;
  const { image } = call.body as { image: { image_name: string; url: string; image_meta: { os_version: string } } };
  const name = image.image_name;
  if (images.has(name))
    return imageFailure(409, 13, `Image import error: image name ${name} already exist in image database`);
  if (takeScpFault(call, 'image')) {
    const cause = `scp: ${new URL(image.url).pathname}: No such file or directory\n`;
    return imageFailure(
      500,
      10,
      `Image import error: Copying image file from remote filesystem failed with error ${cause}`,
    );
  }
  images.set(name, { name, osVersion: image.image_meta.os_version, client: call.client, usedAt: Date.now() });
  return ok('');
}

/** One that is not there is gone already. */
export function deleteImage(call: Call): Reply {
  call.room.system.images.delete(call.parameters['name']!);
  return ok('');
}

/** Cylinders. */
export function rootDiskSize(call: Call): Reply {
  const name = call.parameters['name']!;
  return call.room.system.images.has(name) ? ok('1457') : noSuchImage(name);
}

/** nova takes a snapshot so: capture, export to itself, delete. */
export function exportImage(call: Call): Reply {
  validate(schemas.exportImage, call.body);
  const name = call.parameters['name']!;
  const { location } = call.body as { location: { dest_url: string } };
  const image = call.room.system.images.get(name);
  if (image === undefined) return noSuchImage(name);
  if (takeScpFault(call, 'export')) {
    const cause = `scp: ${new URL(location.dest_url).pathname}: No such file or directory\n`;
    return imageFailure(500, 21, `Image Export error: Failed to copy image file to remote host with reason: ${cause}`);
  }
  const comments = call.room.release === '1.4.1' ? {} : { comments: null };
  return ok({ image_name: name, image_path: location.dest_url, os_version: image.osVersion, md5sum, ...comments });
}

function describe(call: Call, image: Image): Record<string, unknown> {
  return {
    imagename: image.name,
    imageosdistro: image.osVersion,
    md5sum,
    disk_size_units: '1457:CYL',
    image_size_in_bytes: '36',
    type: 'rootonly',
    comments: null,
    ...(call.room.release === '1.4.1' ? {} : { last_access_time: image.usedAt / 1000 }),
  };
}
