import type { Effects, Route, RouteCall } from './decision.ts';
import { object } from './shapes.ts';
import { fileUrl, imageName, osVersion, workerHost } from './values.ts';

/** With a host: without one the file would be one of Feilong's own. */
const importBody = object(
  {
    image: object(
      {
        image_name: imageName,
        url: fileUrl,
        image_meta: object({ os_version: osVersion }, {}),
        remote_host: workerHost,
      },
      {},
    ),
  },
  {},
);
const exportBody = object({ location: object({ dest_url: fileUrl, remote_host: workerHost }, {}) }, {});

export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images', query: { imagename: 'name' }, effects: queryEffects },
  { method: 'POST', path: '/images', body: importBody, effects: importEffects },
  { method: 'GET', path: '/images/{name}/root_disk_size', effects: ({ name }) => ({ needsImage: name }) },
  {
    method: 'DELETE',
    path: '/images/{name}',
    effects: ({ name }) => ({ changes: true, needsImage: name, removesImage: true }),
  },
  {
    method: 'PUT',
    path: '/images/{name}',
    body: exportBody,
    effects: ({ name }) => ({ changes: true, needsImage: name }),
  },
];

/** nova asks for an image by name before it imports one: it must hear 404, as of one that is not there, and no empty list. */
function queryEffects({ query }: RouteCall): Effects {
  return { filter: 'images', needsImage: query['imagename'] };
}

function importEffects({ body }: RouteCall<{ readonly image: { readonly image_name: string } }>): Effects {
  return { changes: true, makesImage: body.image.image_name };
}
