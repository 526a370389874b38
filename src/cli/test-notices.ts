import { randomUUID } from 'node:crypto';
import { loadConfiguration } from '../config/load.ts';
import { errorText } from '../domain/errors.ts';
import { noticeMessage } from '../domain/notice-message.ts';
import { noticeChannels } from '../neighbours.ts';

/** `sidegate notices test`: sends one message through each channel. 0 when all of them took it. */
export async function testNotices(config: string): Promise<number> {
  const configuration = await loadConfiguration(config, process.env);
  const channels = noticeChannels(configuration);
  if (channels.length === 0) console.log('No channel is configured: see `notices` in docs/configure.md.');
  const test = {
    code: 'test',
    subject: 'sidegate notices test',
    text: 'This is how notices arrive.',
    todo: 'Nothing.',
    count: 1,
    openedAt: Date.now(),
  };
  const source = { ciName: configuration.settings.name, statusUrl: `${configuration.web.publicUrl}/`, more: false };
  let failed = 0;
  for (const channel of channels) {
    const message = noticeMessage({ ...source, id: randomUUID(), notices: [test] });
    const problem = await channel.send(message).then(() => undefined, errorText);
    console.log(
      `  ${problem === undefined ? 'ok   ' : 'WRONG'}  ${channel.name}${problem === undefined ? '' : `: ${problem}`}`,
    );
    if (problem !== undefined) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}
