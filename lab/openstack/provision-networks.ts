import { addressesOf } from './bridge.ts';
import type { OpenstackSession } from './openstack-session.ts';

interface Identified {
  readonly id: string;
}

/** Names and ids. */
export interface LabNetworks {
  readonly lan: { readonly name: string; readonly id: string };
  readonly public: { readonly name: string; readonly id: string };
}

/** A network the host reaches servers in, and one for floating addresses, which carry no traffic. */
export async function provisionNetworks(admin: OpenstackSession, bridge: string | undefined): Promise<LabNetworks> {
  const addresses = addressesOf(bridge);
  const lan = await addNetwork(admin, 'lan', addresses.lan);
  const external = await addNetwork(admin, 'public', addresses.public);
  // Without a router between them no floating address could be given to a server.
  const { router } = await admin.ask<{ router: Identified }>('network', 'POST /v2.0/routers', {
    body: { router: { name: 'lab-router', external_gateway_info: { network_id: external.id } } },
  });
  const { port } = await admin.ask<{ port: Identified }>('network', 'POST /v2.0/ports', {
    // .1 is this host.
    body: { port: { name: 'lab-router', network_id: lan.id, fixed_ips: [{ ip_address: `${addresses.lan}.2` }] } },
  });
  await admin.ask('network', `PUT /v2.0/routers/${router.id}/add_router_interface`, { body: { port_id: port.id } });
  return { lan, public: external };
}

async function addNetwork(admin: OpenstackSession, name: 'lan' | 'public', prefix: string) {
  const { network } = await admin.ask<{ network: Identified }>('network', 'POST /v2.0/networks', {
    body: {
      network: {
        name,
        shared: name === 'lan',
        'router:external': name === 'public',
        'provider:network_type': 'flat',
        'provider:physical_network': name,
      },
    },
  });
  await admin.ask('network', 'POST /v2.0/subnets', {
    body: {
      subnet: {
        name: `${name}-v4`,
        network_id: network.id,
        ip_version: 4,
        cidr: `${prefix}.0/24`,
        gateway_ip: `${prefix}.1`,
        enable_dhcp: false,
        allocation_pools: [{ start: `${prefix}.10`, end: `${prefix}.250` }],
      },
    },
  });
  return { name, id: network.id };
}
