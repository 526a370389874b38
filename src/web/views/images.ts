import { html } from 'hono/html';
import type { ImageRow } from '../../ports/status.ts';
import type { Section } from '../live-hub.ts';
import { pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago } from '../time.ts';
import { chip, emptyLine } from './parts.ts';
import type { Tone } from './parts.ts';
import { panel, section } from './status.ts';

type State = ImageRow['state'];

const looks: Record<State, { readonly tone: Tone; readonly words: string }> = {
  preparing: { tone: 'run', words: 'Preparing' },
  snapshotting: { tone: 'run', words: 'Snapshot' },
  testing: { tone: 'run', words: 'Canary' },
  active: { tone: 'ok', words: 'In use' },
  retired: { tone: 'idle', words: 'Kept' },
  failed: { tone: 'bad', words: 'Failed' },
  deleted: { tone: 'idle', words: 'Deleted' },
};

export function imageSections(images: readonly ImageRow[], now: number): readonly Section[] {
  return [
    section(
      'summary',
      images.map(({ id, state }) => [id, state]),
      imagesSummary(images),
    ),
    section('images', images, images.length === 0 ? noImages() : imageTables(images, now)),
  ];
}

export function imagesBody(sections: readonly Section[]): Html {
  const images = sections.find(({ name }) => name === 'images')?.html ?? html``;
  return html`<h1 class="sr">Images</h1>
    <div class="wide">${panel('Images of our own', 'images', images)}</div>`;
}

export function imagesSummary(images: readonly ImageRow[]): Html {
  const inUse = images.filter(({ state }) => state === 'active').length;
  const inWork = images.filter(({ state }) => looks[state].tone === 'run').length;
  const places = placesOf(images);
  const badPlaces = places.filter(({ rows }) => rows[0]?.state === 'failed').length;
  const look =
    badPlaces > 0 ? chip('warn', 'Needs attention') : chip(inUse > 0 ? 'ok' : 'idle', plural(inUse, 'image'));
  return html`${look}
    <span
      >${inUse} in use, ${inWork} being
      made${badPlaces > 0 ? html`. <b>The newest failed for ${plural(badPlaces, 'place')}</b>` : ''}</span
    >`;
}

function noImages(): Html {
  return emptyLine(
    'None: servers boot from the images of the cloud. `image_build` of a label, or `sidegate image build LABEL`, makes one.',
  );
}

interface Place {
  readonly label: string;
  readonly cloud: string;
  readonly rows: readonly ImageRow[];
}

/** They come sorted by label and cloud. */
function placesOf(images: readonly ImageRow[]): readonly Place[] {
  const places = Map.groupBy(images, ({ label, cloud }) => JSON.stringify([label, cloud]));
  return [...places.values()].map((rows) => ({ label: rows[0]!.label, cloud: rows[0]!.cloud, rows }));
}

function imageTables(images: readonly ImageRow[], now: number): Html {
  return html`${placesOf(images).map(
    ({ label, cloud, rows }) =>
      html`<div class="image-place">
        <h3>${visible(label, 100)} <span class="soft">in ${visible(cloud, 100)}</span></h3>
        <table class="rows images">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Image</th>
              <th scope="col">Builds on it</th>
              <th scope="col" class="right">Made</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map((image) => imageRow(image, now))}
          </tbody>
        </table>
      </div>`,
  )}`;
}

function imageRow(image: ImageRow, now: number): Html {
  const { tone, words } = looks[image.state];
  return html`<tr>
    <td>${chip(tone, words)}</td>
    <td class="what">
      <span class="mono">${visible(image.name, 200)}</span>
      <span class="which"
        >${image.logPath === undefined ? html`` : html`<a href="/logs/${pathTo(image.logPath)}">Consoles</a>`}
        <span>asked for by ${visible(image.requestedBy, 100)}</span></span
      >
      ${image.detail === '' ? html`` : html`<span class="reason">${visible(image.detail, 500)}</span>`}
    </td>
    <td class="num">${builds(image)}</td>
    <td class="right when">
      ${ago(image.createdAt, now)}
      ${image.promotedAt === undefined ? html`` : html`<span class="took">promoted ${ago(image.promotedAt, now)}</span>`}
    </td>
  </tr>`;
}

/** Bad: those that ended before the job could begin. */
function builds({ goodBuilds, badBuilds, promotedAt }: ImageRow): Html {
  if (promotedAt === undefined) return html`<span class="soft">none</span>`;
  return html`<span class="counts"
    ><span class="num"
      >${badBuilds > 0 ? html`<b class="bad">${badBuilds} bad</b>, ` : html``}${goodBuilds} good</span
    ></span
  >`;
}
