import ssh2 from 'ssh2';
import { generateSshKey } from '../../../src/shared/generate-ssh-key.ts';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | undefined;
  readonly signal: string | undefined;
}

export function newKey(): { public: string; private: string } {
  const { publicKey, privateKey } = generateSshKey('test');
  return { public: publicKey, private: privateKey };
}

export function connect(
  server: { address: string },
  port: number,
  privateKey: string,
  ...[username = 'zuul', onHostKey]: [username?: string, onHostKey?: (key: Buffer) => void]
): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    // The server may also vanish later: tests see that in `close`.
    client.on('error', reject);
    client.once('ready', () => resolve(client));
    const hostVerifier = (key: Buffer) => {
      onHostKey?.(key);
      return true;
    };
    client.connect({ host: server.address, port, username, privateKey, hostVerifier });
    // From the first packet on: the handshake takes 130 ms longer with delayed acknowledgements.
    client.setNoDelay(true);
  });
}

/** Runs a command to its end, or closes its channel once it has written something. */
export function run(
  client: ssh2.Client,
  command: string,
  input?: Buffer,
  options: { closeAfter?: 'stdout' } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const output = {
        stdout: '',
        stderr: '',
        status: undefined as number | undefined,
        signal: undefined as string | undefined,
      };
      channel.on('data', (chunk: Buffer) => {
        output.stdout += chunk.toString();
        if (options.closeAfter) channel.close();
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        output.stderr += chunk.toString();
      });
      channel.on('exit', (status: number | null, signal?: string) => {
        output.status = status ?? undefined;
        output.signal = signal?.replace(/^SIG/u, '');
      });
      channel.on('close', () => resolve(output));
      channel.end(input);
    });
  });
}
