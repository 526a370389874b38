import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { CloudServer } from '../../ports/cloud.ts';
import { markOfMetadata } from './marks.ts';

const addressSchema = z.object({ addr: z.string(), 'OS-EXT-IPS:type': z.string().optional() });

export const novaServerSchema = z.object({
  id: z.string().min(1).max(100),
  name: z.string(),
  status: z.string(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  addresses: z.record(z.string(), z.array(addressSchema)),
  /** Empty text: it boots from a volume. */
  image: z.union([z.literal(''), z.object({ id: z.string() })]).nullish(),
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
    imageId: server.image ? server.image.id : undefined,
    hostKeys: [],
    mark: markOfMetadata(server.metadata),
  };
}

/** Floating before fixed: a server that has a floating address is reached by it. IPv6 where there is nothing else. */
function addressOf({ addresses }: NovaServer): string | undefined {
  const all = Object.values(addresses).flat();
  const usable = all.filter(({ addr }) => isIPv4(addr));
  const floating = usable.find((entry) => entry['OS-EXT-IPS:type'] === 'floating');
  return (floating ?? usable[0] ?? all.find(({ addr }) => isRoutable(addr)))?.addr;
}

/** A link-local address means nothing without the link. */
function isRoutable(address: string): boolean {
  return isIPv6(address) && !/^fe[89ab]/iu.test(address);
}

/** Nova has been told to delete it, or keeps it only for a while after. */
export function isGoing(server: NovaServer): boolean {
  return (
    server['OS-EXT-STS:task_state'] === 'deleting' || server.status === 'DELETED' || server.status === 'SOFT_DELETED'
  );
}
