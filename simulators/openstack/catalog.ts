import { createHash } from 'node:crypto';

const services = [
  { type: 'identity', name: 'keystone', path: '/identity/v3' },
  { type: 'compute', name: 'nova', path: '/compute/v2.1' },
  { type: 'network', name: 'neutron', path: '/network' },
  { type: 'image', name: 'glance', path: '/image' },
];

/** Every service behind one port, told apart by its path. */
export function createCatalog(origin: string): readonly object[] {
  return services.map(({ type, name, path }) => ({
    endpoints: ['admin', 'public', 'internal'].map((endpoint) => ({
      id: stableId(`${type} ${endpoint}`),
      interface: endpoint,
      region_id: 'RegionOne',
      url: `${origin}${path}`,
      region: 'RegionOne',
    })),
    id: stableId(type),
    type,
    name,
  }));
}

function stableId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
