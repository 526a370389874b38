import { didYouMean } from './did-you-mean.ts';
import type { Findings, Place } from './findings.ts';

export function checkUnique(
  entries: readonly { readonly place: Place; readonly name: string | undefined }[],
  findings: Findings,
): void {
  const seen = new Set<string>();
  for (const { place, name } of entries) {
    if (name === undefined) continue;
    if (seen.has(name)) findings.error(place, `${name} is there twice.`, 'Names must be unique.');
    seen.add(name);
  }
}

export function checkKnown(
  name: string | undefined,
  known: readonly string[],
  at: { place: Place; what: string },
  findings: Findings,
): void {
  if (name !== undefined && !known.includes(name))
    findings.error(at.place, `no ${at.what} is called ${name}.`, didYouMean(name, known));
}
