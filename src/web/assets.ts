import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Asset {
  readonly body: Buffer;
  readonly type: string;
}

export interface Assets {
  /** Address that changes with the content, so that it may be kept for ever. */
  url(name: string): string;
  get(name: string): Asset | undefined;
}

const resolve = createRequire(import.meta.url).resolve;
const own = (name: string) => fileURLToPath(new URL(`assets/${name}`, import.meta.url));
const script = 'text/javascript; charset=utf-8';

const files = [
  { name: 'htmx.js', path: resolve('htmx.org/dist/htmx.min.js'), type: script },
  { name: 'sse.js', path: resolve('htmx-ext-sse/dist/sse.min.js'), type: script },
  { name: 'app.js', path: own('app.js'), type: script },
  { name: 'console.js', path: own('console.js'), type: script },
  { name: 'viewer.js', path: own('viewer.js'), type: script },
  { name: 'search.js', path: own('search.js'), type: script },
  { name: 'style.css', path: own('style.css'), type: 'text/css; charset=utf-8' },
  { name: 'favicon.svg', path: own('favicon.svg'), type: 'image/svg+xml' },
];

/** Scripts, style and icon, read once. */
export async function loadAssets(): Promise<Assets> {
  const loaded = new Map<string, Asset>();
  const urls = new Map<string, string>();
  for (const { name, path, type } of files) {
    const body = await readFile(path);
    loaded.set(name, { body, type });
    urls.set(name, `/assets/${name}?v=${createHash('sha256').update(body).digest('hex').slice(0, 12)}`);
  }
  return { url: (name) => urls.get(name) ?? `/assets/${name}`, get: (name) => loaded.get(name) };
}
