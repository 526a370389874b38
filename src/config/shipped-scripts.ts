import { fileURLToPath } from 'node:url';

const prefix = 'sidegate:';
const folder = fileURLToPath(new URL('../../jobs/', import.meta.url));

/** `sidegate:zvm-devstack-tempest/stack.sh`: a script that comes with sidegate. Undefined: the path is the operator's own. */
export function shippedScript(path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const name = path.slice(prefix.length);
  return /^[\w-]+\/[\w-]+\.sh$/.test(name) ? folder + name : `${folder}nothing`;
}
