import type { Environment } from './context.ts';

/** Set by test runners; openstacksdk passes over them. */
const strangers = /^OS_(?:TEST|STD|LOG)/;
/** These choose a cloud or a file; they do not describe a cloud. */
const selectors = ['OS_CLOUD', 'OS_REGION_NAME', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE', 'OS_CLOUD_NAME'];

export interface EnvironmentCloud {
  readonly name: string;
  readonly entry: Readonly<Record<string, string>>;
}

/** The cloud the variables `OS_…` describe, as an rc file sets them. Its name is `envvars`, or OS_CLOUD_NAME. */
export function environmentCloud(env: Environment): EnvironmentCloud | undefined {
  const variables = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[0].startsWith('OS_') && !strangers.test(pair[0]) && pair[1] !== undefined,
  );
  if (variables.every(([key]) => selectors.includes(key))) return undefined;
  const described = variables.filter(([key]) => key !== 'OS_CLOUD' && key !== 'OS_CLOUD_NAME');
  const entry = Object.fromEntries(described.map(([key, value]) => [key.slice(3).toLowerCase(), value]));
  return { name: env['OS_CLOUD_NAME'] || 'envvars', entry };
}
