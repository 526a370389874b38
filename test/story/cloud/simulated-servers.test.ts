import { cloudStories, serverStories } from './cloud-stories.ts';
import { startOwnCloud } from './own-cloud.ts';

cloudStories('the simulated cloud', startOwnCloud, serverStories);
