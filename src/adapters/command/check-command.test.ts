import { expect, test } from 'vitest';
import type { CommandSettings } from '../../domain/settings.ts';
import { checkCommand } from './check-command.ts';

const settings: CommandSettings = {
  kind: 'command',
  prepare: 'exit 7',
  clean: 'exit 7',
  check: `echo '{"text":"4 of 4 disks"}'`,
  timeout: 60_000,
};

test('doctor says what the check says, and prepares and cleans nothing', async () => {
  const findings = await checkCommand('array', settings);

  expect(findings).toEqual([
    { ok: true, what: 'prepare script', detail: '', todo: '' },
    { ok: true, what: 'clean script', detail: '', todo: '' },
    { ok: true, what: 'check script', detail: '', todo: '' },
    { ok: true, what: 'the back end is well', detail: '4 of 4 disks', todo: '' },
  ]);
});

test('a check that fails and a script bash cannot read are wrong', async () => {
  const findings = await checkCommand('array', {
    ...settings,
    clean: 'if true; then',
    check: 'echo "no answer" >&2; exit 1',
  });

  expect(findings.map(({ ok }) => ok)).toEqual([true, false, true, false]);
  expect(findings[3]).toMatchObject({ detail: expect.stringContaining('no answer') });
  expect(findings[3]?.todo).not.toBe('');
});

test('without a check doctor warns that nobody knows', async () => {
  const findings = await checkCommand('array', { ...settings, check: undefined });

  expect(findings).toHaveLength(3);
  expect(findings[2]).toMatchObject({ ok: true, detail: expect.stringContaining('nobody knows') });
});
