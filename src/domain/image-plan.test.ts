import { describe, expect, test } from 'vitest';
import { dueImages, imageName, imagePlaces, surplusImages } from './image-plan.ts';
import type { ImageBuildSettings, ServerLabel } from './settings.ts';
import { plainLabel, plainPlace } from './testing/labels.ts';

const hour = 3_600_000;
const daily: ImageBuildSettings = { prepare: '', smoke: '', timeout: hour, every: 24 * hour, keep: 2 };
const elsewhere = { ...plainPlace, cloud: 'other' };

function labelWith(imageBuild: Partial<ImageBuildSettings>, fields: Partial<ServerLabel> = {}): ServerLabel {
  return { ...plainLabel, ...fields, imageBuild: { ...daily, ...imageBuild } };
}

describe('places images are made in', () => {
  test('are the clouds of a label that wants them, not racks and not servers that boot from a volume', () => {
    const volume = { ...plainPlace, cloud: 'volumes', volume: { size: 20, type: undefined } };
    const places = [volume, plainPlace, { kind: 'rack', cloud: 'rack' } as const];

    const wanted = imagePlaces(labelWith({}, { places }));
    const unwanted = imagePlaces(plainLabel);

    expect(wanted.map(({ cloud }) => cloud)).toEqual(['ci']);
    expect(unwanted).toEqual([]);
  });
});

describe('the next image', () => {
  const now = 1_000 * hour;

  test('is due where none was made or the newest is old enough, in each cloud by itself', () => {
    const label = labelWith({}, { places: [plainPlace, elsewhere, { ...plainPlace, cloud: 'third' }] });
    const newest = [
      { label: 'small', cloud: 'ci', createdAt: now - 24 * hour },
      { label: 'small', cloud: 'other', createdAt: now - 23 * hour },
      { label: 'big', cloud: 'third', createdAt: now },
    ];

    const due = dueImages([label], newest, now);

    expect(due.map(({ cloud }) => cloud)).toEqual(['ci', 'third']);
  });

  test('is never due where images are built by hand', () => {
    expect(dueImages([labelWith({ every: undefined }), plainLabel], [], now)).toEqual([]);
  });
});

describe('images kept', () => {
  const line = { label: 'small', cloud: 'ci' };
  const retired = (id: string, promotedAt: number) => ({ ...line, id, state: 'retired', promotedAt });
  const active = { ...line, id: 'active', state: 'active', promotedAt: 9 };

  test('are the newest good ones, the one in use counted in', () => {
    const images = [retired('old', 1), active, retired('newer', 3), retired('middle', 2)];

    expect(surplusImages([labelWith({ keep: 2 })], images)).toEqual(['middle', 'old']);
    expect(surplusImages([labelWith({ keep: 1 })], images)).toEqual(['newer', 'middle', 'old']);
    expect(surplusImages([labelWith({ keep: 9 })], images)).toEqual([]);
  });

  test('are counted per label and cloud; what is not configured stays', () => {
    const images = [
      active,
      retired('one', 1),
      { ...retired('two', 1), cloud: 'gone' },
      { ...retired('x', 1), label: 'x' },
    ];

    expect(surplusImages([labelWith({ keep: 2 })], images)).toEqual([]);
    expect(surplusImages([plainLabel], images)).toEqual([]);
  });
});

test('the name of an image says whose, of what and from when it is', () => {
  const name = imageName('small', '0a1b2c3d-0000-4000-8000-000000000000', Date.UTC(2026, 10, 22, 20, 38, 7));

  expect(name).toBe('sidegate-small-20261122-203807-0a1b2c3d');
});
