import type { CloudUnderTest } from '../world/cloud-under-test.ts';
import type { World } from '../world/world.ts';

/** The stories' label, with changes. */
export function labelOf(cloud: CloudUnderTest, changes: object = {}): object {
  return {
    name: 'small',
    cloud: 'ci-cloud',
    image: cloud.image,
    flavor: cloud.flavor,
    networks: [cloud.network],
    user: cloud.serverUser,
    ssh_port: cloud.sshPort,
    boot_timeout: '2m',
    max: 4,
    ...changes,
  };
}

export interface ServerView {
  readonly name: string;
  readonly state: string;
  readonly zone: string | null;
  readonly nova_id: string | null;
  readonly build: string | null;
  readonly error_code: string | null;
  readonly detail: string;
}

/** All servers sidegate ever ordered, oldest first. */
export async function serversOf({ database }: World): Promise<readonly ServerView[]> {
  const { rows } = await database.pool.query<ServerView>(
    `select name, state, zone, nova_id, build, error_code, detail from servers order by created_at`,
  );
  return rows;
}

export async function noticesOf({ database }: World) {
  const { rows } = await database.pool.query<{ code: string; subject: string; text: string }>(
    `select code, subject, text from notices where closed_at is null`,
  );
  return rows;
}

/** Why builds wait. */
export async function waitingReasons({ database }: World): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ waiting_for: string | null }>(
    `select waiting_for from builds where state = 'queued'`,
  );
  return rows.map(({ waiting_for: reason }) => reason ?? '');
}
