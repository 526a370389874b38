import type { ProxyEnv } from 'node:http';

/** Proxies of the environment as openstacksdk has them, but never for this machine itself. */
export function proxiesOf(env: NodeJS.ProcessEnv): ProxyEnv {
  const without = env['no_proxy'] || env['NO_PROXY'];
  const http_proxy = env['http_proxy'] || env['HTTP_PROXY'];
  const https_proxy = env['https_proxy'] || env['HTTPS_PROXY'];
  return {
    ...(http_proxy ? { http_proxy } : {}),
    ...(https_proxy ? { https_proxy } : {}),
    no_proxy: ['localhost', '127.0.0.1', '::1', ...(without ? [without] : [])].join(','),
  };
}
