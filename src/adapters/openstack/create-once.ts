import { errorCode } from '../../domain/errors.ts';
import { sleep } from '../../shared/clock.ts';
import { TimeIsUp } from './time-is-up.ts';

interface Creation<Created> {
  /** Looks for what an earlier call created. */
  readonly find: () => Promise<Created | undefined>;
  readonly create: () => Promise<Created>;
}

/** When to look for something whose creation was not answered: the service may still be writing it down. Milliseconds. */
const lookAgain = [0, 500, 2000];

/** Creates unless it exists. */
export async function createOnce<Created>(creation: Creation<Created>): Promise<Created> {
  return (await creation.find()) ?? createOrFind(creation);
}

/** Never a second create: whether an unanswered one was carried out shows in the list only. */
export async function createOrFind<Created>({ find, create }: Creation<Created>): Promise<Created> {
  try {
    return await create();
  } catch (error) {
    if (errorCode(error) !== 'cloud-unreachable') throw error;
    for (const pause of lookAgain) {
      await sleep(pause);
      // Why it was not answered says more than that nobody had the time to look.
      const found = await find().catch((trouble: unknown) => {
        throw trouble instanceof TimeIsUp ? error : trouble;
      });
      if (found !== undefined) return found;
    }
    throw error;
  }
}
