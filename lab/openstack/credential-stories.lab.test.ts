import { credentialStories } from '../../test/story/cloud/credential-stories.ts';
import { labStories } from './lab-stories.ts';

labStories([credentialStories]);
