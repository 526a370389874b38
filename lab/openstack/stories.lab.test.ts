import { describe } from 'vitest';
import { cloudStories } from '../../test/story/cloud/cloud-stories.ts';
import { imageStories } from '../../test/story/cloud/image-stories.ts';
import { labCloud } from './lab-cloud.ts';
import { labOpenstack } from './lab-openstack.ts';
import { outageStories } from './outage-stories.ts';
import type { RealOpenstack } from './start-openstack.ts';

const lab = labOpenstack();

describe.skipIf(!lab)('stories', () => {
  const openstack = lab as RealOpenstack;
  cloudStories(
    'a real OpenStack',
    async () => labCloud(openstack),
    (cloud) => {
      imageStories(cloud);
      outageStories(cloud, openstack);
    },
  );
});
