import { consoleFile } from '../domain/log-path.ts';
import type { BuildContext } from './run-build.ts';

/** The last whole lines of the console, as it was published: up to so many bytes. */
export async function consoleEnd({ flow, build }: BuildContext, bytes: number): Promise<string> {
  const path = build.logPath + consoleFile;
  const size = await flow.archive.size(path);
  const end = (await flow.archive.read(path, Math.max(0, size - bytes), bytes)).toString();
  return size > bytes ? end.slice(end.indexOf('\n') + 1) : end;
}
