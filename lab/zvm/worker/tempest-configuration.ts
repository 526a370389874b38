import type { OpenstackAddress } from '../../openstack/start-openstack.ts';
import type { Sections } from '../../openstack/place.ts';

/** tempest.conf for a cloud on z/VM; what the driver cannot do is off (nova's support matrix). */
export function tempestConfiguration(
  cloud: OpenstackAddress,
  images: readonly [string, string],
  folder: string,
): string {
  const { authUrl, flavors, networks, region, users } = cloud;
  const [image, other] = images;
  const sections: Sections = {
    DEFAULT: { log_dir: folder, log_file: 'tempest.log' },
    oslo_concurrency: { lock_path: `${folder}/locks` },
    auth: {
      admin_username: users.admin.user,
      admin_password: users.admin.password,
      admin_project_name: users.admin.project,
      admin_domain_name: 'Default',
      // All projects share the network `lan`.
      create_isolated_networks: false,
    },
    identity: { uri_v3: authUrl, auth_version: 'v3', region },
    'identity-feature-enabled': { api_v2: false },
    service_available: { cinder: false, glance: true, neutron: true, nova: true, swift: false },
    network: { public_network_id: networks.public.id },
    compute: {
      image_ref: image,
      image_ref_alt: other,
      flavor_ref: flavors.tiny.id,
      flavor_ref_alt: flavors.small.id,
      fixed_network_name: networks.lan.name,
      build_timeout: 200,
    },
    'compute-feature-enabled': Object.fromEntries(impossible.map((feature) => [feature, false])),
    // No Linux runs in the guests of the lab's z/VM.
    validation: { run_validation: false },
  };
  return Object.entries(sections)
    .map(([name, values]) => `[${name}]\n${lines(values)}`)
    .join('\n');
}

const impossible = [
  'attach_encrypted_volume',
  'change_password',
  'cold_migration',
  'interface_attach',
  'live_migration',
  'personality',
  'rescue',
  'resize',
  'shelve',
  'snapshot',
  'suspend',
  'swap_volume',
  'vnc_console',
];

function lines(values: Sections[string]): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${String(value)}\n`)
    .join('');
}
