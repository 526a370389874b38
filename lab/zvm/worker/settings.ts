import { networkInterfaces } from 'node:os';
import type { NovaDriver } from '../../openstack/place.ts';

/** Longest userid of z/VM. */
const USERID = 8;

/** Nova on z/VM, as the build's environment says (docs/configure.md). */
export function zvmDriver(root: string, environment: NodeJS.ProcessEnv): NovaDriver {
  return {
    driver: 'zvm.driver.ZVMDriver',
    settings: {
      DEFAULT: {
        // Feilong copies images and config drives from there, as the user that nova-compute runs as.
        my_ip: ownAddress(),
        // Every process makes the name from its own: it must stand in the file they all read.
        instance_name_template:
          environment['SIDEGATE_INSTANCE_NAME_TEMPLATE'] ?? templateOf(asked(environment, 'PREFIX')),
        // Without a config drive Feilong refuses to deploy.
        force_config_drive: true,
        mkisofs_cmd: 'genisoimage',
      },
      zvm: {
        cloud_connector_url: asked(environment, 'FEILONG_URL'),
        image_tmp_path: `${root}/nova/zvm-images`,
        reachable_timeout: 60,
        ...(environment['GUARD_CERTIFICATE'] !== undefined && { ca_file: certificateFile(root) }),
      },
    },
  };
}

/** Beside the cloud's own folder, which is emptied when the cloud starts. */
export function certificateFile(root: string): string {
  return `${root}-guard.pem`;
}

function templateOf(prefix: string): string {
  return `${prefix}%0${USERID - prefix.length}x`;
}

function asked(environment: NodeJS.ProcessEnv, name: 'PREFIX' | 'FEILONG_URL'): string {
  const value = environment[`SIDEGATE_${name}`];
  if (!value) throw new Error(`SIDEGATE_${name} is not set: this job needs a z/VM back end`);
  return value;
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const address = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  if (address === undefined) throw new Error('this test server has no IPv4 address');
  return address;
}
