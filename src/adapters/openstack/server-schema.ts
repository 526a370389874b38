import { isIPv4 } from 'node:net';
import { z } from 'zod';
import type { CloudServer, ServerMark } from '../../ports/cloud.ts';

const addressSchema = z.object({ addr: z.string(), 'OS-EXT-IPS:type': z.string().optional() });

export const novaServerSchema = z.object({
  id: z.string().min(1).max(100),
  name: z.string(),
  status: z.string(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  addresses: z.record(z.string(), z.array(addressSchema)),
  fault: z.object({ message: z.string() }).optional(),
  'OS-EXT-STS:task_state': z.string().nullish(),
});

export type NovaServer = z.infer<typeof novaServerSchema>;

const faultLimit = 1000;

export function toCloudServer(server: NovaServer): CloudServer {
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    address: addressOf(server),
    fault: server.fault?.message.trim().slice(0, faultLimit),
    mark: markOf(server),
  };
}

/** Floating before fixed: a server that has a floating address is reached by it. */
function addressOf({ addresses }: NovaServer): string | undefined {
  const all = Object.values(addresses)
    .flat()
    .filter(({ addr }) => isIPv4(addr));
  const floating = all.find((entry) => entry['OS-EXT-IPS:type'] === 'floating');
  return (floating ?? all[0])?.addr;
}

function markOf({ metadata }: NovaServer): ServerMark | undefined {
  const owner = metadata['sidegate_owner'];
  const server = metadata['sidegate_server'];
  return owner === undefined || server === undefined ? undefined : { owner, server };
}

export function markMetadata(mark: ServerMark): Record<string, string> {
  return { sidegate_owner: mark.owner, sidegate_server: mark.server };
}

export function hasMark(server: NovaServer, mark: ServerMark): boolean {
  const own = markOf(server);
  return own?.owner === mark.owner && own.server === mark.server;
}
