import { describe } from 'vitest';
import { cloudStories } from '../../test/story/cloud/cloud-stories.ts';
import type { CloudUnderTest } from '../../test/story/world/cloud-under-test.ts';
import { labCloud } from './lab-cloud.ts';
import { labOpenstack } from './lab-openstack.ts';
import type { RealOpenstack } from './start-openstack.ts';

type Stories = (cloud: () => CloudUnderTest, openstack: RealOpenstack) => void;

/** Stories on the real OpenStack of the lab. */
export function labStories(stories: readonly Stories[]): void {
  const lab = labOpenstack();
  describe.skipIf(!lab)('stories', () => {
    const openstack = lab as RealOpenstack;
    const onLab = stories.map((story) => (cloud: () => CloudUnderTest) => story(cloud, openstack));
    cloudStories('a real OpenStack', async () => labCloud(openstack), onLab);
  });
}
