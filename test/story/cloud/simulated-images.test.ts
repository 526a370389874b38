import { cloudStories } from './cloud-stories.ts';
import { imageStories } from './image-stories.ts';
import { startOwnCloud } from './own-cloud.ts';

cloudStories('the simulated cloud', startOwnCloud, [imageStories]);
