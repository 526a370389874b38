import { html } from 'hono/html';
import type { CloudRow, QuotaRow } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { ago } from '../time.ts';
import { chip, emptyLine } from './parts.ts';

/** With more clouds than this, their quotas are folded away but for the fullest. */
const unfolded = 3;

const quotaWords: Record<QuotaRow['kind'], string> = {
  servers: 'Servers',
  cores: 'Cores',
  ram: 'Memory GiB',
  ports: 'Ports',
  'floating-ips': 'Floating IPs',
  volumes: 'Volumes',
  gigabytes: 'Volume GiB',
};

export function cloudPictures(clouds: readonly CloudRow[], now: number): Html {
  if (clouds.length === 0) return emptyLine('No cloud is configured.');
  const hasQuotas = clouds.some(({ quotas }) => quotas.length > 0);
  return html`${clouds.map((cloud) => cloudPicture(cloud, clouds.length > unfolded, now))}
  ${hasQuotas ? legend() : html``}`;
}

function legend(): Html {
  return html`<p class="legend">
    <span class="key ours">used by sidegate</span> + <span class="key others">by others</span>
  </p>`;
}

function cloudPicture(cloud: CloudRow, folded: boolean, now: number): Html {
  return html`<article class="machine ${cloud.healthy === false ? 'sick' : ''}">
    <div class="machine-head">
      <h3>${visible(cloud.name, 100)}</h3>
      ${cloudChip(cloud)}
    </div>
    ${cloud.detail === '' ? html`` : html`<p class="detail">${visible(cloud.detail, 400)}</p>`}
    ${quotas(cloud.quotas, folded)} ${lookedAt(cloud, now)}
  </article>`;
}

function cloudChip({ healthy }: CloudRow): Html {
  if (healthy === undefined) return chip('idle', 'Not asked yet');
  return healthy ? chip('ok', 'Healthy') : chip('bad', 'Out of order');
}

function serverCount({ kind, servers, maxServers }: CloudRow): string {
  const count = maxServers === undefined ? plural(servers, 'server') : `${servers} of ${plural(maxServers, 'server')}`;
  return kind === 'rack' ? `Rack, ${count}` : count;
}

function lookedAt(cloud: CloudRow, now: number): Html {
  const look = cloud.checkedAt === undefined ? html`` : html`, looked at ${ago(cloud.checkedAt, now)}`;
  return html`<p class="looked">${serverCount(cloud)}${look}</p>`;
}

function quotas(all: readonly QuotaRow[], folded: boolean): Html {
  const worthIt = all.filter(isWorthIt);
  if (!folded || worthIt.length < 2) return quotaList(worthIt);
  const fullest = worthIt.reduce((most, quota) => (share(quota) > share(most) ? quota : most));
  const others = worthIt.filter((quota) => quota !== fullest);
  return html`${quotaList([fullest])}
    <details class="more-quotas">
      <summary>${plural(others.length, 'more quota', 'more quotas')}</summary>
      ${quotaList(others)}
    </details>`;
}

/** Volumes only where there are any. */
function isWorthIt({ kind, ours, others }: QuotaRow): boolean {
  return (kind !== 'volumes' && kind !== 'gigabytes') || ours + others > 0;
}

function quotaList(rows: readonly QuotaRow[]): Html {
  if (rows.length === 0) return html``;
  return html`<ul class="quotas">
    ${rows.map((quota) => quotaLine(quota))}
  </ul>`;
}

function share({ limit, ours, others }: QuotaRow): number {
  return limit === undefined ? 0 : (ours + others) / Math.max(1, limit);
}

function quotaLine(quota: QuotaRow): Html {
  const { limit, ours, others } = quota;
  const words = quotaWords[quota.kind];
  const all = Math.max(1, limit ?? 0, ours + others);
  const [mine, theirs] = [(ours / all) * 100, (others / all) * 100];
  const full = limit !== undefined && ours + others >= limit;
  const title = `${words}: ${shown(quota, ours)} used by sidegate, ${shown(quota, others)} by others, ${limit === undefined ? 'no limit' : `limit ${shown(quota, limit)}`}`;
  return html`<li class="${full ? 'full' : ''}" title="${title}">
    <span class="quota-name">${words}</span>
    ${
      limit === undefined
        ? html`<span></span>`
        : html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="rail" width="100" height="8" />
            <rect class="ours" width="${mine}" height="8" />
            <rect class="others" x="${mine}" width="${theirs}" height="8" />
          </svg>`
    }
    <span class="num"
      >${shown(quota, ours)} + ${shown(quota, others)}<span class="soft"
        >${limit === undefined ? ', no limit' : ` of ${shown(quota, limit)}`}</span
      ></span
    >
  </li>`;
}

/** Memory is counted in MiB. */
function shown({ kind }: QuotaRow, value: number): string {
  return String(kind === 'ram' ? Math.round(value / 102.4) / 10 : value);
}
