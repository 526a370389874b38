import { cinderError } from './errors.ts';
import { asText } from './http.ts';
import { bodyOf } from './cinder-context.ts';
import type { CinderCall } from './cinder-context.ts';
import { volumeQuotaProblem } from './cinder-quota.ts';
import { volumeType } from './volumes.ts';
import type { NewVolume } from './volumes.ts';
import type { Image, World } from './world.ts';

type Asked = Record<string, unknown>;

/** What POST /volumes asks for: everything Cinder checks before it says 202. */
export function askedVolume(call: CinderCall): NewVolume {
  const { cinder, token } = call;
  const asked = bodyOf(call, 'volume');
  const size = askedSize(asked);
  const wanted = {
    name: asText(asked['name'] ?? ''),
    description: typeof asked['description'] === 'string' ? asked['description'] : null,
    projectId: token.project.id,
    userId: token.user.id,
    size,
    type: askedType(asked),
    zone: askedZone(cinder.world, asked),
    image: askedImage(cinder.world, asked),
    metadata: textsOf(asked['metadata']),
  };
  const problem = volumeQuotaProblem(cinder.world, token.project.id, size);
  if (problem !== undefined) throw cinderError(413, problem);
  return wanted;
}

function askedSize(asked: Asked): number {
  const size = Number(asked['size']);
  if (Number.isInteger(size) && size > 0) return size;
  const what = `Invalid input for field/attribute size. Value: ${asText(asked['size'])}.`;
  throw cinderError(400, `${what} It is not an integer greater than 0`);
}

function askedImage(world: World, asked: Asked): Image | undefined {
  const id = asked['imageRef'] ?? undefined;
  if (id === undefined) return undefined;
  const image = world.images.get(asText(id));
  if (image) return image;
  throw cinderError(400, 'Invalid image identifier or unable to access requested image.');
}

function askedZone(world: World, asked: Asked): string {
  const zone = asText(asked['availability_zone'] ?? 'nova');
  if (world.zones.includes(zone)) return zone;
  throw cinderError(400, `Availability zone '${zone}' is invalid.`);
}

function askedType(asked: Asked): string | undefined {
  const type = asked['volume_type'] ?? undefined;
  if (type === undefined || type === volumeType) return type;
  throw cinderError(404, `Volume type with name ${asText(type)} could not be found.`);
}

export function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, asText(item)]));
}
