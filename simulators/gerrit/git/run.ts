import { spawn } from 'node:child_process';

const timeoutMs = 120_000;
const maxOutputBytes = 256 << 20;
const maxErrorBytes = 16_384;

export interface GitOptions {
  readonly directory: string;
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The environment of every git here: nothing of the user's own configuration gets in. */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...more,
  };
}

export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

/** Runs git without a shell; resolves with its standard output, rejects with its last words. */
export function git(args: readonly string[], { directory, input, environment }: GitOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env: gitEnvironment(environment), timeout: timeoutMs });
    const output: Buffer[] = [];
    let outputBytes = 0;
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      output.push(chunk);
      if (outputBytes > maxOutputBytes) child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = `${errors}${chunk.toString()}`.slice(-maxErrorBytes);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new GitFailed(`git ${args[0]}: ${errors.trim() || `ended with ${code ?? signal}`}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

export async function gitText(args: readonly string[], options: GitOptions): Promise<string> {
  return (await git(args, options)).toString().trim();
}
