/**
 * Feilong's releases that were looked at: Debian's 1.4.1 and PyPI's 1.6.3 ran over a stand-in for the mainframe and were recorded,
 * `development` (1.6.7, commit a63e6775) was only read.
 */
export const releases = ['1.4.1', '1.6.3', 'development'] as const;

export type Release = (typeof releases)[number];

interface ReleaseFacts {
  /** Of `GET /`; the package of 1.4.1 says 1.4.0. */
  readonly version: string;
  /** Name of the layer below, in error texts. */
  readonly layer: 'SMUT' | 'SMT';
  /** `/host/guests`, `/power_state_real`, `/user_direct`, `/adapters`, `deregister_vm`. */
  readonly looksAtHost: boolean;
  readonly healthPaths: readonly string[];
  /** A hard reboot and a console end in an error of Python 3. */
  readonly mixesBytesAndText: boolean;
  /** Of a query for a disk pool; earlier ones refuse it. */
  readonly knowsDetails: boolean;
}

const facts: Readonly<Record<Release, ReleaseFacts>> = {
  '1.4.1': {
    version: '1.4.0',
    layer: 'SMUT',
    looksAtHost: false,
    healthPaths: [],
    mixesBytesAndText: true,
    knowsDetails: false,
  },
  '1.6.3': {
    version: '1.6.3',
    layer: 'SMT',
    looksAtHost: true,
    healthPaths: ['/smapi-healthy'],
    mixesBytesAndText: false,
    knowsDetails: false,
  },
  development: {
    version: '1.6.7',
    layer: 'SMT',
    looksAtHost: true,
    healthPaths: ['/smapi-healthy', '/smapi_health'],
    mixesBytesAndText: false,
    knowsDetails: true,
  },
};

export function factsOf(release: Release): ReleaseFacts {
  return facts[release];
}
