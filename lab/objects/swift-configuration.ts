import { join } from 'node:path';
import { password } from '../openstack/configuration.ts';
import { authUrlOf } from '../openstack/provision.ts';
import type { Place } from '../openstack/place.ts';
import type { SwiftPorts } from './start-swift.ts';

/** The S3 server's account: Swift's own `tempauth` knows it. */
export const s3Account = { accessKey: 'lab:ci', secretKey: 'lab-s3-secret' } as const;

export type Server = 'account' | 'container' | 'object' | 'proxy' | 's3';

/** Contents of the servers' configuration, by file name below `folder`. */
export function configurations(place: Place, folder: string, ports: SwiftPorts): Readonly<Record<string, string>> {
  const storage = (name: 'account' | 'container' | 'object') => [
    `${name}.conf`,
    `${common(folder, ports[name])}devices = ${join(folder, 'nodes')}\nmount_check = false\n
[pipeline:main]\npipeline = ${name}-server\n
[app:${name}-server]\nuse = egg:swift#${name}\n`,
  ];
  return Object.fromEntries([
    ['swift.conf', '[swift-hash]\nswift_hash_path_suffix = lab\nswift_hash_path_prefix = lab\n'],
    ...(['account', 'container', 'object'] as const).map(storage),
    ['proxy.conf', `${common(folder, ports.proxy)}${keystonePipeline(place)}${proxyApp}`],
    ['s3.conf', `${common(folder, ports.s3)}${s3Pipeline()}${proxyApp}`],
  ]) as Record<string, string>;
}

function common(folder: string, port: number): string {
  return `[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = ${port}\nworkers = 0\nuser = root\nswift_dir = ${folder}\nlog_name = swift\n`;
}

const proxyApp = `
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
`;

/** As a cloud has it: whoever Keystone knows may use the account of his project. */
function keystonePipeline(place: Place): string {
  return `
[pipeline:main]
pipeline = catch_errors cache authtoken keystoneauth proxy-server

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = ${authUrlOf(place)}
auth_url = ${authUrlOf(place)}
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = services
password = ${password}
delay_auth_decision = false

[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
`;
}

/** Swift as an S3 server, which checks signatures of version 4. */
function s3Pipeline(): string {
  const [account, user] = s3Account.accessKey.split(':');
  return `
[pipeline:main]
pipeline = catch_errors cache s3api tempauth proxy-server

[filter:s3api]
use = egg:swift#s3api
location = us-east-1

[filter:tempauth]
use = egg:swift#tempauth
user_${account}_${user} = ${s3Account.secretKey} .admin
`;
}
