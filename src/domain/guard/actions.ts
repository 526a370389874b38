import type { Effects, RouteCall } from './decision.ts';
import { object, oneOf, orNull, wholeNumber } from './shapes.ts';
import type { Shape } from './shapes.ts';
import { filePath, flag, hostname, imageName, vdev, workerHost } from './values.ts';

const waiting = { timeout: wholeNumber(0, 3600), poll_interval: wholeNumber(0, 3600) };

/** Feilong looks the action up among all attributes of an object: only these names may reach it. */
const bodies = {
  start: object({}, waiting),
  stop: object({}, waiting),
  softstop: object({}, waiting),
  pause: object({}, {}),
  unpause: object({}, {}),
  reboot: object({}, {}),
  reset: object({}, {}),
  get_console_output: object({}, {}),
  deploy: object(
    { image: imageName },
    {
      transportfiles: orNull(filePath),
      remotehost: workerHost,
      vdev: orNull(vdev),
      hostname: orNull(hostname),
      skipdiskcopy: flag,
    },
  ),
  capture: object(
    { image: imageName },
    { capture_type: oneOf('rootonly', 'alldisks'), compress_level: wholeNumber(0, 9) },
  ),
} satisfies Readonly<Record<string, Shape<object>>>;

type ActionName = keyof typeof bodies;

export interface ActionBody {
  readonly action: ActionName;
  readonly image?: string;
  readonly transportfiles?: string | null;
  readonly remotehost?: string;
}

export const actionBody: Shape<ActionBody> = (value, scope) => {
  if (typeof value !== 'object' || value === null || !('action' in value)) return { wrong: 'has no action' };
  const { action, ...rest } = value;
  if (typeof action !== 'string' || !Object.hasOwn(bodies, action)) return { wrong: 'action: is none a worker needs' };
  const read = bodies[action as ActionName](rest, scope);
  return 'wrong' in read ? read : { ok: { action: action as ActionName, ...read.ok } };
};

/** A file to fetch without a host to fetch it from would be one of Feilong's own. */
export function actionEffects({ body }: RouteCall<ActionBody>): Effects | string {
  const { action, image } = body;
  if (action === 'deploy') {
    if (body.transportfiles && body.remotehost === undefined) return 'The body has transportfiles without remotehost.';
    return { action, changes: true, isDeploy: true, needsImage: image };
  }
  if (action === 'capture') return { action, changes: true, isDeploy: true, makesImage: image };
  return { action, changes: action !== 'get_console_output' };
}
