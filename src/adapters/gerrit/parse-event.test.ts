import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from './parse-event.ts';
import { accessTo, readLines } from './testing/recorded.ts';

const connection = accessTo({ url: 'https://review.example.com' });
const recorded = readLines('stream-events.jsonl');

function recordedLine(type: string): Record<string, unknown> {
  return (
    recorded.map((line) => JSON.parse(line) as Record<string, unknown>).find((event) => event['type'] === type) ?? {}
  );
}

function parse(event: unknown) {
  return parseEvent(JSON.stringify(event), connection);
}

describe('recorded stream', () => {
  it('makes of every recorded line an event, a drop, or says why not', () => {
    const counts = new Map<string, number>();

    for (const line of recorded) {
      const parsed = parseEvent(line, connection);
      const name = parsed.kind === 'event' ? parsed.event.type : parsed.kind === 'ignored' ? parsed.reason : 'dropped';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }

    expect(Object.fromEntries(counts)).toEqual({
      'patchset-created': 19,
      'comment-added': 17,
      'change-abandoned': 1,
      'change-merged': 1,
      'change-restored': 1,
      'ready-for-review': 1,
      'made-public': 1,
      'the change is hidden now, which ends nothing': 2,
      dropped: 1,
      'not a type sidegate acts on': 11,
      'ref-updated': 5,
      'not a branch, or it was deleted': 74,
    });
  });

  it('reads a patchset with everything a build needs', () => {
    const parsed = parse(recordedLine('patchset-created'));

    expect(parsed).toEqual({
      kind: 'event',
      key: 'patchset-created:openstack/nova~1/1',
      event: {
        type: 'patchset-created',
        kind: 'REWORK',
        createdAt: 1795359746000,
        facts: { isWorkInProgress: false, isPrivate: false, topic: 'bug/1234567', hashtags: [] },
        patchset: {
          connection: 'gerrit',
          project: 'openstack/nova',
          branch: 'master',
          number: 1,
          changeId: 'I71d5f8e677375300f48a3c245ff1e4d8f814920c',
          subject: 'Add a thing',
          owner: 'dev',
          url: 'https://review.example.com/c/openstack/nova/+/1',
          patchset: 1,
          revision: 'daca48e7891db7771ab391d8eccc3c385a2d6bc9',
          ref: 'refs/changes/01/1/1',
        },
      },
    });
  });

  it('reads which votes a comment changed, and what filters look at', () => {
    const vote = recorded.find((line) => line.includes('"oldValue"')) ?? '';
    const restored = recordedLine('change-restored');

    expect(parseEvent(vote, connection)).toMatchObject({
      event: { type: 'comment-added', approvals: [{ label: 'Code-Review', value: -1 }] },
    });
    expect(parse(restored)).toMatchObject({
      key: 'change-restored:openstack/nova~1/4:1795359790',
      event: { facts: { isWorkInProgress: false, topic: 'zvm/feature', hashtags: ['s390x', 'zvm'] } },
    });
  });

  it('gives every event a key of its own and the same line the same key', () => {
    const keys = recorded.flatMap((line) => {
      const parsed = parseEvent(line, connection);
      return parsed.kind === 'event' ? [parsed.key] : [];
    });

    expect(new Set(keys).size).toBe(keys.length);
    expect(parse(recordedLine('comment-added'))).toEqual(parse(recordedLine('comment-added')));
  });

  it('knows the drop that came through a filter', () => {
    const parsed = readLines('stream-dropped-output.jsonl').map((line) => parseEvent(line, connection));

    expect(parsed).toEqual([{ kind: 'dropped' }]);
  });
});

describe('other forms', () => {
  it('takes numbers as strings, as old Gerrits send them', () => {
    const event = recordedLine('patchset-created') as { change: object; patchSet: object };

    const parsed = parse({
      ...event,
      change: { ...event.change, number: '77' },
      patchSet: { ...event.patchSet, number: '12' },
    });

    expect(parsed).toMatchObject({
      key: 'patchset-created:openstack/nova~77/12',
      event: { patchset: { ref: 'refs/changes/77/77/12' } },
    });
  });

  it('adds patchset-level comments an event brings along, once', () => {
    const patchSetComments = {
      '/PATCHSET_LEVEL': [{ message: 'recheck zvm' }, { message: 'thanks' }],
      'a.py': [{ message: 'typo' }],
    };

    const parsed = parse({
      ...recordedLine('comment-added'),
      comment: 'Patch Set 3:\n\n(3 comments)\n\nthanks',
      patchSetComments,
    });

    expect(parsed).toMatchObject({ event: { texts: ['thanks', 'recheck zvm'] } });
  });

  it('takes an author without username', () => {
    const parsed = parse({ ...recordedLine('comment-added'), author: { name: 'Somebody' } });

    expect(parsed).toMatchObject({ event: { author: { name: 'Somebody' } } });
  });
});

describe('hostile lines', () => {
  const event = recordedLine('patchset-created') as { change: object; patchSet: object };

  it.each([
    ['', 'no JSON'],
    ['{"type":"patchset-created"', 'no JSON'],
    ['null', 'malformed at the top: invalid_type'],
    ['[]', 'malformed at the top: invalid_type'],
    ['"patchset-created"', 'malformed at the top: invalid_type'],
    ['{"type":7}', 'malformed at type: invalid_type'],
    ['{"type":"patchset-created"}', 'malformed at change: invalid_type'],
    ['['.repeat(400_000) + ']'.repeat(400_000), 'malformed at the top: invalid_type'],
    [`{"type":"x","deep":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 'not a type sidegate acts on'],
    [`{"type":"patchset-created","text":"${'x'.repeat(2 * 1024 * 1024)}"}`, 'longer than 1048576 characters'],
  ])('ignores line %#', (line, reason) => {
    const parsed = parseEvent(line, connection);

    expect(parsed).toMatchObject({ kind: 'ignored', reason });
  });

  it.each([
    ['number', { number: 1.5 }],
    ['number', { number: -1 }],
    ['number', { number: 2 ** 40 }],
    ['number', { number: 'NaN' }],
    ['project', { project: '' }],
    ['project', { project: 'a\nb' }],
    ['project', { project: 'a\u0000b' }],
    ['project', { project: 'half \ud800' }],
    ['project', { project: 'x'.repeat(600) }],
    ['branch', { branch: ['master'] }],
    ['owner', { owner: 'root' }],
  ])('refuses a change with a wrong %s', (field, wrong) => {
    const parsed = parse({ ...event, change: { ...event.change, ...wrong } });

    expect(parsed).toMatchObject({
      kind: 'ignored',
      type: 'patchset-created',
      reason: expect.stringContaining(`change.${field}`),
    });
  });

  it.each(['HEAD', '-x', 'a'.repeat(41), '$(reboot)'])('refuses %s as revision', (revision) => {
    const parsed = parse({ ...event, patchSet: { ...event.patchSet, revision } });

    expect(parsed.kind).toBe('ignored');
  });

  it('takes neither page nor ref from the event', () => {
    const parsed = parse({
      ...event,
      change: { ...event.change, url: 'javascript:alert(1)' },
      patchSet: { ...event.patchSet, ref: '--upload-pack=reboot' },
    });

    expect(parsed).toMatchObject({
      event: { patchset: { url: 'https://review.example.com/c/openstack/nova/+/1', ref: 'refs/changes/01/1/1' } },
    });
  });

  it('cuts a long subject and replaces what a database cannot store', () => {
    const parsed = parse({ ...event, change: { ...event.change, subject: `\ud800\u0000${'x'.repeat(5000)}` } });

    expect(parsed).toMatchObject({ event: { patchset: { subject: `\ufffd\ufffd${'x'.repeat(998)}` } } });
  });

  it('never throws and gives only storable text, whatever the line', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('change', 'patchSet', 'author', 'comment', 'type'),
        (value, text, field) => {
          const parsed = [
            parseEvent(text, connection),
            parse({ ...recordedLine('comment-added'), [field]: value }),
            parse({ ...recordedLine('comment-added'), comment: text }),
          ];

          for (const one of parsed) expect(JSON.stringify(one)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        },
      ),
    );
  });
});
