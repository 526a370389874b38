import type { Call } from './call.ts';
import { failure, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { schemas } from './schema.ts';
import type { Image } from './system.ts';
import { validate } from './validate.ts';

export function listImages(call: Call): Reply {
  const { images } = call.room.system;
  const wanted = call.query.get('imagename');
  if (wanted === null) return ok([...images.values()].map(describe));
  const image = images.get(wanted);
  return image ? ok([describe(image)]) : noSuchImage(404, wanted);
}

/** Real Feilong copies the file from `remote_host` here; the simulator only keeps the record. */
export function createImage(call: Call): Reply {
  validate(schemas.image, call.body);
  const { images } = call.room.system;
  const { image } = call.body as { image: { image_name: string; image_meta: { os_version: string } } };
  const name = image.image_name;
  if (images.has(name)) {
    const text = `Image import error: image name ${name} already exist in image database`;
    return failure(409, { overallRC: 300, modID: 40, rc: 300, rs: 13 }, text);
  }
  images.set(name, { name, osVersion: image.image_meta.os_version });
  return ok('');
}

export function deleteImage(call: Call): Reply {
  call.room.system.images.delete(call.parameters['name']!);
  return ok('');
}

export function rootDiskSize(call: Call): Reply {
  const name = call.parameters['name']!;
  return call.room.system.images.has(name) ? ok('1457:CYL') : noSuchImage(500, name);
}

function noSuchImage(status: number, name: string): Reply {
  return failure(status, { overallRC: 300, modID: 40, rc: 300, rs: 20 }, `The image record of ${name} does not exist`);
}

function describe(image: Image): Record<string, unknown> {
  return {
    imagename: image.name,
    imageosdistro: image.osVersion,
    md5sum: '65dbb1aa8b6f2e1d8d3ff4e5c7d9ab10',
    disk_size_units: '1457:CYL',
    image_size_in_bytes: '36',
    type: 'rootonly',
    comments: null,
  };
}
