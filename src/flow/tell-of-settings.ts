import { carrySubject } from '../domain/carry.ts';
import { exclusionName, isOver } from '../domain/exclusion.ts';
import type { Exclusion } from '../domain/exclusion.ts';
import type { Job } from '../domain/settings.ts';
import type { Flow } from './context.ts';

/** What time makes wrong in the configuration: told while sidegate runs, once for each entry; closed when the configuration has it no more. */
export function createSettingsTeller({ settings, store }: Pick<Flow, 'settings' | 'store'>): () => Promise<void> {
  const told = new Set<string>();
  const carried = settings.jobs.flatMap(({ carry = [], name }) => carry.map((wish) => carrySubject(name, wish)));
  return async () => {
    const over = settings.jobs.flatMap((job) => expired(job, Date.now()));
    // What other processes, or an earlier configuration, told.
    await store.closeNoticesExcept('carry-over', carried);
    await store.closeNoticesExcept(
      'exclude-expired',
      over.map(({ subject }) => subject),
    );
    for (const { subject, text } of over) {
      if (told.has(subject)) continue;
      await store.saveNotice({ code: 'exclude-expired', subject, text });
      told.add(subject);
    }
  };
}

function expired(
  { excluded = [], name }: Job,
  now: number,
): readonly { readonly subject: string; readonly text: string }[] {
  return excluded
    .filter((one) => isOver(one, now))
    .map((one) => ({ subject: `${name}: ${exclusionName(one)}`.slice(0, 500), text: textOf(name, one) }));
}

function textOf(job: string, { id, reason, regex, until }: Exclusion): string {
  const name = id === undefined ? regex : `${id} (${regex})`;
  return `${job} tests ${name} again since ${until}. It was left out because: ${reason}`;
}
