/** A map of YAML. */
export type CloudMap = Readonly<Record<string, unknown>>;

/** What the files and the environment say. */
export interface CloudSources {
  /** Name to entry, with secure.yaml laid over. */
  readonly clouds: CloudMap;
  /** Name to profile, of clouds-public.yaml. */
  readonly publicClouds: CloudMap;
}

export interface ResolvedCloud {
  /** As `cloudSchema` wants it. */
  readonly entry: CloudMap;
  /** Regions there are; empty: whatever the catalog has. */
  readonly regions: readonly string[];
  /** A profile that is named and in no file. */
  readonly unknownProfile: string | undefined;
}

/**
 * One cloud in one region, put together as openstacksdk's `openstack/config/loader.py` does: profile, entry and region laid over one
 * another, old words replaced, and what belongs to the login moved below `auth`.
 */
export function resolveCloud(name: string, region: string | undefined, sources: CloudSources): ResolvedCloud {
  const own = cleaned(sources.clouds[name]);
  const profileName = own['profile'] ?? own['cloud'];
  const profile = typeof profileName === 'string' ? cleaned(sources.publicClouds[profileName]) : {};
  const regions = regionsOf(own) ?? regionsOf(profile) ?? [];
  const chosen = region === undefined ? regions[0] : regions.find((one) => one.name === region);
  const regionName = region ?? chosen?.name;
  const whole = { ...overlaid(overlaid(profile, own), chosen?.values ?? {}), region_name: regionName };
  const unknown = typeof profileName === 'string' && !Object.hasOwn(sources.publicClouds, profileName);
  return {
    entry: withAuth(withoutOldWords(whole)),
    regions: regions.map((one) => one.name),
    unknownProfile: unknown ? profileName : undefined,
  };
}

/** `over` laid on `base`, map by map, as openstacksdk does with secure.yaml. */
export function merged(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isMap(base) || !isMap(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(base[key], over[key])]));
}

export function mapAt(content: unknown, key: string): CloudMap {
  if (!isMap(content) || !Object.hasOwn(content, key)) return {};
  const value = content[key];
  return isMap(value) ? value : {};
}

export function isMap(value: unknown): value is CloudMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys with `_` instead of `-`; nothing that is empty. */
function cleaned(map: unknown): CloudMap {
  if (!isMap(map)) return {};
  const entries = Object.entries(map).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replaceAll('-', '_'), isMap(value) ? cleaned(value) : value]),
  );
}

/** Like Python's `dict.update`, but `auth` is taken over key by key. */
function overlaid(base: CloudMap, over: CloudMap): CloudMap {
  return { ...base, ...over, auth: { ...mapAt(base, 'auth'), ...mapAt(over, 'auth') } };
}

interface Region {
  readonly name: string;
  readonly values: CloudMap;
}

/** `regions`, else `region_name`, which may be a list or several names with commas. */
function regionsOf(cloud: CloudMap): readonly Region[] | undefined {
  const { regions, region_name: names } = cloud as { regions?: unknown; region_name?: unknown };
  const list = regions ?? (['string', 'bigint'].includes(typeof names) ? String(names).split(',') : names);
  if (!Array.isArray(list)) return undefined;
  return list.slice(0, 1000).flatMap((item: unknown) => {
    if (!isMap(item)) return [{ name: String(item), values: {} }];
    return typeof item['name'] === 'string' ? [{ name: item['name'], values: cleaned(item['values']) }] : [];
  });
}

/** Clients of old had a limit of their own each: any of them is the limit of all. */
function withoutOldWords(cloud: CloudMap): CloudMap {
  const limits = Object.keys(cloud).filter(
    (key) => key.endsWith('timeout') && key !== 'timeout' && key !== 'api_timeout',
  );
  const last = limits.at(-1);
  return {
    ...cloud,
    api_timeout: last === undefined ? cloud['api_timeout'] : cloud[last],
    interface: cloud['endpoint_type'] ?? cloud['interface'],
  };
}

/** What the login takes, with the words it may also have, the first one first. Each may stand in `auth` or beside it. */
const authKeys: Readonly<Record<string, readonly string[]>> = {
  auth_url: ['auth_url'],
  username: ['username', 'user_name'],
  user_id: ['user_id'],
  password: ['password'],
  project_id: ['project_id', 'tenant_id'],
  project_name: ['project_name', 'tenant_name'],
  user_domain_id: ['user_domain_id'],
  user_domain_name: ['user_domain_name'],
  project_domain_id: ['project_domain_id'],
  project_domain_name: ['project_domain_name'],
  domain_id: ['domain_id'],
  domain_name: ['domain_name'],
  default_domain_id: ['default_domain_id'],
  default_domain_name: ['default_domain_name'],
  application_credential_id: ['application_credential_id'],
  application_credential_name: ['application_credential_name'],
  application_credential_secret: ['application_credential_secret'],
  trust_id: ['trust_id'],
  system_scope: ['system_scope'],
};

function withAuth(cloud: CloudMap): CloudMap {
  const given = mapAt(cloud, 'auth');
  const auth = Object.fromEntries(
    Object.entries(authKeys).map(([key, words]) => [
      key,
      words.map((word) => given[word] ?? cloud[word]).find((value) => value !== undefined),
    ]),
  );
  return { ...cloud, auth: { ...withDomains(auth), auth_url: filledIn(auth['auth_url'], cloud) } };
}

/** `domain_*` stands for both domains of a login to a project, `default_domain_*` for what is not given at all. */
function withDomains(auth: CloudMap): CloudMap {
  const scoped = auth['project_id'] !== undefined || auth['project_name'] !== undefined;
  const both = (what: 'id' | 'name') => ({
    [`user_domain_${what}`]:
      auth[`user_domain_${what}`] ?? (scoped ? auth[`domain_${what}`] : undefined) ?? auth[`default_domain_${what}`],
    [`project_domain_${what}`]:
      auth[`project_domain_${what}`] ?? (scoped ? auth[`domain_${what}`] : undefined) ?? auth[`default_domain_${what}`],
  });
  return { ...auth, ...both('id'), ...both('name') };
}

/** Profiles write `https://{region_name}.example.com`. */
function filledIn(url: unknown, cloud: CloudMap): unknown {
  if (typeof url !== 'string') return url;
  return url.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = Object.hasOwn(cloud, key) ? cloud[key] : undefined;
    return typeof value === 'string' ? value : whole;
  });
}
