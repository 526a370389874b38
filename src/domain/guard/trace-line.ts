import { oneLine } from '../sanitize.ts';
import type { GuardCall } from './call.ts';

/** `2026-11-27T01:02:03.004Z | 12 ms | POST /guests/ZA100001/action deploy | 200 overallRC 0`: one line, whatever a worker wrote. */
export function traceLine(call: GuardCall): string {
  const asked = [call.method, call.path, call.action].filter((word) => word !== undefined).join(' ');
  const codes = [
    call.overallRC === undefined ? undefined : `overallRC ${call.overallRC}`,
    call.rc ? `rc ${call.rc}` : undefined,
    call.rs ? `rs ${call.rs}` : undefined,
  ].filter((word) => word !== undefined);
  const trouble = call.refused === undefined ? call.errmsg : `REFUSED: ${call.refused}`;
  const words = [
    call.at,
    `${Math.round(call.ms)} ms`,
    asked,
    [call.status, ...codes].join(' '),
    ...(trouble ? [trouble] : []),
  ];
  return oneLine(words.join(' | '), 1000);
}
