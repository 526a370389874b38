import { novaError } from './errors.ts';
import { asText } from './http.ts';
import { freePorts } from './neutron-quota.ts';
import type { NovaCall } from './nova-context.ts';
import type { Image, Network, WantedInterface, WantedVolume } from './world.ts';
import { canSee } from './world.ts';

interface WantedDisk {
  readonly image: Image | undefined;
  readonly wantedVolume: WantedVolume | undefined;
}

/** What POST /servers wants to boot from: an image, or the volume with boot index 0. */
export function askedDisk(call: NovaCall, asked: Record<string, unknown>): WantedDisk {
  const mapping = asked['block_device_mapping_v2'];
  if (mapping === undefined) return { image: askedImage(call, asked['imageRef']), wantedVolume: undefined };
  const devices = Array.isArray(mapping) ? (mapping as Record<string, unknown>[]) : [];
  const root = devices.find((device) => device['boot_index'] === 0 || device['boot_index'] === '0');
  if (!root || devices.length > 1) {
    throw novaError(
      400,
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
    );
  }
  if (root['source_type'] === 'image' && root['destination_type'] === 'local') {
    return { image: askedImage(call, root['uuid']), wantedVolume: undefined };
  }
  return { image: undefined, wantedVolume: askedVolume(call, root) };
}

function askedVolume(call: NovaCall, device: Record<string, unknown>): WantedVolume {
  const deleteOnTermination = device['delete_on_termination'] === true || device['delete_on_termination'] === 'true';
  const id = asText(device['uuid']);
  if (device['source_type'] === 'image') {
    const size = Number(device['volume_size']);
    if (size > 0) return { source: { image: askedImage(call, id), size }, deleteOnTermination };
    throw novaError(
      400,
      "Block Device Mapping is Invalid: Images with destination_type 'volume' need to have a non-zero size specified",
    );
  }
  if (device['source_type'] !== 'volume') {
    throw novaError(
      400,
      `Block Device Mapping is Invalid: source_type ${asText(device['source_type'])} is not simulated`,
    );
  }
  const volume = call.nova.world.volumes.get(id);
  if (!volume || volume.projectId !== call.token.project.id) {
    throw novaError(400, `Block Device Mapping is Invalid: failed to get volume ${id}.`);
  }
  if (!volume.image) throw novaError(400, `Block Device ${id} is not bootable.`);
  if (volume.status === 'available') return { source: { volumeId: id }, deleteOnTermination };
  const status = `status must be available or downloading to reserve, but the current status is ${volume.status}`;
  throw novaError(400, `Invalid volume: Volume ${id} ${status}.`);
}

/** Nobody else gets it from now on. */
export function reserveVolume(call: NovaCall, wanted: WantedVolume | undefined): void {
  if (!wanted || !('volumeId' in wanted.source)) return;
  const volume = call.nova.world.volumes.get(wanted.source.volumeId);
  if (volume) volume.status = 'reserved';
}

function askedImage(call: NovaCall, asked: unknown): Image {
  const image = call.nova.world.images.get(asText(asked));
  const visible = image && (image.visibility === 'public' || image.owner === call.token.project.id);
  if (!visible) throw novaError(400, 'Can not find requested image');
  if (image.status !== 'active') throw novaError(400, `Image ${image.id} is not active.`);
  return image;
}

/** A new port for each network, or the ports that are named. */
export function askedInterfaces(call: NovaCall, asked: unknown): readonly WantedInterface[] {
  const wanted = wantedInterfaces(call, asked);
  const made = wanted.filter(({ portId }) => portId === undefined).length;
  if (made <= freePorts(call.nova.world, call.token.project.id)) return wanted;
  throw novaError(403, 'Maximum number of ports exceeded');
}

function wantedInterfaces(call: NovaCall, asked: unknown): readonly WantedInterface[] {
  if (asked === 'none') return [];
  const projectId = call.token.project.id;
  const visible = call.nova.world.networks.filter((network) => canSee(network, projectId));
  if (!Array.isArray(asked)) {
    const usable = visible.filter(({ external }) => !external);
    if (usable.length === 1) return usable.map((network) => ({ network, portId: undefined }));
    throw novaError(409, 'Multiple possible networks found, use a Network ID to be more specific.');
  }
  return asked.map((entry: unknown) => {
    const { uuid, port } = entry as { uuid?: unknown; port?: unknown };
    return port === undefined
      ? { network: askedNetwork(visible, uuid, projectId), portId: undefined }
      : askedPort(call, asText(port));
  });
}

function askedNetwork(visible: readonly Network[], id: unknown, projectId: string): Network {
  const network = visible.find((entry) => entry.id === id);
  if (!network) throw novaError(400, `Network ${asText(id)} could not be found.`);
  if (!network.external || network.projectId === projectId) return network;
  throw novaError(403, `It is not allowed to create an interface on external network ${network.id}`);
}

function askedPort(call: NovaCall, id: string): WantedInterface {
  const port = call.nova.world.ports.get(id);
  if (!port || port.projectId !== call.token.project.id) throw novaError(400, `Port id ${id} could not be found.`);
  if (port.deviceId !== '') throw novaError(409, `Port ${id} is still in use.`);
  return { network: port.network, portId: id };
}
