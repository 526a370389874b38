import type { Flow } from './context.ts';
import { dropLocalLogs } from './drop-local-logs.ts';
import { removeStoredLogs } from './remove-stored-logs.ts';

type Needs = Pick<Flow, 'archive' | 'logger' | 'objects' | 'settings' | 'store'>;

const batch = 50;

/** What becomes of logs after their upload: the local copy goes by its age, the objects when the logs expire. */
export async function keepStoredLogs(flow: Needs): Promise<void> {
  await removeStoredLogs(flow);
  const drop = { age: flow.settings.logs.keepLocal, limit: batch, isPressed: false };
  while ((await dropLocalLogs(flow, drop)) > 0);
}
