import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { CommandSettings } from '../../domain/settings.ts';
import { checkSyntax } from '../../shared/script-syntax.ts';
import { createCommandBackend } from './create-command-backend.ts';

/** For `sidegate doctor`: whether bash can read the scripts, and what `check` says. Prepares and cleans nothing. */
export async function checkCommand(name: string, settings: CommandSettings): Promise<readonly Finding[]> {
  const syntax = await Promise.all(
    (['prepare', 'clean', 'check'] as const).flatMap((script) => {
      const content = settings[script];
      return content === undefined ? [] : [checkSyntax(`${script} script`, content)];
    }),
  );
  return [...syntax, await checkHealth(name, settings)];
}

async function checkHealth(name: string, settings: CommandSettings): Promise<Finding> {
  const what = 'the back end is well';
  if (settings.check === undefined) {
    const detail = 'nobody knows: without `check` an outage counts against the patches that meet it';
    return { ok: true, what, detail, todo: '' };
  }
  try {
    const { text } = await createCommandBackend({ name, ...settings }).checkHealth();
    return { ok: true, what, detail: text, todo: '' };
  } catch (error) {
    const known = error instanceof SidegateError;
    const todo = 'Run the check script by hand: docs/command-backends.md.';
    return { ok: false, what, detail: known ? error.detail : errorText(error), todo };
  }
}
