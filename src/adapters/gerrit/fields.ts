import { z } from 'zod';
import { unchangedKinds } from '../../domain/event.ts';
import type { CommentAuthor, PatchsetKind } from '../../domain/event.ts';
import { cleanText } from './clean-text.ts';

/** Free text: what is too long is cut. */
export function freeText(max: number) {
  return z.string().transform((text) => cleanText(text, max));
}

/** A name other calls are built from: what is too long or has control characters is refused. */
export const plainName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u);

export const commitId = z.string().regex(/^[0-9a-f]{40}$/);

/** Old Gerrits send numbers as strings. */
export const positive = wholeNumber(1, 2_147_483_647);

/** Gerrit says an empty topic where one was taken away. */
export const topic = freeText(255)
  .transform((text) => (text === '' ? undefined : text))
  .optional();

export const hashtags = z.array(freeText(255)).max(1000).default([]);

/** A kind we do not know may be anything. */
export const patchsetKind = z
  .string()
  .transform((kind): PatchsetKind => unchangedKinds.find((known) => known === kind) ?? 'REWORK');

export const seconds = wholeNumber(0, 253_402_300_799);

function wholeNumber(min: number, max: number) {
  const digits = z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number);
  return z.union([z.number(), digits]).pipe(z.int().min(min).max(max));
}

export const account = z.object({
  username: freeText(255).optional(),
  name: freeText(255).optional(),
  email: freeText(255).optional(),
});

export type Account = z.infer<typeof account>;

export function accountName(of: Account | undefined): string {
  return of?.username ?? of?.name ?? of?.email ?? 'unknown';
}

export function commentAuthor(of: Account | undefined): CommentAuthor {
  return { username: of?.username, name: of?.name };
}

/** `refs/changes/45/12345/2`. */
export function changeRef(change: number, patchset: number): string {
  return `refs/changes/${String(change % 100).padStart(2, '0')}/${change}/${patchset}`;
}

/** Gerrit's page of a change. Built by us: an address from an event could be any kind of link. */
export function changePage(url: string, project: string, change: number): string {
  return `${url}/c/${project.split('/').map(encodeURIComponent).join('/')}/+/${change}`;
}
