import { request } from 'node:http';

/** One call on a connection of its own, as nova's client makes them, from before it connects to the last byte of the answer (ms). */
export function timeCall(url: string, method: string, path: string, body?: object): Promise<number> {
  const text = body && JSON.stringify(body);
  const headers = text ? { 'content-type': 'application/json', 'content-length': text.length } : {};
  const began = performance.now();
  return new Promise((resolve, reject) => {
    request(url + path, { method, headers, agent: false }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`${method} ${url}${path}: HTTP ${response.statusCode}`));
      });
    })
      .once('error', reject)
      .end(text);
  });
}
