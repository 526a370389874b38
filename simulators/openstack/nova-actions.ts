import { randomUUID } from 'node:crypto';
import { novaError, pythonText } from './errors.ts';
import { asText } from './http.ts';
import type { Answer } from './http.ts';
import { pathServer } from './nova-context.ts';
import type { NovaCall } from './nova-context.ts';
import type { Image, SimulatedServer } from './world.ts';
import { imageOf, timestamp } from './world.ts';

/** Measured: deleting again while it is being deleted is 204, afterwards 404. */
export function deleteServer(call: NovaCall): Answer {
  void call.nova.compute.destroy(pathServer(call));
  return { status: 204 };
}

export async function actOnServer(call: NovaCall): Promise<Answer> {
  const server = pathServer(call);
  const [action = '', argument] = Object.entries((call.json ?? {}) as Record<string, unknown>)[0] ?? [];
  switch (action) {
    case 'os-getConsoleOutput':
      return showConsole(server, argument);
    case 'os-stop':
      checkState(server, 'stop', 'active');
      void call.nova.compute.stop(server);
      return { status: 202 };
    case 'os-start':
      checkState(server, 'start', 'stopped');
      void call.nova.compute.start(server);
      return { status: 202 };
    case 'reboot':
      checkState(server, 'reboot', 'active');
      void call.nova.compute.reboot(server);
      return { status: 202 };
    case 'forceDelete':
      void call.nova.compute.destroy(server, true);
      return { status: 202 };
    case 'createImage':
      return createImage(call, server, argument);
    default:
      throw novaError(400, `There is no such action: ${action}`);
  }
}

function checkState(server: SimulatedServer, action: string, wanted: SimulatedServer['vmState']): void {
  const what = `Cannot '${action}' instance ${server.id} while it is in`;
  if (server.vmState !== wanted) throw novaError(409, `${what} vm_state ${server.vmState}`);
  if (server.taskState !== undefined) throw novaError(409, `${what} task_state ${server.taskState}`);
}

async function showConsole(server: SimulatedServer, argument: unknown): Promise<Answer> {
  if (!server.machine || server.launchedAt === undefined) throw novaError(409, `Instance ${server.id} is not ready`);
  const text = await server.machine.console();
  const length = (argument as { length?: unknown } | null)?.length ?? undefined;
  const output =
    length === undefined
      ? text
      : text
          .split('\n')
          .slice(-Number(length) - 1)
          .join('\n');
  return { status: 200, body: { output } };
}

/** Measured nowhere: as Nova's documentation and source say. */
function createImage(call: NovaCall, server: SimulatedServer, argument: unknown): Answer {
  const { name, metadata } = (argument ?? {}) as { name?: unknown; metadata?: Record<string, unknown> };
  if (typeof name !== 'string' || name === '' || name.length > 255) {
    const shown = pythonText(name);
    throw novaError(400, `Invalid input for field/attribute name. Value: ${shown}. ${shown} is not of type 'string'`);
  }
  if (server.vmState !== 'stopped') checkState(server, 'createImage', 'active');
  else checkState(server, 'createImage', 'stopped');
  const image = snapshotImage(call, server, { name, metadata: metadata ?? {} });
  call.nova.world.images.set(image.id, image);
  void call.nova.compute.snapshot(server, image);
  if (call.version >= 45) return { status: 202, body: { image_id: image.id } };
  return { status: 202, headers: { Location: `${call.origin}${call.nova.prefix}/image/images/${image.id}` } };
}

function snapshotImage(
  { token }: NovaCall,
  server: SimulatedServer,
  asked: { name: string; metadata: Record<string, unknown> },
): Image {
  const base = imageOf(server);
  const createdAt = timestamp();
  const given = Object.entries(asked.metadata).map(([key, value]) => [key, asText(value)] as const);
  return {
    id: randomUUID(),
    name: asked.name,
    status: 'queued',
    visibility: 'private',
    owner: server.projectId,
    createdAt,
    updatedAt: createdAt,
    protected: false,
    properties: {
      ...base?.properties,
      ...Object.fromEntries(given),
      base_image_ref: base?.id ?? '',
      image_type: 'snapshot',
      instance_uuid: server.id,
      user_id: token.user.id,
      owner_id: server.projectId,
      owner_project_name: token.project.name,
      owner_user_name: token.user.name,
      image_location: 'snapshot',
      image_state: 'available',
      boot_roles: token.roles.map(({ name }) => name).join(','),
    },
    content: undefined,
    files: undefined,
  };
}
