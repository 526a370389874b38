import { createHash } from 'node:crypto';

/** Where a region's services are: the first region's paths have no prefix of their own. */
export interface RegionPaths {
  readonly name: string;
  /** Empty, or `/region-two`. */
  readonly prefix: string;
}

const services = [
  { type: 'compute', name: 'nova', path: '/compute/v2.1' },
  { type: 'network', name: 'neutron', path: '/network' },
  { type: 'block-storage', name: 'cinder', path: '/volume/v3/PROJECT' },
  { type: 'image', name: 'glance', path: '/image' },
];

/** Every service behind one port, told apart by its path; Keystone is the same for all regions. */
export function createCatalog(origin: string, regions: readonly RegionPaths[], projectId: string): readonly object[] {
  const entry = (type: string, name: string, urlIn: (region: RegionPaths) => string) => ({
    endpoints: regions.flatMap((region) =>
      ['admin', 'public', 'internal'].map((endpoint) => ({
        id: stableId(`${region.name} ${type} ${endpoint}`),
        interface: endpoint,
        region_id: region.name,
        url: urlIn(region),
        region: region.name,
      })),
    ),
    id: stableId(type),
    type,
    name,
  });
  return [
    entry('identity', 'keystone', () => `${origin}/identity/v3`),
    ...services.map(({ type, name, path }) =>
      entry(type, name, ({ prefix }) => `${origin}${prefix}${path.replace('PROJECT', projectId)}`),
    ),
  ];
}

function stableId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
