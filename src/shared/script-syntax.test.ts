import { expect, test } from 'vitest';
import { checkSyntax } from './script-syntax.ts';

test('a script bash can read is right, and is not run', async () => {
  const finding = await checkSyntax('reset script', `exit 7\n#${'x'.repeat(200_000)}`);

  expect(finding).toEqual({ ok: true, what: 'reset script', detail: '', todo: '' });
});

test('one it cannot read is wrong', async () => {
  const finding = await checkSyntax('reset script', 'if true; then\necho "\u001b[31m');

  expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining('unexpected') });
  expect(finding.detail).not.toContain('\u001b');
});
