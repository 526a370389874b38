// node bench/guard/guards.ts FEILONG-URL NUMBER FOLDER: guards of so many workers in one process, as sidegate keeps them, until standard input closes.
import { join } from 'node:path';
import { DeployQueue } from '../../src/adapters/zvm/guard/deploy-queue.ts';
import { FileLedger } from '../../src/adapters/zvm/guard/file-ledger.ts';
import { openGuard } from '../../src/adapters/zvm/guard/open-guard.ts';
import { createSender } from '../../src/adapters/zvm/tokens.ts';
import { workerPrefix } from '../../src/domain/slot.ts';

const [feilong = '', number = '', folder = ''] = process.argv.slice(2);
const send = createSender({ name: 'feilong', url: feilong }, undefined);
const deploys = new DeployQueue(10);

const workers = await Promise.all(
  Array.from({ length: Number(number) }, async (_, generation) => {
    const prefix = workerPrefix({ prefix: 'ZA', generation });
    const lease = { name: prefix, prefix, worker: '127.0.0.1' };
    const ledger = await FileLedger.open(join(folder, `${prefix}.jsonl`));
    const trace = { add: () => undefined };
    const guard = await openGuard(
      { lease, ledger, trace, send, deploys },
      { address: '127.0.0.1', port: 0, tls: undefined },
    );
    return { prefix, url: guard.url };
  }),
);
process.stdin.resume().once('end', () => process.exit());
console.log(JSON.stringify({ workers }));
