import { createHash } from 'node:crypto';
import type { ChangeEvent, CommentEvent } from '../../domain/event.ts';
import type { Change } from '../../domain/patchset.ts';

/**
 * The same for the same event heard twice over the stream. A comment's last part is its second: the stream tells when the event was
 * sent, REST when the comment was stored, so the same comment heard both ways may differ there, and only there.
 */
export function eventKey(event: ChangeEvent): string {
  switch (event.type) {
    case 'patchset-created':
      return `${event.type}:${changeName(event.patchset)}/${event.patchset.patchset}`;
    case 'comment-added':
      return `${event.type}:${changeName(event.patchset)}/${event.patchset.patchset}:${commentHash(event)}:${event.createdAt / 1000}`;
    case 'change-abandoned':
    case 'change-merged':
      return `${event.type}:${changeName(event.change)}:${event.createdAt / 1000}`;
    case 'change-restored':
    case 'ready-for-review':
    case 'made-public':
      return `${event.type}:${changeName(event.patchset)}/${event.patchset.patchset}:${event.createdAt / 1000}`;
  }
}

function changeName(change: Pick<Change, 'project' | 'number'>): string {
  return `${change.project}~${change.number}`;
}

/**
 * Author and lines in an order of their own: the stream joins patchset-level comments with line breaks, REST gives them one by one
 * in another order.
 */
function commentHash(event: CommentEvent): string {
  const lines = event.texts.flatMap((text) => text.split('\n')).map((line) => line.trim());
  const content = [event.author.username ?? event.author.name ?? '', ...lines.filter((line) => line !== '').sort()];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 24);
}
