import assert from 'node:assert/strict';

export const suite = 'test_delete_server.DeleteServersTest';

export const tests = [
  {
    name: 'test_delete_active_server',
    attributes: 'id-925fdfb4-5b13-47ea-ac8a-c36ae6fddb05',
    async run(t) {
      const name = await t.createServer();

      await t.step(t.driver.destroy(name));

      assert.equal(await t.driver.instanceExists(name), false);
    },
  },
  {
    name: 'test_delete_server_while_in_shutoff_state',
    attributes: 'id-546d368c-bb6c-4645-979a-83ed16f3a6be',
    async run(t) {
      const name = await t.createServer();
      await t.step(t.driver.powerOff(name));

      await t.step(t.driver.destroy(name));
      await t.driver.destroy(name);

      assert.equal(await t.driver.instanceExists(name), false);
    },
  },
];
