import assert from 'node:assert/strict';
import { FeilongError } from '../feilong.mjs';

export const suite = 'test_servers.ServersTest';

export const tests = [
  {
    name: 'test_create_server',
    attributes: 'id-5de47127-9977-400a-936f-abcfbec1218f,smoke',
    async run(t) {
      const name = await t.createServer({ vcpus: 2, memoryMb: 1024 });

      const info = await t.driver.getInfo(name);

      assert.equal(info.state, 'RUNNING', `${name} was created and does not run`);
      assert.equal(info.vcpus, 2);
    },
  },
  {
    name: 'test_create_server_with_network',
    attributes: 'id-9f3a1f0e-55a4-4b0c-9e67-25d3f1b9c0a2',
    async run(t) {
      const name = await t.createServer({ networks: [{ ip_addr: '10.100.0.2', gateway_addr: '10.100.0.1', cidr: '10.100.0.0/28', mac_addr: 'fa:16:3e:8a:7e:61' }] });

      const lines = await t.feilong.userDirect(name);

      assert.ok(lines.some((line) => line.startsWith('NICDEF 1000 ')), `${name} has no network card in z/VM's directory`);
    },
  },
  {
    name: 'test_list_servers',
    attributes: 'id-9a438d88-10c6-4bcd-8b5b-5b6e25e1346f,smoke',
    async run(t) {
      const names = [await t.createServer(), await t.createServer()];

      const listed = await t.driver.listInstances();

      for (const name of names) assert.ok(listed.includes(name.toUpperCase()), `${name} is not in the list`);
      assert.ok(listed.every((name) => name.startsWith(t.prefix.toUpperCase())), `the list holds servers of others: ${listed}`);
    },
  },
  {
    name: 'test_create_with_existing_server_name',
    attributes: 'id-8fea6be7-065e-47cf-89b8-496e6f96c699',
    async run(t) {
      const name = await t.createServer();

      await assert.rejects(t.driver.spawn({ name }), (error) => error instanceof FeilongError && error.status === 409);

      assert.ok(await t.driver.instanceExists(name), `the failed creation took the existing ${name} with it`);
    },
  },
];
