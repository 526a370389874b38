import { cloudStories } from './cloud-stories.ts';
import { credentialStories } from './credential-stories.ts';
import { startOwnCloud } from './own-cloud.ts';

cloudStories('the simulated cloud', startOwnCloud, [credentialStories]);
