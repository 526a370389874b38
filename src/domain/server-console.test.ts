import { describe, expect, test } from 'vitest';
import { showsPanic, tellingLines } from './server-console.ts';

const boot = '[    0.000000] Linux version 6.1.0 (debian)\r\n[    0.4] systemd[1]: Hostname set\r\nhost login: \r\n';
const panic =
  '[  812.1] Kernel panic - not syncing: Fatal exception in interrupt\r\n[  812.2] ---[ end Kernel panic ]---\r\n';

describe('the console of a server', () => {
  test.each([
    ['that is silent after a panic', boot + panic, 'silent', true],
    ['that is silent, and panicked before it booted last', panic + boot, 'silent', false],
    ['that is silent, and shows nothing', boot, 'silent', false],
    ['that is back after a panic', boot + panic + boot, 'back', true],
    ['that is back after a panic and whose first boot is no longer shown', panic + boot, 'back', true],
    ['that is back, and panicked before its job began', boot + panic + boot + boot, 'back', false],
    ['that is back after a reboot', boot + boot, 'back', false],
    ['without a console', '', 'silent', false],
  ] as const)('%s', (_, text, server, wanted) => {
    expect(showsPanic(text, server)).toBe(wanted);
  });

  test('tells most where the kernel speaks, else at its end; as one harmless line each', () => {
    expect(tellingLines(boot + panic + boot)).toEqual([
      {
        log: 'server-console.txt',
        line: 4,
        text: '[ 812.1] Kernel panic - not syncing: Fatal exception in interrupt',
      },
    ]);
    expect(tellingLines(`one\r\n\u001b[31mtwo\u202e\r\n\r\n${'x'.repeat(5000)}`).map(({ text }) => text)).toEqual([
      'one',
      'two',
      `${'x'.repeat(299)}…`,
    ]);
    expect(tellingLines('\n'.repeat(100_000))).toEqual([]);
  });
});
