import assert from 'node:assert/strict';
import { SkipTest } from './base.mjs';

export const suite = 'test_server_actions.ServerActionsTest';

export const tests = [
  {
    name: 'test_stop_start_server',
    attributes: 'id-af8eafd4-38a7-4a4b-bdbc-75145a580560',
    async run(t) {
      const name = await t.createServer();

      await t.step(t.driver.powerOff(name));
      const stopped = await t.driver.powerState(name);
      await t.step(t.driver.powerOn(name));
      const started = await t.driver.powerState(name);

      assert.deepEqual([stopped, started], ['SHUTDOWN', 'RUNNING']);
    },
  },
  {
    name: 'test_reboot_server_soft',
    attributes: 'id-4640e3ef-a5df-482e-95a1-ceeeb0faa84d',
    async run(t) {
      const name = await t.createServer();

      await t.step(t.driver.reboot(name, 'SOFT'));

      assert.equal(await t.driver.powerState(name), 'RUNNING');
    },
  },
  {
    name: 'test_reboot_server_hard',
    attributes: 'id-2cb1baf6-ac8d-4429-bf0d-ba8a0ba53e32,smoke',
    async run(t) {
      const name = await t.createServer();

      await t.step(t.driver.reboot(name, 'HARD'));

      assert.equal(await t.driver.powerState(name), 'RUNNING');
    },
  },
  {
    name: 'test_pause_unpause_server',
    attributes: 'id-bd61a9fd-062f-4670-972b-2d6c3e3b9e73',
    async run(t) {
      const name = await t.createServer();

      await t.step(t.driver.pause(name));
      await t.step(t.driver.unpause(name));

      assert.equal(await t.driver.powerState(name), 'RUNNING');
    },
  },
  {
    name: 'test_resize_server',
    attributes: 'id-1499262a-9328-4eda-9068-db1ac57498d2',
    async run() {
      throw new SkipTest('Resize is not available on z/VM.');
    },
  },
];
