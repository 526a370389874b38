import { z } from 'zod';
import { duration, foreignName, hostKeys, httpUrl, name, path, port, secretReference } from './scalars.ts';

/** One Gerrit: events come over SSH, reviews are posted over REST. */
export const gerritSchema = z.strictObject({
  name: name('how `projects` call this Gerrit; kept with every build, so do not rename it'),
  host: foreignName('host of the SSH interface'),
  ssh_port: port('port of the SSH interface; Gerrit uses 29418').default(29_418),
  username: foreignName('the account of the CI, one of its own and no person’s'),
  private_key: path('file with the SSH private key of the account, without a passphrase: nobody is there to type it'),
  host_key: hostKeys(
    'public host key, as `ssh-keyscan -p 29418 HOST` prints it: pinned, so that nobody else can feed events',
  ),
  url: httpUrl('address of the web interface; REST paths `/a/…` are appended'),
  password: secretReference('HTTP password of the account (Gerrit → Settings → HTTP Credentials)'),
  keepalive: duration('how often a silent connection is asked whether it lives; behind NAT a dead one says nothing', {
    min: '1s',
    max: '10m',
  }).default(15_000),
  keepalive_count: z
    .int()
    .min(1)
    .max(20)
    .describe('unanswered questions until the connection counts as dead')
    .default(3),
});
