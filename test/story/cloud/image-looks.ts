import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logOf as commentedLog } from '../world/look.ts';
import type { ChangeView } from '../world/look.ts';
import { runSidegate } from '../world/run-sidegate.ts';
import type { World } from '../world/world.ts';

export interface ImageView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly server: string | null;
  readonly log_path: string;
  readonly requested_by: string;
}

/** `sidegate image …` as an operator runs it. */
export async function image(world: World, ...words: readonly string[]): Promise<{ status: number; output: string }> {
  const { errors, output, status } = await runSidegate(world, 'image', ...words);
  return { status, output: output + errors };
}

/** Newest first. */
export async function imagesOf({ database }: World): Promise<readonly ImageView[]> {
  const { rows } = await database.pool.query<ImageView>(
    `select id, name, state, detail, server, log_path, requested_by from images order by created_at desc`,
  );
  return rows;
}

export async function goodImages(world: World): Promise<readonly string[]> {
  return (await imagesOf(world)).filter(({ state }) => ['active', 'retired'].includes(state)).map(({ name }) => name);
}

async function marked(world: World) {
  const { rows } = await world.database.pool.query<{ id: string }>(`select id from installation`);
  return world.cloudClient.listMarked(rows[0]!.id);
}

export async function imagesInGlance(world: World): Promise<readonly string[]> {
  return (await marked(world)).filter(({ kind }) => kind === 'image').map(({ name }) => name);
}

export async function remainsBesideImages(world: World): Promise<readonly string[]> {
  const rows = await world.database.pool.query<{ name: string }>(`select name from servers where state <> 'deleted'`);
  const inCloud = (await marked(world)).filter(({ kind }) => kind !== 'image' && kind !== 'keypair');
  return [...rows.rows, ...inCloud].map(({ name }) => name);
}

export function logOf({ directory }: World, { log_path: folder }: ImageView, name: string): Promise<string> {
  return readFile(join(directory, 'logs', folder, name), 'utf8');
}

export function consoleOf(world: World, comments: ChangeView['comments']): Promise<string> {
  return commentedLog(world, { comments }, 'job-output.txt');
}
