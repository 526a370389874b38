import { serverStories } from '../../test/story/cloud/cloud-stories.ts';
import { labStories } from './lab-stories.ts';

labStories(serverStories);
