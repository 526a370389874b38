import { errorText } from '../domain/errors.ts';
import { manifestFile } from '../domain/log-path.ts';
import { zuulManifest } from '../domain/manifest.ts';
import type { Flow } from './context.ts';

/**
 * Writes down beside the logs which files there are, for tools that read Zuul's logs. Of what lies there, not of what this process knows: an
 * earlier one may have died over it. Written anew by whoever adds something later.
 */
export async function publishManifest(
  { archive, logger }: Pick<Flow, 'archive' | 'logger'>,
  logPath: string,
): Promise<void> {
  try {
    const listed = await archive.list(logPath);
    const files = listed.map((file) => ({ ...file, path: file.path.slice(logPath.length) }));
    const others = files.filter(({ path }) => path !== manifestFile);
    if (others.length > 0) await archive.write(logPath + manifestFile, `${JSON.stringify(zuulManifest(others))}\n`);
  } catch (error) {
    logger.warn({ path: logPath, err: errorText(error) }, 'the manifest of logs could not be written');
  }
}
