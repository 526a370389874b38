import { createAddressPool } from './addresses.ts';
import { Compute } from './compute.ts';
import type { Faults } from './faults.ts';
import type { OpenstackSimulatorOptions } from './options.ts';
import { Ports } from './ports.ts';
import type { Reaper } from './reaper.ts';
import { seedRegion } from './seed.ts';
import { Volumes } from './volumes.ts';
import type { World } from './world.ts';

/** A region with all that lives in it. */
export interface Region {
  readonly name: string;
  /** First part of its services' paths; empty in the first region. */
  readonly prefix: string;
  readonly world: World;
  readonly compute: Compute;
  readonly ports: Ports;
  readonly volumes: Volumes;
}

export interface RegionOptions {
  readonly name: string;
  readonly index: number;
  readonly options: OpenstackSimulatorOptions;
  readonly faults: Faults;
  readonly reaper: Reaper;
  readonly random: () => number;
  readonly directories: { readonly servers: string; readonly images: string };
  readonly sshPort: number;
  readonly closing: AbortSignal;
}

export function createRegion(region: RegionOptions): Region {
  const { name, index, options, faults, closing } = region;
  const bootDelay = options.bootDelay ?? 200;
  const world = seedRegion(name, index, {
    quota: options.quota ?? {},
    networkQuota: options.networkQuota ?? {},
    volumeQuota: options.volumeQuota ?? {},
    imageUser: options.imageUser ?? 'zuul',
  });
  const ports = new Ports(world, createAddressPool());
  const volumes = new Volumes({ world, faults, delay: bootDelay / 2, closing });
  const compute = new Compute({
    world,
    faults,
    ports,
    volumes,
    reaper: region.reaper,
    directory: region.directories.servers,
    imageDirectory: region.directories.images,
    sshPort: region.sshPort,
    bootDelay,
    sshServers: options.sshServers ?? true,
    random: region.random,
    closing,
  });
  return { name, prefix: index === 0 ? '' : '/region-two', world, compute, ports, volumes };
}
